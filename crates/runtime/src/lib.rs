//! The agent: runs replicas of services as local processes, probes them, keeps their output in files and finds them
//! again after its own restart.

mod agent;
mod backoff;
mod board;
mod connection;
mod error;
mod files;
mod plan;
mod port;
mod probe;
mod process;
mod replica;
mod sample;
mod shim;
mod spec;
mod sys;
mod user;
mod wanted;

pub use agent::{AgentOptions, Shutdown, run};
pub use error::AgentError;
pub use sample::sample_model;
pub use shim::shim_main;
pub use user::{ReplicaUser, replica_user};
