//! The replicas' tasks, as the agent's loop holds them.

use super::Shared;
use crate::plan::{Seen, plan};
use crate::replica::{Found, Replica, Stop};
use crate::spec::of_one_replica;
use crate::wanted::Wanted;
use domain::endpoint::WantedService;
use domain::id::{RANDOM_LEN, ReplicaId, ServiceId};
use domain::service::Workload;
use domain::status::ReplicaState;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::JoinSet;

struct Handle {
    service_id: ServiceId,
    workload: Workload,
    stop: watch::Sender<Option<Stop>>,
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
        self.shared.ports.insist(services.iter().filter_map(|service| service.workload.fixed_port).collect());
    }

    /// A replica of the agent before: one that runs is adopted whatever is wanted (the plan stops it in order), a
    /// dead one lives again only where one like it is missing. Those that run come first.
    pub async fn take_over(&mut self, found: Found, wanted: Option<&Wanted>) {
        let alike =
            |handle: &&Handle| handle.service_id == found.spec.service_id && handle.workload == found.spec.workload;
        let there = self.handles.values().filter(alike).count();
        let missing = wanted.is_some_and(|wanted| {
            wanted.services.iter().any(|service| {
                service.service_id == found.spec.service_id
                    && of_one_replica(&service.workload) == found.spec.workload
                    && there < usize::try_from(service.workload.replicas).unwrap_or(usize::MAX)
            })
        });
        if found.is_live() || missing {
            let (service_id, workload) = (found.spec.service_id.clone(), found.spec.workload.clone());
            self.spawn(service_id, workload, |shared, stop| Replica::again(shared, found, stop));
        } else {
            found.remove().await;
        }
    }

    fn spawn<F>(
        &mut self,
        service_id: ServiceId,
        workload: Workload,
        make: impl FnOnce(Arc<Shared>, watch::Receiver<Option<Stop>>) -> (ReplicaId, F),
    ) where
        F: Future<Output = ReplicaId> + Send + 'static,
    {
        let (stop, stopped) = watch::channel(None);
        let (id, task) = make(Arc::clone(&self.shared), stopped);
        self.handles.insert(id, Handle { service_id, workload, stop });
        self.tasks.spawn(task);
    }

    pub fn reconcile(&mut self, wanted: &[WantedService]) {
        let view = self.shared.board.view();
        let seen = self.handles.iter().map(|(id, handle)| Seen {
            replica_id: id.clone(),
            service_id: handle.service_id.clone(),
            workload: handle.workload.clone(),
            // One that has left the board is on its last steps.
            state: view.reports.get(id).map_or(ReplicaState::Stopping, |report| report.state),
        });
        let seen = seen.collect::<Vec<_>>();
        let plan = plan(wanted, &seen);
        for id in &plan.stop {
            self.stop(id, Stop::Remove);
        }
        for service in plan.start {
            let mut random = [0; RANDOM_LEN];
            if let Err(error) = getrandom::fill(&mut random) {
                tracing::error!(%error, "no random bytes for a replica's id");
                return;
            }
            let id = ReplicaId::from_random(random);
            let workload = of_one_replica(&service.workload);
            self.spawn(service.service_id.clone(), workload, |shared, stop| Replica::fresh(shared, id, service, stop));
        }
    }

    fn stop(&self, id: &ReplicaId, how: Stop) {
        let Some(handle) = self.handles.get(id) else { return };
        // At once, so that the engine hears of all that end together in one message.
        self.shared.board.update(id, |report| report.state = ReplicaState::Stopping);
        handle.stop.send_replace(Some(how));
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
