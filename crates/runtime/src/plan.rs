//! What to start and what to stop: a pure function of what is wanted and what is there.
//!
//! The console says how many replicas there shall be of each version and changes that step by step; nothing is rolled
//! out from here.

use crate::driver::external;
use domain::endpoint::WantedService;
use domain::id::{ReplicaId, ServiceId};
use domain::service::{Runtime, Workload};
use domain::status::ReplicaState;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

/// A replica that is there.
#[derive(Clone, Debug)]
pub struct Seen<'a> {
    pub replica_id: &'a ReplicaId,
    pub service_id: &'a ServiceId,
    /// 0 from before there were versions.
    pub version: u32,
    pub workload: &'a Workload,
    pub state: ReplicaState,
    pub isolated: bool,
}

impl Seen<'_> {
    fn is_of(&self, service: &WantedService) -> bool {
        match self.version {
            0 => service.version == 0 || *self.workload == service.workload,
            version => version == service.version,
        }
    }
}

/// One replica to start.
#[derive(Debug)]
pub struct Start<'a> {
    pub service: &'a WantedService,
    /// Which one and where, of those that run elsewhere.
    pub external: Option<(ReplicaId, SocketAddr)>,
}

#[derive(Debug, Default)]
pub struct Plan<'a> {
    pub start: Vec<Start<'a>>,
    pub stop: Vec<ReplicaId>,
    /// From before there were versions, and of this one as it turns out.
    pub versions: Vec<(ReplicaId, u32)>,
}

/// The next steps.
pub fn plan<'a>(wanted: &'a [WantedService], seen: &[Seen<'_>]) -> Plan<'a> {
    let mut plan = Plan::default();
    let mut by_service: BTreeMap<&ServiceId, Vec<&Seen<'_>>> = BTreeMap::new();
    for replica in seen {
        by_service.entry(replica.service_id).or_default().push(replica);
    }
    let mut claimed: BTreeSet<&ReplicaId> = BTreeSet::new();
    let mut named = BTreeSet::new();
    for service in wanted {
        // Named twice, it would be started twice.
        if !named.insert((&service.service_id, service.version)) {
            continue;
        }
        let of_service = by_service.get(&service.service_id).map(Vec::as_slice).unwrap_or_default();
        let is_ours = |replica: &&Seen<'_>| replica.is_of(service) && !claimed.contains(replica.replica_id);
        let ours: Vec<&Seen<'_>> = of_service.iter().copied().filter(is_ours).collect();
        claimed.extend(ours.iter().map(|replica| replica.replica_id));
        let unversioned = ours.iter().filter(|replica| replica.version != service.version);
        plan.versions.extend(unversioned.map(|replica| (replica.replica_id.clone(), service.version)));
        match &service.workload.runtime {
            Runtime::External { addresses, .. } => plan_external(service, addresses, &ours, &mut plan),
            _ => plan_started(service, &ours, &mut plan),
        }
    }
    let unwanted = seen.iter().filter(|replica| !claimed.contains(replica.replica_id) && stays(replica));
    plan.stop.extend(unwanted.map(|replica| replica.replica_id.clone()));
    plan
}

fn stays(replica: &Seen<'_>) -> bool {
    replica.state != ReplicaState::Stopping
}

fn plan_started<'a>(service: &'a WantedService, ours: &[&Seen<'_>], plan: &mut Plan<'a>) {
    let replicas = usize::try_from(service.replicas).unwrap_or(usize::MAX);
    let mut staying: Vec<&Seen<'_>> = ours.iter().copied().filter(|replica| stays(replica)).collect();
    // Those first that serve nothing.
    staying.sort_by_key(|replica| match replica.state {
        ReplicaState::BackOff => 0,
        ReplicaState::Starting => 1,
        ReplicaState::Unready => 2,
        ReplicaState::Ready | ReplicaState::Stopping => 3 + u8::from(!replica.isolated),
    });
    let surplus = staying.len().saturating_sub(replicas);
    plan.stop.extend(staying.iter().take(surplus).map(|replica| replica.replica_id.clone()));
    let missing = replicas.saturating_sub(staying.len());
    plan.start.extend(std::iter::repeat_with(|| Start { service, external: None }).take(missing));
}

/// Each address is one, the first ones where fewer are wanted.
fn plan_external<'a>(service: &'a WantedService, addresses: &[SocketAddr], ours: &[&Seen<'_>], plan: &mut Plan<'a>) {
    let replicas = usize::try_from(service.replicas).unwrap_or(usize::MAX);
    let id = |address: &SocketAddr| (external::replica_id(&service.service_id, service.version, *address), *address);
    let mut missing: BTreeMap<ReplicaId, SocketAddr> = addresses.iter().take(replicas).map(id).collect();
    for replica in ours {
        // One that is being stopped has the id of the one that shall come; that one waits.
        if missing.remove(replica.replica_id).is_none() && stays(replica) {
            plan.stop.push(replica.replica_id.clone());
        }
    }
    plan.start.extend(missing.into_iter().map(|external| Start { service, external: Some(external) }));
}

#[cfg(test)]
mod tests;
