//! The replicas' tasks, as the agent's loop holds them.

use super::Shared;
use crate::plan::{Seen, Start, plan};
use crate::replica::{Act, ActError, Found, Orders, Replica, Stop, isolate};
use crate::wanted::Wanted;
use domain::endpoint::{ReplicaAction, WantedService};
use domain::id::{RANDOM_LEN, ReplicaId, ServiceId};
use domain::service::{Runtime, Workload};
use domain::status::ReplicaState;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::JoinSet;

struct Handle {
    service_id: ServiceId,
    version: u32,
    workload: Workload,
    orders: watch::Sender<Orders>,
}

pub struct Handles {
    shared: Arc<Shared>,
    handles: BTreeMap<ReplicaId, Handle>,
    tasks: JoinSet<ReplicaId>,
}

impl Handles {
    pub fn new(shared: Arc<Shared>) -> Self {
        Self { shared, handles: BTreeMap::new(), tasks: JoinSet::new() }
    }

    pub fn insist_on_ports(&self, wanted: Option<&Wanted>) {
        let services = wanted.map(|wanted| wanted.services.as_slice()).unwrap_or_default();
        self.shared.ports.insist(services.iter().filter_map(|service| service.workload.insists_on_port()).collect());
    }

    /// A replica of the agent before: one that runs is adopted whatever is wanted (the plan stops it in order), a
    /// dead one lives again only where one like it is missing. Those that run come first.
    pub async fn take_over(&mut self, found: Found, wanted: Option<&Wanted>) {
        let id = &found.spec.replica_id;
        let missing = wanted.is_some_and(|wanted| {
            let mut seen = self.seen();
            let spec = &found.spec;
            seen.push(Seen {
                replica_id: id,
                service_id: &spec.service_id,
                version: spec.version,
                workload: &spec.workload,
                state: ReplicaState::BackOff,
                isolated: false,
            });
            !plan(&wanted.services, &seen).stop.contains(id)
        });
        if found.is_live() || missing {
            let spec = &found.spec;
            let (service_id, version, workload) = (spec.service_id.clone(), spec.version, spec.workload.clone());
            self.spawn(service_id, version, workload, |shared, orders| Replica::again(shared, found, orders));
        } else {
            found.remove(&self.shared).await;
        }
    }

    /// As the plan looks at them. One that has left the board is on its last steps.
    fn seen(&self) -> Vec<Seen<'_>> {
        self.shared.board.with(|view| {
            let all = self.handles.iter().map(|(id, handle)| {
                let report = view.reports.get(id);
                Seen {
                    replica_id: id,
                    service_id: &handle.service_id,
                    version: handle.version,
                    workload: &handle.workload,
                    state: report.map_or(ReplicaState::Stopping, |report| report.state),
                    isolated: report.is_some_and(|report| report.isolated),
                }
            });
            all.collect()
        })
    }

    fn spawn<F>(
        &mut self,
        service_id: ServiceId,
        version: u32,
        workload: Workload,
        make: impl FnOnce(Arc<Shared>, watch::Receiver<Orders>) -> (ReplicaId, F),
    ) where
        F: Future<Output = ReplicaId> + Send + 'static,
    {
        let (orders, ordered) = watch::channel(Orders::default());
        let (id, task) = make(Arc::clone(&self.shared), ordered);
        self.handles.insert(id, Handle { service_id, version, workload, orders });
        self.tasks.spawn(task);
    }

    pub fn reconcile(&mut self, wanted: &[WantedService]) {
        let plan = plan(wanted, &self.seen());
        for (id, version) in &plan.versions {
            if let Some(handle) = self.handles.get_mut(id) {
                handle.version = *version;
            }
            self.shared.board.update(id, |report| report.version = *version);
        }
        for id in &plan.stop {
            self.stop(id, Stop::Remove);
        }
        for Start { service, external } in plan.start {
            let (id, address) = match external {
                Some((id, address)) => (id, Some(address)),
                None => match random_id() {
                    Some(id) => (id, None),
                    None => return,
                },
            };
            let (service_id, workload) = (service.service_id.clone(), service.workload.clone());
            let make = |shared, orders| Replica::fresh(shared, id, service, address, orders);
            self.spawn(service_id, service.version, workload, make);
        }
    }

    fn stop(&self, id: &ReplicaId, how: Stop) {
        let Some(handle) = self.handles.get(id) else { return };
        // At once, so that the engine hears of all that end together in one message.
        self.shared.board.update(id, |report| report.state = ReplicaState::Stopping);
        handle.orders.send_modify(|orders| orders.stop = Some(how));
    }

    /// Done, or on its way, when it returns.
    pub fn act(&self, act: &Act) -> Result<(), ActError> {
        let id = &act.replica_id;
        let handle = self.handles.get(id).ok_or_else(|| ActError::Gone(id.clone()))?;
        let state = self.shared.board.with(|view| view.reports.get(id).map(|report| report.state));
        if state.is_none_or(|state| state == ReplicaState::Stopping) {
            return Err(ActError::Stopping);
        }
        let external = matches!(handle.workload.runtime, Runtime::External { .. });
        match act.action {
            ReplicaAction::Restart | ReplicaAction::Delete if external => Err(ActError::Elsewhere),
            ReplicaAction::Restart => {
                handle.orders.send_modify(|orders| orders.restarts += 1);
                Ok(())
            }
            ReplicaAction::Delete => {
                self.stop(id, Stop::Remove);
                Ok(())
            }
            ReplicaAction::Isolate => isolate(&self.shared, id, true),
            ReplicaAction::Admit => isolate(&self.shared, id, false),
        }
    }

    /// Waits for the end of any task; forever where there is none.
    pub async fn one_ended(&mut self) {
        match self.tasks.join_next().await {
            Some(Ok(id)) => {
                self.handles.remove(&id);
            }
            // A bug. Going on would leave a process that nobody watches; the next agent finds it again.
            Some(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Some(Err(_)) => {}
            None => std::future::pending().await,
        }
    }

    /// Their folders stay: the same replicas start with the next agent.
    pub async fn stop_all(&mut self) {
        let ids: Vec<ReplicaId> = self.handles.keys().cloned().collect();
        for id in &ids {
            self.stop(id, Stop::Keep);
        }
        while !self.tasks.is_empty() {
            self.one_ended().await;
        }
    }

    /// The tasks end; the replicas do not notice.
    pub async fn leave(&mut self) {
        self.tasks.shutdown().await;
    }
}

fn random_id() -> Option<ReplicaId> {
    let mut random = [0; RANDOM_LEN];
    match getrandom::fill(&mut random) {
        Ok(()) => Some(ReplicaId::from_random(random)),
        Err(error) => {
            tracing::error!(%error, "no random bytes for a replica's id");
            None
        }
    }
}
