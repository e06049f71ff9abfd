//! A container at work.

use super::cgroup::{Cgroup, Used};
use super::daemon::SHORT;
use super::output::Follower;
use super::{ContainerError, Containers, end, exec, label, labelled, stats};
use crate::spec::{Ended, Outcome, ReplicaSpec, now};
use bollard::errors::Error;
use bollard::models::ContainerInspectResponse;
use bollard::query_parameters::{KillContainerOptionsBuilder, WaitContainerOptionsBuilder};
use chrono::{DateTime, Utc};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;
use tokio::time::timeout;
use tokio_stream::StreamExt;

/// Between two looks at a container whose end is said to be there.
const PAUSE: Duration = Duration::from_millis(200);

/// One that runs or has just ended, or of which that is only believed since the daemon is away.
pub struct Container {
    all: Containers,
    spec: ReplicaSpec,
    folder: PathBuf,
    attached: OnceCell<Attached>,
}

/// What the daemon has said of it.
struct Attached {
    /// The daemon's own.
    id: String,
    pid: Option<u32>,
    started_at: Option<DateTime<Utc>>,
    stop_signal: String,
    cgroup: Option<Cgroup>,
    follower: Follower,
}

impl Container {
    /// The container of this start of the replica, whether the daemon can say now that it is there or not.
    pub fn of(all: &Containers, spec: &ReplicaSpec, folder: &Path) -> Self {
        Self { all: all.clone(), spec: spec.clone(), folder: folder.into(), attached: OnceCell::new() }
    }

    /// Asks for it where that has not been done yet. `false`: there is none.
    pub async fn is_there(&self) -> Result<bool, ContainerError> {
        match self.attached().await {
            Ok(_) => Ok(true),
            Err(Lost::Gone) => Ok(false),
            Err(Lost::Unknown(error)) => Err(error),
        }
    }

    async fn attached(&self) -> Result<&Attached, Lost> {
        self.attached.get_or_try_init(async || self.attach().await).await
    }

    async fn attach(&self) -> Result<Attached, Lost> {
        let found = self.all.daemon.inspect(self.spec.replica_id.as_str()).await?.ok_or(Lost::Gone)?;
        let this_start = labelled(&found, label::RUN) == Some(&self.spec.run.to_string());
        if !(self.all.is_ours(&found) && this_start && has_begun(&found)) {
            return Err(Lost::Gone);
        }
        let id = found.id.ok_or(Lost::Gone)?;
        let follower = Follower::start(Arc::clone(&self.all.daemon), &id, &self.spec, &self.folder)?;
        let state = found.state.unwrap_or_default();
        let pid = state.pid.filter(|pid| *pid > 0);
        let cgroup = pid.and_then(|pid| Cgroup::of(pid, &id));
        let signal = found.config.and_then(|config| config.stop_signal).filter(|signal| !signal.is_empty());
        Ok(Attached {
            // Of another machine, as it were, where its group is not found under it.
            pid: cgroup.as_ref().and_then(|_| u32::try_from(pid?).ok()),
            started_at: state.started_at.and_then(|at| Some(DateTime::parse_from_rfc3339(&at).ok()?.to_utc())),
            stop_signal: signal.unwrap_or_else(|| "SIGTERM".into()),
            cgroup,
            follower,
            id,
        })
    }

    pub fn pid(&self) -> Option<u32> {
        self.attached.get()?.pid
    }

    pub fn started_at(&self) -> Option<DateTime<Utc>> {
        self.attached.get()?.started_at
    }

    /// Why nothing is known of it; `None` while the daemon answers.
    pub fn silence(&self) -> Option<String> {
        self.all.daemon.silence()
    }

    pub async fn back(&self) {
        self.all.daemon.back().await;
    }

