//! Which driver runs what.

use super::Driver;
use super::external::External;
use super::missing::NoContainers;
use super::process::Processes;
use crate::agent::AgentOptions;
use crate::container::Containers;
use crate::gpu::Gpus;
use domain::service::Runtime;
use link::message::HostMeans;
use std::sync::Arc;

/// All of a host.
pub struct Drivers {
    pub process: Arc<Processes>,
    container: Arc<dyn Driver>,
    external: Arc<dyn Driver>,
}

impl Drivers {
    pub fn new(options: &AgentOptions) -> Self {
        let gpus = Arc::new(Gpus::new(options.gpus_dir.clone()));
        let container: Arc<dyn Driver> = match options.container_socket.clone() {
            Some(socket) => {
                let agent_id = options.agent_id.clone();
                Arc::new(Containers::new(agent_id, socket, &options.state_dir, Arc::clone(&gpus)))
            }
            None => Arc::new(NoContainers),
        };
        Self { process: Arc::new(Processes::new(options, gpus)), container, external: Arc::new(External) }
    }

    pub fn of(&self, runtime: &Runtime) -> Arc<dyn Driver> {
        match runtime {
            Runtime::Process => Arc::clone(&self.process) as Arc<dyn Driver>,
            Runtime::Container { .. } => Arc::clone(&self.container),
            Runtime::External { .. } => Arc::clone(&self.external),
        }
    }

    pub fn all(&self) -> [Arc<dyn Driver>; 3] {
        [Arc::clone(&self.process) as Arc<dyn Driver>, Arc::clone(&self.container), Arc::clone(&self.external)]
    }

    pub fn means(&self) -> HostMeans {
        let mut means = HostMeans::default();
        for driver in self.all() {
            driver.means(&mut means);
        }
        means
    }
}
