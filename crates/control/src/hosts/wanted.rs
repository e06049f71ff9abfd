//! Which host runs how many replicas of what.

use crate::compile::Fleet;
use crate::{Desired, Observed};
use domain::endpoint::WantedService;
use domain::id::{HostId, ServiceId};
use domain::placement::{There, counts, on_the_way, spread};
use domain::service::{Service, Workload};
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
    let there = seen(observed);
    let nowhere = BTreeMap::new();
    let runners = fleet.runners();
    for service in desired.services.values().filter(|service| service.running) {
        let targets = counts(spread(service.id.as_str(), service.workload.replicas, runners.iter().copied()));
        for (host, replicas) in on_the_way(&targets, there.get(&service.id).unwrap_or(&nowhere)) {
            if let Some(wanted) = all.get_mut(&host) {
                wanted.services.push(part(service, replicas));
            }
        }
    }
    all
}

fn part(service: &Service, replicas: u32) -> WantedService {
    WantedService {
        service_id: service.id.clone(),
        name: service.name.to_string(),
        workload: Workload { replicas, ..service.workload.clone() },
    }
}

/// What an agent that is away had is not counted on.
fn seen(observed: &Observed) -> BTreeMap<ServiceId, BTreeMap<HostId, There>> {
    let mut seen: BTreeMap<ServiceId, BTreeMap<HostId, There>> = BTreeMap::new();
    for agent in observed.agents.values().filter(|agent| agent.connected) {
        for replica in agent.replicas.iter().filter(|replica| replica.state != ReplicaState::Stopping) {
            let of_service = seen.entry(replica.service_id.clone()).or_default();
            let there = of_service.entry(agent.host.clone()).or_default();
            there.all += 1;
            there.ready += u32::from(replica.state == ReplicaState::Ready);
        }
    }
    seen
}
