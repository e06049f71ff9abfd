//! Who runs replicas: the host as processes, a container engine, or nobody here. Kubernetes will be one more.
//!
//! A replica's task (`crate::replica`) decides when; a driver knows how. What a driver must hold to:
//!
//! - What it starts outlives the agent, and [`Driver::adopt`] of the next agent finds it: never two for one replica.
//! - [`Running::ended`] says why in words for people, and [`Running::stop`] leaves nothing of it behind.
//! - What the replica prints is in the files of `crate::output`, in its folder, or [`Driver::read_output`] says where
//!   else it is.

mod drivers;
pub mod external;
mod missing;
pub mod process;
mod progress;

pub use drivers::Drivers;
pub use progress::Progress;

use crate::container::ContainerError;
use crate::gpu::GpuError;
use crate::output;
use crate::packages::PackagesError;
use crate::port::PortError;
use crate::spec::ReplicaSpec;
use chrono::{DateTime, Utc};
use domain::id::ReplicaId;
use link::message::{HostMeans, Output, ReadOutput};
use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tonic::async_trait;

/// Why a replica was not started; told in its report.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Port(#[from] PortError),
    #[error(transparent)]
    Gpu(#[from] GpuError),
    #[error(transparent)]
    Container(#[from] ContainerError),
    #[error(transparent)]
    Packages(#[from] PackagesError),
    #[error("its folder cannot be prepared: {source}; check the disk of the agent's host")]
    Folder { source: io::Error },
    #[error("its folder is still in use by a shim; trying again")]
    Held,
    #[error("the shim {} cannot be started: {source}; check that the program is still there", program.display())]
    Shim { program: PathBuf, source: io::Error },
    #[error("this host runs no containers: {reason}; choose another runtime, or a host that has one")]
    NoContainers { reason: String },
    #[error("the mount of {source_path} at {target} needs a container; give a process the same path for both")]
    MountMoves { source_path: String, target: String },
    #[error("{path} cannot be mounted: {source}; create the folder on the agent's host")]
    MountMissing { path: String, source: io::Error },
    #[error(
        "{path} may be written by the replica's user, so a process cannot have it read-only; take the right to write \
         away, choose a container, or allow writing"
    )]
    MountWritable { path: String },
}

/// The end of what ran.
#[derive(Clone, Debug)]
pub struct Ending {
    /// A sentence for the report, with the last line of output where there is one.
    pub detail: String,
}

/// What a replica with everything it has started uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// CPU time since its start, microseconds.
    pub cpu_us: u64,
    /// What it cannot give back without trouble: without the files that the kernel only keeps at hand.
    pub memory_bytes: u64,
    /// Per cent, where known.
    pub gpu_percent: Option<u8>,
}

/// Why a check's command did not pass.
#[derive(Debug, thiserror::Error)]
pub enum ExecError {
    #[error("`{program}` of the check cannot be run: {source}; correct the check's command")]
    NotStarted { program: String, source: io::Error },
    #[error("`{program}` of the check ended with status {status}{}", of_output(last_line))]
    Failed { program: String, status: String, last_line: Option<String> },
    #[error("`{program}` of the check was killed after {seconds} s{}; give it more time", of_output(last_line))]
    Slow { program: String, seconds: u64, last_line: Option<String> },
    #[error("an external replica has no place to run a check's command; check it by TCP or HTTP")]
    Nowhere,
}

fn of_output(last_line: &Option<String>) -> String {
    last_line.as_ref().map(|line| format!(": {line}")).unwrap_or_default()
}

/// What an agent finds of a replica of the agent before.
pub struct Adopted {
    /// It runs; otherwise nothing of it does any more.
    pub running: Option<Arc<dyn Running>>,
    /// It ended because it was told to.
    pub asked: bool,
}

/// A way to run replicas. Its methods may be called for many replicas at the same time, but only by one task for each.
#[async_trait]
pub trait Driver: Send + Sync {
    /// Whether replicas have a folder with their [`ReplicaSpec`]; without one, nothing of a replica is adopted.
    fn keeps_folder(&self) -> bool {
        true
    }

    /// What has to be there before a start and may take minutes (an image, packages). Ends what may still run of the
    /// start before. The future is dropped where the replica is stopped meanwhile, and called again before each start.
    async fn prepare(&self, spec: &mut ReplicaSpec, folder: &Path, progress: &Progress) -> Result<(), StartError>;

    /// Starts what is prepared and writes `spec` to the folder ([`ReplicaSpec::save`]) before anything runs; never
    /// dropped half way, so it takes seconds at most. `spec` has the port and a new `run`.
    async fn start(&self, spec: &mut ReplicaSpec, folder: &Path) -> Result<Arc<dyn Running>, StartError>;

    /// Looks for what the agent before has started; makes sure that nothing is left where it does not run properly.
    async fn adopt(&self, spec: &ReplicaSpec, folder: &Path) -> io::Result<Adopted>;

    /// The replica is gone for good, and its folder goes next; so shall whatever else is left of it.
    async fn remove(&self, _spec: &ReplicaSpec, _folder: &Path) {}

    /// Ends what was started for replicas that nobody knows any more. Called once, after all adoptions.
    async fn sweep(&self, _known: &BTreeSet<ReplicaId>) {}

    /// A part of what the replica printed. Blocks.
    fn read_output(&self, folder: &Path, read: ReadOutput) -> Output {
        output::read(folder, read)
    }

    /// Adds what it knows of the host.
    fn means(&self, _means: &mut HostMeans) {}
}

/// A replica at work. Dropping it leaves it running.
#[async_trait]
pub trait Running: Send + Sync {
    /// On the host, where it has one.
    fn pid(&self) -> Option<u32>;

    fn started_at(&self) -> Option<DateTime<Utc>>;

    /// Where it is reached, if not at the address and port of its spec.
    fn address(&self) -> Option<SocketAddr> {
        None
    }

    /// Why nothing is known of it for now; `None` while who runs it answers.
    fn silence(&self) -> Option<String> {
        None
    }

    /// Waits for its end; nothing of it is left then. May be dropped and called again.
    async fn ended(&self) -> Ending;

    /// Tells it to end, kills it with everything that it has started after `grace`, and returns when it is gone.
    async fn stop(&self, grace: Duration);

    /// Runs a command where the replica runs, as its user, within its limits; `Ok` when it ended with status 0. It is
    /// killed at the timeout.
    async fn exec(&self, command: &[String], timeout: Duration) -> Result<(), ExecError>;

    /// `None` where nobody counts.
    async fn usage(&self) -> Option<Usage>;
}
