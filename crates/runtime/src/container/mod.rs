//! Replicas in containers of Docker Engine or Podman, by the API that both speak, over a Unix socket.
//!
//! The container's name is the replica's id, so the daemon itself refuses to make one twice, and labels say whose it
//! is: an agent touches nothing that another one, or a person, has made. Docker's own restart policies stay off. The
//! agent restarts, waits between and counts, as it does for processes.

mod body;
mod cgroup;
mod daemon;
mod driver;
mod end;
mod error;
mod exec;
mod gpu;
mod image;
mod make;
mod mounts;
mod output;
mod position;
mod registry;
mod remove;
mod running;
mod socket;
mod stats;

pub use error::ContainerError;
pub use socket::find_socket;

use crate::gpu::Gpus;
use bollard::models::ContainerInspectResponse;
use daemon::Daemon;
use domain::id::AgentId;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Names of labels.
mod label {
    pub const REPLICA: &str = "inference-gateway.replica";
    pub const SERVICE: &str = "inference-gateway.service";
    pub const VERSION: &str = "inference-gateway.version";
    pub const AGENT: &str = "inference-gateway.agent";
    /// Which start of the replica it is.
    pub const RUN: &str = "inference-gateway.run";
}

/// Containers of one agent. Cheap to clone.
#[derive(Clone)]
pub struct Containers {
    agent_id: AgentId,
    daemon: Arc<Daemon>,
    gpus: Arc<Gpus>,
    /// Folders of the host that no container gets to see.
    closed: Arc<[PathBuf]>,
}

impl Containers {
    /// Nothing is asked yet; the daemon may be away.
    pub fn new(agent_id: AgentId, socket: PathBuf, state_dir: &Path, gpus: Arc<Gpus>) -> Self {
        let closed = mounts::closed(&socket, state_dir).into();
        Self { agent_id, daemon: Arc::new(Daemon::new(socket)), gpus, closed }
    }

    fn is_ours(&self, found: &ContainerInspectResponse) -> bool {
        labelled(found, label::AGENT).is_some_and(|agent| agent == self.agent_id.as_str())
    }
}

fn labelled<'a>(found: &'a ContainerInspectResponse, name: &str) -> Option<&'a str> {
    Some(found.config.as_ref()?.labels.as_ref()?.get(name)?.as_str())
}
