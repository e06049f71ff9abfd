//! The data plane: from a client's connection to a replica and back.
//!
//! Told by the console (configuration) and the agent (ready replicas), it keeps both on disk and serves without
//! either. See README.md for the way of a request through the modules.
#![forbid(unsafe_code)]

// A panic ends the task of one connection because it unwinds; aborting, it would end everybody's.
#[cfg(not(any(panic = "unwind", feature = "fuzzing")))]
compile_error!("the engine needs `panic = \"unwind\"` in this profile: a panic may only end the connection it is in");

mod access;
mod admin;
mod answer;
mod auth;
mod balance;
mod config;
mod core;
mod error;
mod files;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzz;
mod headers;
mod host;
mod http1;
mod limit;
mod listener;
mod message;
mod names;
mod pipeline;
mod record;
mod reports;
mod route;
mod run;
mod session;
mod sockets;
mod store;
mod trace;
mod upstream;
mod websocket;
mod worker;

pub use error::EngineError;
pub use run::{EngineOptions, run};
pub use sockets::{Place, Sockets, Use};
pub use worker::Drain;
