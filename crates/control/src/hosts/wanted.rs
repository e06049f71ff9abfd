//! Which host runs how many replicas of what.

use crate::compile::Fleet;
use crate::services::Sight;
use crate::{Desired, Observed};
use domain::endpoint::WantedService;
use domain::id::{HostId, ServiceId};
use domain::placement::{There, counts, on_the_way, spread};
use domain::service::{Runtime, Service};
use domain::status::ReplicaState;
use std::collections::BTreeMap;

/// What the agent of a host shall run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    pub version: u64,
    pub services: Vec<WantedService>,
}

/// Of every host, also of one that shall run nothing.
pub fn wanted(desired: &Desired, fleet: &Fleet, observed: &Observed) -> BTreeMap<HostId, Wanted> {
    let none = || Wanted { version: desired.seq, services: Vec::new() };
    let mut all: BTreeMap<HostId, Wanted> = fleet.sites().map(|(host, _)| (host.clone(), none())).collect();
    let there = seen(desired, observed);
    let nowhere = BTreeMap::new();
    for service in desired.services.values().filter(|service| service.running) {
        if let Some(rollout) = service.open_rollout() {
            for (host, part) in Sight::of(service, rollout, fleet, observed).wanted(desired) {
                if let Some(wanted) = all.get_mut(&host) {
                    wanted.services.push(part);
                }
            }
            continue;
        }
        let targets = counts(spread(service.id.as_str(), service.replicas, runners(service, fleet)));
        for (host, replicas) in on_the_way(&targets, there.get(&service.id).unwrap_or(&nowhere)) {
            if let Some(wanted) = all.get_mut(&host) {
                wanted.services.push(part(service, replicas));
            }
        }
    }
    all
}

/// The hosts that a service's replicas are spread over. Addresses of what already runs are all one host's to probe: two
/// would take the same ones, and leave others out.
pub(crate) fn runners<'a>(service: &Service, fleet: &'a Fleet) -> Vec<&'a HostId> {
    let all = fleet.runners();
    match service.spec.workload.runtime {
        Runtime::External { .. } => spread(service.id.as_str(), 1, all),
        _ => all,
    }
}

fn part(service: &Service, replicas: u32) -> WantedService {
    WantedService {
        service_id: service.id.clone(),
        name: service.name.to_string(),
        version: service.replica_version,
        replicas,
        workload: service.spec.workload.clone(),
    }
}

/// What an agent that is away had is not counted on, nor what is left of versions that are over.
fn seen(desired: &Desired, observed: &Observed) -> BTreeMap<ServiceId, BTreeMap<HostId, There>> {
    let mut seen: BTreeMap<ServiceId, BTreeMap<HostId, There>> = BTreeMap::new();
    for agent in observed.agents.values().filter(|agent| agent.connected) {
        for replica in agent.replicas.iter().filter(|replica| replica.state != ReplicaState::Stopping) {
            let wanted = desired.services.get(&replica.service_id).map(|service| service.replica_version);
            // From before there were versions they are of the first.
            if wanted != Some(replica.version.max(1)) {
                continue;
            }
            let of_service = seen.entry(replica.service_id.clone()).or_default();
            let there = of_service.entry(agent.host.clone()).or_default();
            there.all += 1;
            there.ready += u32::from(replica.state == ReplicaState::Ready);
        }
    }
    seen
}
