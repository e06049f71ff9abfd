//! Containers as the agent's replicas see them.

use super::running::Container;
use super::{ContainerError, Containers};
use crate::driver::{Adopted, Driver, Ending, ExecError, Progress, Running, StartError, Usage};
use crate::spec::{ReplicaSpec, now};
use chrono::{DateTime, Utc};
use domain::id::ReplicaId;
use link::message::HostMeans;
use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tonic::async_trait;

/// How long a stop waits for a daemon that is away. What runs on then is found again by the next agent.
const AWAY: Duration = Duration::from_secs(20);

#[async_trait]
impl Driver for Containers {
    async fn prepare(&self, spec: &mut ReplicaSpec, _: &Path, progress: &Progress) -> Result<(), StartError> {
        self.gpus.wait(spec, progress).await?;
        self.ready(spec, &|words| progress.say(&words)).await?;
        Ok(())
    }

    async fn start(&self, spec: &mut ReplicaSpec, folder: &Path) -> Result<Arc<dyn Running>, StartError> {
        spec.save(folder).map_err(|source| StartError::Folder { source })?;
        self.make(spec).await?;
        let container = Container::of(self, spec, folder);
        // One that has ended already says why when it is waited for.
        container.is_there().await?;
        Ok(Arc::new(container))
    }

    async fn adopt(&self, spec: &ReplicaSpec, folder: &Path) -> io::Result<Adopted> {
        let container = Container::of(self, spec, folder);
        // Nobody asks each container of a daemon that does not answer for the first.
        let there = match self.daemon.silence() {
            None => container.is_there().await,
            Some(_) => Ok(true),
        };
        // While the daemon is away it is believed to run: so nothing is started twice.
        let running = there.unwrap_or(true).then(|| Arc::new(container) as Arc<dyn Running>);
        if running.is_some() {
            self.gpus.hold(spec);
        }
        Ok(Adopted { asked: running.is_none(), running })
    }

    async fn remove(&self, spec: &ReplicaSpec, _: &Path) {
        self.gpus.release(&spec.replica_id);
        match Containers::remove(self, &spec.replica_id).await {
            Err(error) if error.is_away() => {
                tokio::spawn(self.clone().remove_at_last(spec.replica_id.clone()));
            }
            Err(error) => tracing::warn!(replica = %spec.replica_id, %error, "a container stays"),
            Ok(()) => {}
        }
    }

    async fn sweep(&self, known: &BTreeSet<ReplicaId>) {
        let (all, known, since) = (self.clone(), known.clone(), now());
        match Containers::sweep(&all, &known, since).await {
            Err(error) if error.is_away() => {
                tokio::spawn(async move {
                    all.daemon.back().await;
                    let _ = Containers::sweep(&all, &known, since).await;
                });
            }
            Err(error) => tracing::warn!(%error, "containers that nobody looks after cannot be looked for"),
            Ok(()) => {}
        }
    }

    fn means(&self, means: &mut HostMeans) {
        match self.daemon.told() {
            Ok(version) => means.containers = Some(version),
            Err(reason) => means.no_containers = Some(reason),
        }
    }
}

#[async_trait]
impl Running for Container {
    fn pid(&self) -> Option<u32> {
        Container::pid(self)
    }

    fn started_at(&self) -> Option<DateTime<Utc>> {
        Container::started_at(self)
    }

    fn silence(&self) -> Option<String> {
        Container::silence(self)
    }

    async fn ended(&self) -> Ending {
        Ending { detail: Container::ended(self).await.to_string() }
    }

    async fn stop(&self, grace: Duration) {
        let begun = Instant::now();
        while let Err(error) = Container::stop(self, grace).await {
            if !error.is_away() || begun.elapsed() > grace + AWAY {
                return tracing::error!(%error, "a container cannot be stopped");
            }
            let _ = tokio::time::timeout(AWAY, self.back()).await;
        }
    }

    async fn exec(&self, command: &[String], timeout: Duration) -> Result<(), ExecError> {
        let program = command.first().cloned().unwrap_or_default();
        Container::exec(self, command, timeout).await.map_err(|error| match error {
            ContainerError::Check { status, last_line } => {
                ExecError::Failed { program, status: status.to_string(), last_line }
            }
            ContainerError::Slow { seconds } => ExecError::Slow { program, seconds, last_line: None },
            other => ExecError::NotStarted { program, source: io::Error::other(other) },
        })
    }

    async fn usage(&self) -> Option<Usage> {
        let used = Container::usage(self).await?;
        Some(Usage { cpu_us: used.cpu_us, memory_bytes: used.memory_bytes, gpu_percent: None })
    }
}
