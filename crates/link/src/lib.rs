//! The protocol between console, engines and agents: gRPC streams over Unix sockets with peer credentials.
//!
//! Engines and agents call the console and keep calling; an agent also calls its host's engine, so that ready
//! replicas reach the engine with no console running.
#![forbid(unsafe_code)]

mod codec;
pub mod message;
pub mod records;
pub mod socket;
pub mod telemetry;

mod generated {
    #![allow(clippy::all, clippy::unwrap_used, missing_docs)]
    pub mod engine {
        include!(concat!(env!("OUT_DIR"), "/inference_gateway.link.EngineLink.rs"));
    }
    pub mod agent {
        include!(concat!(env!("OUT_DIR"), "/inference_gateway.link.AgentLink.rs"));
    }
    pub mod endpoint {
        include!(concat!(env!("OUT_DIR"), "/inference_gateway.link.EndpointLink.rs"));
    }
}

pub use generated::agent::{agent_link_client, agent_link_server};
pub use generated::endpoint::{endpoint_link_client, endpoint_link_server};
pub use generated::engine::{engine_link_client, engine_link_server};

/// Largest message, bytes: the whole configuration of an engine with 100,000 services fits several times.
pub const MAX_MESSAGE: usize = 512 * 1024 * 1024;
