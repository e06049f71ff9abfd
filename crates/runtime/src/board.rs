//! What is known of all replicas, for everybody who wants to know.

use domain::endpoint::{Endpoint, ReplicaReport};
use domain::id::ReplicaId;
use domain::status::ReplicaState;
use std::collections::BTreeMap;
use std::time::SystemTime;
use tokio::sync::watch;

/// All replicas now.
#[derive(Clone, Debug, Default)]
pub struct View {
    pub reports: BTreeMap<ReplicaId, ReplicaReport>,
    /// Grows whenever the ready endpoints change, also across restarts of the agent.
    pub sequence: u64,
}

impl View {
    pub fn endpoints(&self) -> Vec<Endpoint> {
        let ready = self.reports.values().filter(|report| report.state == ReplicaState::Ready);
        ready
            .map(|report| Endpoint {
                service_id: report.service_id.clone(),
                replica_id: report.replica_id.clone(),
                address: report.address,
            })
            .collect()
    }
}

/// Written by replicas, read by the agent and its connections.
pub struct Board(watch::Sender<View>);

impl Board {
    pub fn new() -> Self {
        // Microseconds since 1970 are larger than any number that an agent before has counted to.
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let sequence = u64::try_from(since.as_micros()).unwrap_or(1);
        Self(watch::Sender::new(View { reports: BTreeMap::new(), sequence }))
    }

    pub fn subscribe(&self) -> watch::Receiver<View> {
        self.0.subscribe()
    }

    pub fn view(&self) -> View {
        self.0.borrow().clone()
    }

    fn change(&self, f: impl FnOnce(&mut BTreeMap<ReplicaId, ReplicaReport>)) {
        self.0.send_if_modified(|view| {
            let before = view.clone();
            f(&mut view.reports);
            if view.endpoints() != before.endpoints() {
                view.sequence += 1;
            }
            view.reports != before.reports
        });
    }

    pub fn insert(&self, report: ReplicaReport) {
        self.change(|reports| {
            reports.insert(report.replica_id.clone(), report);
        });
    }

    pub fn remove(&self, id: &ReplicaId) {
        self.change(|reports| {
            reports.remove(id);
        });
    }

    /// Changes one report. A replica that is being stopped stays so, and `since` follows the state.
    pub fn update(&self, id: &ReplicaId, f: impl FnOnce(&mut ReplicaReport)) {
        self.change(|reports| {
            let Some(report) = reports.get_mut(id) else { return };
            let before = report.state;
            f(report);
            if before == ReplicaState::Stopping {
                report.state = before;
            }
            if report.state != before {
                report.since = crate::spec::now();
            }
        });
    }

    /// A new number for the same endpoints, for an engine that has just been reached.
    pub fn renumber(&self) {
        self.0.send_modify(|view| view.sequence += 1);
    }
}