    /// Waits for the end, however long the daemon is away meanwhile.
    pub async fn ended(&self) -> Ended {
        let daemon = &self.all.daemon;
        loop {
            let attached = match self.attached().await {
                Ok(attached) => attached,
                Err(Lost::Gone) => return removed(),
                Err(Lost::Unknown(_)) => {
                    tokio::time::sleep(PAUSE).await;
                    daemon.back().await;
                    continue;
                }
            };
            if let Ok(docker) = daemon.client().await {
                let options = WaitContainerOptionsBuilder::default().condition("not-running").build();
                let _ = std::pin::pin!(docker.wait_container(&attached.id, Some(options))).next().await;
            }
            // What the wait says is less than what an inspection does, and it may have ended for another reason.
            match daemon.inspect(&attached.id).await {
                Ok(Some(found)) => {
                    let state = found.state.unwrap_or_default();
                    if state.running != Some(true) {
                        attached.follower.finished().await;
                        return end::ended(&self.spec, &state, attached.follower.last_line());
                    }
                    tokio::time::sleep(PAUSE).await;
                }
                Ok(None) => return removed(),
                Err(_) => {
                    tokio::time::sleep(PAUSE).await;
                    daemon.back().await;
                }
            }
        }
    }

    /// Tells it to end, in the image's way (SIGTERM where that says nothing), kills it after `grace`, and removes it
    /// once its last words are copied.
    pub async fn stop(&self, grace: Duration) -> Result<(), ContainerError> {
        let attached = match self.attached().await {
            Ok(attached) => attached,
            Err(Lost::Gone) => return Ok(()),
            Err(Lost::Unknown(error)) => return Err(error),
        };
        self.signal(attached, &attached.stop_signal).await?;
        if timeout(grace, self.ended()).await.is_err() {
            self.signal(attached, "SIGKILL").await?;
            // One that does not die is removed by force.
            let _ = timeout(SHORT, self.ended()).await;
        }
        self.all.remove(&self.spec.replica_id).await
    }

    async fn signal(&self, attached: &Attached, signal: &str) -> Result<(), ContainerError> {
        let options = KillContainerOptionsBuilder::default().signal(signal).build();
        let docker = self.all.daemon.client().await?;
        match docker.kill_container(&attached.id, Some(options)).await {
            // 404 and 409: it has ended already.
            Ok(()) | Err(Error::DockerResponseServerError { status_code: 404 | 409, .. }) => Ok(()),
            Err(error) => Err(self.all.daemon.wrong(&error)),
        }
    }

    /// Runs a check's command inside. While the daemon is away it waits: that says nothing about the replica.
    pub async fn exec(&self, command: &[String], patience: Duration) -> Result<(), ContainerError> {
        let daemon = &self.all.daemon;
        loop {
            let done = match self.attached().await {
                Ok(attached) => exec::exec(daemon, &attached.id, command, patience).await,
                Err(Lost::Gone) => Err(ContainerError::Refused { words: "its container is gone".into() }),
                Err(Lost::Unknown(error)) => Err(error),
            };
            match done {
                Err(error) if error.is_away() => daemon.back().await,
                done => return done,
            }
        }
    }

    /// CPU time and memory of everything in it; `None` when it has ended or nobody can say.
    pub async fn usage(&self) -> Option<Used> {
        let attached = self.attached.get()?;
        match &attached.cgroup {
            Some(cgroup) => cgroup.used(),
            None if self.silence().is_some() => None,
            None => stats::ask(&self.all.daemon, &attached.id).await.ok()?,
        }
    }
}

/// Why there is nothing to attach to.
enum Lost {
    Gone,
    Unknown(ContainerError),
}

impl<E: Into<ContainerError>> From<E> for Lost {
    fn from(error: E) -> Self {
        Self::Unknown(error.into())
    }
}

/// One that was made and never started says nothing about a start.
fn has_begun(found: &ContainerInspectResponse) -> bool {
    let Some(state) = &found.state else { return false };
    state.running == Some(true) || state.started_at.as_deref().is_some_and(|at| !at.starts_with("0001"))
}

fn removed() -> Ended {
    let reason = "its container was removed by somebody; it is started again".into();
    Ended { outcome: Outcome::NotStarted { reason }, last_line: None, requested: false, at: now(), over_memory: None }
}
