//! What to start and what to stop: a pure function of what is wanted and what is there.

use crate::spec::of_one_replica;
use domain::endpoint::WantedService;
use domain::id::{ReplicaId, ServiceId};
use domain::service::Workload;
use domain::status::ReplicaState;

/// A replica that is there.
#[derive(Clone, Debug)]
pub struct Seen {
    pub replica_id: ReplicaId,
    pub service_id: ServiceId,
    /// As of one replica.
    pub workload: Workload,
    pub state: ReplicaState,
}

#[derive(Debug, Default)]
pub struct Plan<'a> {
    /// One entry for each replica.
    pub start: Vec<&'a WantedService>,
    pub stop: Vec<ReplicaId>,
}

/// The next steps. Steps that have to wait for these (the old replica stops when the new one is ready) come with the
/// next call, when something has changed.
pub fn plan<'a>(wanted: &'a [WantedService], seen: &[Seen]) -> Plan<'a> {
    let mut plan = Plan::default();
    let named = |replica: &&Seen| wanted.iter().any(|service| service.service_id == replica.service_id);
    let unwanted = seen.iter().filter(|replica| replica.state != ReplicaState::Stopping && !named(replica));
    plan.stop.extend(unwanted.map(|replica| replica.replica_id.clone()));
    for service in wanted {
        let of_service: Vec<&Seen> = seen.iter().filter(|replica| replica.service_id == service.service_id).collect();
        plan_service(service, &of_service, &mut plan);
    }
    plan
}

fn plan_service<'a>(service: &'a WantedService, seen: &[&Seen], plan: &mut Plan<'a>) {
    let workload = of_one_replica(&service.workload);
    let replicas = usize::try_from(service.workload.replicas).unwrap_or(usize::MAX);
    let staying = seen.iter().copied().filter(|replica| replica.state != ReplicaState::Stopping);
    let (current, old): (Vec<&Seen>, Vec<&Seen>) = staying.partition(|replica| replica.workload == workload);

    let surplus = current.len().saturating_sub(replicas);
    plan.stop.extend(least_useful(current.clone()).take(surplus).map(|replica| replica.replica_id.clone()));

    // Old ones serve until as many new ones do; those that serve nothing only stand in the way.
    let ready = current.iter().filter(|replica| replica.state == ReplicaState::Ready).count();
    let serving = old.iter().filter(|replica| matches!(replica.state, ReplicaState::Ready | ReplicaState::Unready));
    let (serving, keep) = (serving.count(), replicas.saturating_sub(ready));
    // Two replicas cannot have one port: the old one has to go first.
    let port = service.workload.fixed_port;
    let holds_port = |replica: &&Seen| port.is_some() && replica.workload.fixed_port == port;
    let kept = if old.iter().any(holds_port) { 0 } else { keep.min(serving) };
    plan.stop.extend(least_useful(old.clone()).take(old.len() - kept).map(|replica| replica.replica_id.clone()));
    if seen.iter().any(|replica| replica.workload != workload && holds_port(replica)) {
        return;
    }

    let missing = replicas.saturating_sub(current.len());
    let start = if kept == 0 {
        missing
    } else {
        // One more than wanted at a time.
        let starting = current.len() - ready;
        missing.min((replicas - (kept + ready).min(replicas)).max(1).saturating_sub(starting))
    };
    plan.start.extend(std::iter::repeat_n(service, start));
}

/// Those first that take no requests.
fn least_useful(mut replicas: Vec<&Seen>) -> impl Iterator<Item = &Seen> {
    replicas.sort_by_key(|replica| match replica.state {
        ReplicaState::BackOff => 0,
        ReplicaState::Starting => 1,
        ReplicaState::Unready => 2,
        ReplicaState::Ready | ReplicaState::Stopping => 3,
    });
    replicas.into_iter()
}

#[cfg(test)]
mod tests;
