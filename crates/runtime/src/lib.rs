//! The agent: runs replicas of services as local processes, probes them, keeps their output in files and finds them
//! again after its own restart.

mod agent;
mod backoff;
mod board;
mod cgroup;
mod connection;
mod container;
mod driver;
mod error;
mod files;
mod gpu;
mod group;
mod health;
mod output;
mod packages;
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
pub use container::find_socket;
pub use error::AgentError;
pub use gpu::NVIDIA as NVIDIA_GPUS;
pub use sample::sample_model;
pub use shim::shim_main;
pub use user::{ReplicaUser, replica_user};
