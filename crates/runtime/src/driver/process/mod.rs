//! Processes of this host, each under a shim that outlives the agent.

mod adopt;
mod live;
mod mounts;
mod running;
mod start;

pub use adopt::discard;

use super::{Adopted, Driver, Progress, Running, StartError};
use crate::agent::AgentOptions;
use crate::cgroup::Cgroups;
use crate::gpu::Gpus;
use crate::packages::Packages;
use crate::spec::{ReplicaSpec, RunState, STATE};
use crate::{files, process};
use domain::id::ReplicaId;
use link::message::HostMeans;
use running::Process;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tonic::async_trait;

/// The embedded default.
pub struct Processes {
    cgroups: Cgroups,
    gpus: Arc<Gpus>,
    packages: Packages,
    program: PathBuf,
}

impl Processes {
    pub fn new(options: &AgentOptions, gpus: Arc<Gpus>) -> Self {
        Self {
            gpus,
            cgroups: if options.control_groups { Cgroups::detect() } else { Cgroups::none() },
            packages: Packages::new(options.state_dir.join("venvs"), options.replica_user.clone()),
            program: options.program.clone(),
        }
    }
}

#[async_trait]
impl Driver for Processes {
    async fn prepare(&self, spec: &mut ReplicaSpec, folder: &Path, progress: &Progress) -> Result<(), StartError> {
        let _lock = start::lock(folder).await?;
        if let Some(state) = state(folder) {
            live::clear(&state, spec).await;
        }
        mounts::check(spec)?;
        self.gpus.wait(spec, progress).await?;
        spec.venv = self.packages.prepare(spec, folder, progress).await?;
        Ok(())
    }

    async fn start(&self, spec: &mut ReplicaSpec, folder: &Path) -> Result<Arc<dyn Running>, StartError> {
        let wrong = |source| StartError::Folder { source };
        let lock = start::lock(folder).await?;
        spec.work_dir = start::work_dir(folder, spec.user.as_ref()).map_err(wrong)?;
        spec.program = self.program.clone();
        spec.cgroup = self.cgroups.of(&spec.replica_id, spec.run);
        spec.save(folder).map_err(wrong)?;
        let live = start::spawn_shim(spec, folder, lock)?;
        let state = start::begun(folder, spec.run, &live).await;
        Ok(Arc::new(Process { live, spec: spec.clone(), folder: folder.into(), state }))
    }

    async fn adopt(&self, spec: &ReplicaSpec, folder: &Path) -> io::Result<Adopted> {
        self.packages.use_by(spec);
        let adopted = adopt::adopt(spec, folder).await?;
        if adopted.running.is_some() {
            self.gpus.hold(spec);
        }
        Ok(adopted)
    }

    async fn remove(&self, spec: &ReplicaSpec, folder: &Path) {
        // Of a start before, where the replica was stopped while the next one was being prepared.
        if let Some(state) = state(folder) {
            live::clear(&state, spec).await;
        }
        self.gpus.release(&spec.replica_id);
    }

    async fn sweep(&self, _: &BTreeSet<ReplicaId>) {
        self.packages.sweep().await;
    }

    fn means(&self, means: &mut HostMeans) {
        self.cgroups.means(means);
        self.gpus.means(means);
        means.cores = std::thread::available_parallelism().map_or(0, |cores| u32::try_from(cores.get()).unwrap_or(0));
        means.memory_mib = process::memory_of_host() / (1024 * 1024);
    }
}

/// The newest start that the shim told of.
fn state(folder: &Path) -> Option<RunState> {
    files::read_json(&folder.join(STATE)).ok().flatten()
}
