//! A process at work, under its shim.

use super::live::{self, Live};
use super::state;
use crate::driver::{Ending, ExecError, Running, Usage};
use crate::process;
use crate::shim::exec;
use crate::spec::{Ended, ReplicaSpec, RunState, SHIM_LOG};
use chrono::{DateTime, Utc};
use rustix::process::Signal;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::timeout;
use tonic::async_trait;

/// What a shim may take longer than the grace period.
const SHIM_PATIENCE: Duration = Duration::from_secs(10);

pub struct Process {
    pub live: Live,
    pub spec: ReplicaSpec,
    pub folder: PathBuf,
    /// `None` where the shim has said nothing.
    pub state: Option<RunState>,
}

impl Process {
    async fn clear(&self) {
        if let Some(state) = state(&self.folder) {
            live::clear(&state, &self.spec).await;
        }
    }
}

#[async_trait]
impl Running for Process {
    fn pid(&self) -> Option<u32> {
        self.state.as_ref()?.child.and_then(|child| u32::try_from(child.pid).ok())
    }

    fn started_at(&self) -> Option<DateTime<Utc>> {
        self.state.as_ref().map(|state| state.started_at)
    }

    async fn ended(&self) -> Ending {
        self.live.ended().await;
        let state = state(&self.folder).filter(|state| state.run == self.spec.run);
        let detail = match state {
            Some(RunState { ended: Some(ended), .. }) => Ended::to_string(&ended),
            Some(_) => {
                self.clear().await;
                "its shim was killed, and the replica with it; it is started again".into()
            }
            None => {
                let words = std::fs::read_to_string(self.folder.join(SHIM_LOG)).unwrap_or_default();
                let words = words.lines().last().unwrap_or("it said nothing").to_owned();
                format!("its shim could not work: {words}; look at the disk and the log of the agent's host")
            }
        };
        Ending { detail }
    }

    async fn stop(&self, grace: Duration) {
        self.live.signal(Signal::TERM);
        if timeout(grace + SHIM_PATIENCE, self.live.ended()).await.is_err() {
            tracing::error!(replica = %self.spec.replica_id, "the shim does not end; killing it");
            self.live.signal(Signal::KILL);
            self.live.ended().await;
        }
        self.clear().await;
    }

    async fn exec(&self, command: &[String], timeout: Duration) -> Result<(), ExecError> {
        exec(&self.spec, command, timeout).await
    }

    async fn usage(&self) -> Option<Usage> {
        if let Some(cgroup) = &self.spec.cgroup
            && let Some(usage) = cgroup.usage()
        {
            return Some(usage);
        }
        process::usage(self.state.as_ref()?)
    }
}
