//! The protocol between console, engines and agents: gRPC streams over Unix sockets with peer credentials, and from
//! other hosts over mutual TLS.
//!
//! Engines and agents call the console and keep calling; an agent also calls its host's engine, so that ready
//! replicas reach the engine with no console running. A host that wants to belong to a console joins it once.
#![forbid(unsafe_code)]

mod authority;
mod codec;
mod console;
mod error;
mod identity;
mod join;
mod keep_alive;
pub mod message;
mod pin;
pub mod records;
pub mod remote;
pub mod socket;
pub mod telemetry;
mod tls;
mod token;

mod generated {
    #![allow(clippy::all, clippy::unwrap_used, missing_docs)]
    pub mod join {
        include!(concat!(env!("OUT_DIR"), "/inference_gateway.link.JoinLink.rs"));
    }
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

pub use authority::{Authority, Signed};
pub use console::Console;
pub use error::{JoinError, LinkError};
pub use generated::agent::{agent_link_client, agent_link_server};
pub use generated::endpoint::{endpoint_link_client, endpoint_link_server};
pub use generated::engine::{engine_link_client, engine_link_server};
pub use generated::join::{join_link_client, join_link_server};
pub use identity::HostIdentity;
pub use join::{Joining, join};
pub use keep_alive::server;
pub use remote::Peer;
pub use token::JoinToken;

/// Of a certificate: SHA-256 of its DER.
pub type Fingerprint = domain::secret::Digest256;

/// Largest message of who has no certificate yet, bytes.
pub const MAX_JOIN: usize = 64 * 1024;
/// Largest message, bytes: the whole configuration of an engine with 100,000 services fits several times.
pub const MAX_MESSAGE: usize = 512 * 1024 * 1024;
