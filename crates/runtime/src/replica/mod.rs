//! One task for each replica: starts it, watches it, starts it again, stops it.

mod end;
mod find;
mod health;
mod live;
mod start;

pub use find::{Found, find};

use crate::agent::Shared;
use crate::backoff::after_setbacks;
use crate::spec::{LOCK, READY, ReplicaSpec, RunState, now, of_one_replica};
use crate::{files, process};
use chrono::{DateTime, Utc};
use domain::endpoint::{ReplicaReport, WantedService};
use domain::id::ReplicaId;
use domain::status::ReplicaState;
use health::Health;
use live::Live;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::time::timeout;

const OUTPUT_BYTES: u64 = 10 * 1024 * 1024;
const OUTPUT_FILES: u32 = 3;

/// How a replica is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// For good.
    Remove,
    /// Its folder stays.
    Keep,
}

pub struct Replica {
    shared: Arc<Shared>,
    spec: ReplicaSpec,
    folder: PathBuf,
    stop: watch::Receiver<Option<Stop>>,
    ready_since: Option<DateTime<Utc>>,
    /// The next start is one that nobody asked for.
    restart: bool,
}

enum End {
    Ended,
    Stopped,
}

impl Replica {
    /// A new one; it is on the board when this returns.
    pub fn fresh(
        shared: Arc<Shared>,
        replica_id: ReplicaId,
        service: &WantedService,
        stop: watch::Receiver<Option<Stop>>,
    ) -> (ReplicaId, impl Future<Output = ReplicaId> + Send + use<>) {
        let spec = ReplicaSpec {
            replica_id,
            service_id: service.service_id.clone(),
            service_name: service.name.clone(),
            workload: of_one_replica(&service.workload),
            address: shared.options.replica_address,
            port: 0,
            run: 0,
            restarts: 0,
            setbacks: 0,
            user: None,
            work_dir: None,
            program: shared.options.program.clone(),
            output_bytes: OUTPUT_BYTES,
            output_files: OUTPUT_FILES,
        };
        Self::make(shared, spec, stop, None, false)
    }

    /// One of the agent before.
    pub fn again(
        shared: Arc<Shared>,
        found: Found,
        stop: watch::Receiver<Option<Stop>>,
    ) -> (ReplicaId, impl Future<Output = ReplicaId> + Send + use<>) {
        let ended_unasked = !found.state.as_ref().and_then(|state| state.ended.as_ref()).is_some_and(|e| e.requested);
        let restart = found.live.is_none() && found.spec.run > 0 && ended_unasked;
        shared.ports.hold(&found.spec.replica_id, found.spec.port);
        Self::make(shared, found.spec, stop, found.live, restart)
    }

    fn make(
        shared: Arc<Shared>,
        spec: ReplicaSpec,
        stop: watch::Receiver<Option<Stop>>,
        live: Option<(Live, RunState)>,
        restart: bool,
    ) -> (ReplicaId, impl Future<Output = ReplicaId> + Send + use<>) {
        let id = spec.replica_id.clone();
        let folder = shared.replicas_dir().join(id.as_str());
        let ready_since = live.as_ref().and_then(|_| find::ready_since(&folder));
        let state = if ready_since.is_some() { ReplicaState::Ready } else { ReplicaState::Starting };
        shared.board.insert(ReplicaReport {
            replica_id: id.clone(),
            service_id: spec.service_id.clone(),
            state,
            address: (spec.address, spec.port).into(),
            pid: live.as_ref().and_then(|(_, state)| pid_of(state)),
            restarts: spec.restarts,
            detail: None,
            since: ready_since.unwrap_or_else(now),
        });
        let replica = Self { shared, spec, folder, stop, ready_since, restart };
        (id, replica.run(live.map(|(live, _)| live)))
    }

    async fn run(mut self, mut live: Option<Live>) -> ReplicaId {
        loop {
            let current = match live.take() {
                Some(live) => live,
                None => {
                    if !self.waited().await {
                        break;
                    }
                    match self.start().await {
                        Ok(live) => live,
                        Err(error) => {
                            self.set_back(error.to_string());
                            continue;
                        }
                    }
                }
            };
            match self.watch(&current).await {
                End::Ended => self.ended().await,
                End::Stopped => {
                    self.end(&current).await;
                    break;
                }
            }
        }
        self.finish().await;
        self.spec.replica_id
    }

    /// Waits as long as the failures so far demand; `false` when told to stop meanwhile.
    async fn waited(&mut self) -> bool {
        timeout(after_setbacks(self.spec.setbacks), told(&mut self.stop)).await.is_err()
    }

    async fn watch(&mut self, live: &Live) -> End {
        let mut health = Health::new(self.spec.workload.probe.clone(), self.address(), self.ready_since.is_some());
        let mut stop = self.stop.clone();
        loop {
            tokio::select! {
                () = live.ended() => return End::Ended,
                () = told(&mut stop) => return End::Stopped,
                (state, detail) = health.next() => self.judged(state, detail),
            }
        }
    }

    fn address(&self) -> SocketAddr {
        (self.spec.address, self.spec.port).into()
    }

    fn judged(&mut self, state: ReplicaState, detail: Option<String>) {
        let marker = self.folder.join(READY);
        match (state == ReplicaState::Ready, self.ready_since) {
            (true, None) => {
                let since = now();
                self.ready_since = Some(since);
                // Only saves the next agent a probe; so does its absence no harm.
                let _ = std::fs::write(marker, since.to_rfc3339());
            }
            (false, Some(_)) => {
                self.ready_since = None;
                let _ = std::fs::remove_file(marker);
            }
            _ => {}
        }
        self.shared.board.update(&self.spec.replica_id, |report| {
            report.state = state;
            // A replica that has not been asked yet still says why it ended the last time.
            if detail.is_some() || state == ReplicaState::Ready {
                report.detail = detail;
            }
        });
    }
}

/// Waits to be told to stop. An agent that has gone has told nothing: its replicas go on.
async fn told(stop: &mut watch::Receiver<Option<Stop>>) {
    if stop.wait_for(Option::is_some).await.is_err() {
        std::future::pending().await
    }
}

fn pid_of(state: &RunState) -> Option<u32> {
    state.child.and_then(|child| u32::try_from(child.pid).ok())
}
