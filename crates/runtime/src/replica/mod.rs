//! One task for each replica: prepares it, starts it, watches it, starts it again, stops it. How, its driver knows.

mod act;
mod begin;
mod end;
mod find;
mod watch;

pub use act::{Act, ActError, is_isolated, isolate};
pub use find::{Found, find};

use crate::agent::Shared;
use crate::backoff::after_setbacks;
use crate::driver::{Driver, Running};
use crate::spec::{READY, ReplicaSpec, now};
use chrono::{DateTime, Utc};
use domain::endpoint::{ReplicaReport, WantedService};
use domain::id::ReplicaId;
use domain::service::Runtime;
use domain::status::ReplicaState;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::watch as value;
use tokio::time::timeout;

/// What a replica's task is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    pub stop: Option<Stop>,
    /// Counts the restarts that somebody asked for.
    pub restarts: u64,
}

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
    driver: Arc<dyn Driver>,
    spec: ReplicaSpec,
    folder: PathBuf,
    orders: value::Receiver<Orders>,
    /// Restarts that were carried out.
    restarted: u64,
    ready_since: Option<DateTime<Utc>>,
    /// The next start is one that nobody asked for.
    restart: bool,
    /// When its last lines were looked up last.
    looked: Option<Instant>,
}

/// How watching it came to an end.
enum End {
    /// By itself.
    Ended(String),
    /// A check says that it has to be started again.
    Failed(String),
    /// Somebody wants it started again.
    Restart,
    Stopped,
}

type Task<F> = (ReplicaId, F);

impl Replica {
    /// A new one, at `address` where it runs elsewhere; it is on the board when this returns.
    pub fn fresh(
        shared: Arc<Shared>,
        replica_id: ReplicaId,
        service: &WantedService,
        address: Option<SocketAddr>,
        orders: value::Receiver<Orders>,
    ) -> Task<impl Future<Output = ReplicaId> + Send + use<>> {
        let options = &shared.options;
        let mut spec = ReplicaSpec::fresh(replica_id, service, options.replica_address, options.program.clone());
        if let Some(address) = address {
            (spec.address, spec.port) = (address.ip(), address.port());
        }
        Self::make(shared, spec, orders, None, false)
    }

    /// One of the agent before.
    pub fn again(
        shared: Arc<Shared>,
        found: Found,
        orders: value::Receiver<Orders>,
    ) -> Task<impl Future<Output = ReplicaId> + Send + use<>> {
        let restart = found.running.is_none() && found.spec.run > 0 && !found.asked;
        shared.ports.hold(&found.spec.replica_id, found.spec.port);
        Self::make(shared, found.spec, orders, found.running, restart)
    }

    fn make(
        shared: Arc<Shared>,
        spec: ReplicaSpec,
        orders: value::Receiver<Orders>,
        running: Option<Arc<dyn Running>>,
        restart: bool,
    ) -> Task<impl Future<Output = ReplicaId> + Send + use<>> {
        let id = spec.replica_id.clone();
        let folder = shared.replicas_dir().join(id.as_str());
        let ready_since = running.as_ref().and_then(|_| ready_since(&folder));
        let state = if ready_since.is_some() { ReplicaState::Ready } else { ReplicaState::Starting };
        let address = running.as_ref().and_then(|running| running.address()).unwrap_or(spec.socket_address());
        shared.board.insert(ReplicaReport {
            replica_id: id.clone(),
            service_id: spec.service_id.clone(),
            state,
            address,
            pid: running.as_ref().and_then(|running| running.pid()),
            restarts: spec.restarts,
            detail: None,
            since: ready_since.unwrap_or_else(now),
            version: spec.version,
            started_at: running.as_ref().and_then(|running| running.started_at()),
            isolated: is_isolated(&shared, &id),
            last_lines: Vec::new(),
            weight: spec.workload.weight_of(address),
        });
        let driver = shared.drivers.of(&spec.workload.runtime);
        let restarted = orders.borrow().restarts;
        let replica = Self { shared, driver, spec, folder, orders, restarted, ready_since, restart, looked: None };
        (id, replica.run(running))
    }

    async fn run(mut self, mut running: Option<Arc<dyn Running>>) -> ReplicaId {
        loop {
            let current = match running.take() {
                Some(running) => running,
                None => {
                    if !self.waited().await {
                        break;
                    }
                    match self.begin().await {
                        Some(Ok(running)) => running,
                        Some(Err(error)) => {
                            self.set_back(error.to_string());
                            continue;
                        }
                        None => break,
                    }
                }
            };
            self.shared.keep_running(&self.spec.replica_id, Some(Arc::clone(&current)));
            let end = self.watch(&current).await;
            match end {
                End::Ended(detail) => self.set_back_after_start(detail),
                End::Failed(reason) => {
                    self.withdraw(&reason);
                    self.end(&*current).await;
                    self.set_back_after_start(reason);
                }
                End::Restart => {
                    self.withdraw("is started again, as somebody asked");
                    self.end(&*current).await;
                    self.spec.setbacks = 0;
                }
                End::Stopped => {
                    self.end(&*current).await;
                    break;
                }
            }
            self.shared.keep_running(&self.spec.replica_id, None);
        }
        self.finish().await;
        self.spec.replica_id
    }

    /// Waits as long as the failures so far demand, or until somebody wants it started; `false` when told to stop
    /// meanwhile.
    async fn waited(&mut self) -> bool {
        let (mut orders, restarted) = (self.orders.clone(), self.restarted);
        let told = async {
            match orders.wait_for(|orders| orders.stop.is_some() || orders.restarts != restarted).await {
                Ok(orders) => *orders,
                // An agent that has gone has told nothing; this task ends with it.
                Err(_) => Orders { stop: Some(Stop::Keep), restarts: restarted },
            }
        };
        let Ok(orders) = timeout(after_setbacks(self.spec.setbacks), told).await else { return true };
        self.restarted = orders.restarts;
        orders.stop.is_none()
    }

    fn is_external(&self) -> bool {
        matches!(self.spec.workload.runtime, Runtime::External { .. })
    }
}

/// Waits to be told to stop. An agent that has gone has told nothing: its replicas go on.
async fn told(orders: &mut value::Receiver<Orders>) {
    if orders.wait_for(|orders| orders.stop.is_some()).await.is_err() {
        std::future::pending().await
    }
}

fn ready_since(folder: &Path) -> Option<DateTime<Utc>> {
    std::fs::read_to_string(folder.join(READY)).ok()?.parse().ok()
}
