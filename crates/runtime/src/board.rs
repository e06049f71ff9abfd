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
        self.reports
            .values()
            .filter(|report| is_endpoint(report))
            .map(|report| Endpoint {
                service_id: report.service_id.clone(),
                replica_id: report.replica_id.clone(),
                address: report.address,
                weight: report.weight,
            })
            .collect()
    }
}

fn is_endpoint(report: &ReplicaReport) -> bool {
    report.state == ReplicaState::Ready && !report.isolated
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

    /// Of each replica, with a look at all of them at one moment.
    pub fn with<T>(&self, f: impl FnOnce(&View) -> T) -> T {
        f(&self.0.borrow())
    }

    /// The number of the ready endpoints now.
    pub fn sequence(&self) -> u64 {
        self.0.borrow().sequence
    }

    /// Thousands of replicas change one by one, so only the one that changes is looked at.
    fn change(&self, id: &ReplicaId, f: impl FnOnce(Option<&ReplicaReport>) -> Option<ReplicaReport>) {
        self.0.send_if_modified(|view| {
            let before = view.reports.get(id);
            let after = f(before);
            if before == after.as_ref() {
                return false;
            }
            let endpoint = |report: Option<&ReplicaReport>| report.filter(|r| is_endpoint(r)).map(|r| r.address);
            if endpoint(before) != endpoint(after.as_ref()) {
                view.sequence += 1;
            }
            match after {
                Some(report) => view.reports.insert(id.clone(), report),
                None => view.reports.remove(id),
            };
            true
        });
    }

    pub fn insert(&self, report: ReplicaReport) {
        self.change(&report.replica_id.clone(), |_| Some(report));
    }

    pub fn remove(&self, id: &ReplicaId) {
        self.change(id, |_| None);
    }

    /// Changes one report. A replica that is being stopped stays so, and `since` follows the state.
    pub fn update(&self, id: &ReplicaId, f: impl FnOnce(&mut ReplicaReport)) {
        self.change(id, |before| {
            let before = before?;
            let mut report = before.clone();
            f(&mut report);
            if before.state == ReplicaState::Stopping {
                report.state = before.state;
            }
            if report.state != before.state {
                report.since = crate::spec::now();
            }
            Some(report)
        });
    }

    /// A new number for the same endpoints, for an engine that has just been reached.
    pub fn renumber(&self) {
        self.0.send_modify(|view| view.sequence += 1);
    }
}
