//! What is seen of a service that is rolled out.

use crate::compile::Fleet;
use crate::hosts::runners;
use crate::observed::AgentState;
use crate::{Desired, Observed};
use domain::endpoint::{ReplicaReport, WantedService};
use domain::id::HostId;
use domain::service::Service;
use domain::service::rollout::{OnHost, Placed, Progress, Rollout, Scene, is_looping, progress, step};
use domain::status::ReplicaState;
use std::collections::BTreeMap;

/// Answers of new replicas that are too few to say anything about them.
const FEW_ANSWERS: u64 = 20;

pub(crate) struct Sight<'a> {
    service: &'a Service,
    rollout: &'a Rollout,
    observed: &'a Observed,
    hosts: Vec<&'a HostId>,
    there: BTreeMap<HostId, OnHost>,
    /// All hosts that take replicas have said what they run, since this console was started.
    pub is_settled: bool,
}

impl<'a> Sight<'a> {
    pub fn of(service: &'a Service, rollout: &'a Rollout, fleet: &'a Fleet, observed: &'a Observed) -> Self {
        let hosts = runners(service, fleet);
        let has_said =
            |host: &&HostId| observed.agents.values().any(|agent| agent.heard.is_some() && agent.host == **host);
        let is_settled = fleet.runners().iter().all(has_said);
        let mut there: BTreeMap<HostId, OnHost> = BTreeMap::new();
        // What was on a host that is lost is not there any more.
        for agent in counted(observed, fleet) {
            let on_host = there.entry(agent.host.clone()).or_default();
            on_host.is_silent |= !agent.is_up_to_date();
            for replica in agent.replicas.iter().filter(|replica| replica.service_id == service.id) {
                if replica.state == ReplicaState::Stopping {
                    on_host.stopping += 1;
                    continue;
                }
                let counted = on_host.versions.entry(version(replica)).or_default();
                counted.all += 1;
                counted.ready += u32::from(replica.state == ReplicaState::Ready);
            }
        }
        Self { service, rollout, observed, hosts, there, is_settled }
    }

    fn scene(&self) -> Scene<'_> {
        Scene {
            id: self.service.id.as_str(),
            wanted: self.service.replicas,
            version: self.service.replica_version,
            rollout: self.rollout,
            policy: &self.service.spec.rollout,
            insists_on_port: self.is_port_held(),
            hosts: &self.hosts,
            there: &self.there,
        }
    }

    /// The new ones insist on a port that one of the others has, so that those have to go first. Where the port is
    /// another one they stay until the new ones are ready.
    fn is_port_held(&self) -> bool {
        let Some(port) = self.service.spec.workload.insists_on_port() else { return false };
        let mut others = self.observed.replicas_of(&self.service.id);
        others.any(|replica| version(replica) != self.service.replica_version && replica.address.port() == port)
    }

    pub fn progress(&self) -> Progress {
        progress(&self.scene())
    }

    /// What each host shall run of it. From silence nothing follows: everybody keeps what they have until all have said
    /// what that is.
    pub fn wanted(&self, desired: &Desired) -> Vec<(HostId, WantedService)> {
        let placed = if self.is_settled { step(&self.scene()) } else { self.as_it_is() };
        let part = |host: &HostId, version: u32, replicas: u32| {
            let workload = desired.workload(self.service, version)?.clone();
            let (service_id, name) = (self.service.id.clone(), self.service.name.to_string());
            Some((host.clone(), WantedService { service_id, name, version, replicas, workload }))
        };
        let each =
            placed.iter().flat_map(|(host, all)| all.iter().map(move |(version, count)| (host, *version, *count)));
        each.filter_map(|(host, version, count)| part(host, version, count)).collect()
    }

    fn as_it_is(&self) -> Placed {
        let counts = |host: &OnHost| host.versions.iter().map(|(version, there)| (*version, there.all)).collect();
        self.there.iter().map(|(host, on_host)| (host.clone(), counts(on_host))).collect()
    }

    fn new_ones(&self) -> impl Iterator<Item = &ReplicaReport> {
        let of_it = self.observed.replicas_of(&self.service.id);
        of_it.filter(|replica| version(replica) == self.service.replica_version)
    }

    pub fn is_looping(&self) -> bool {
        self.new_ones().any(is_looping)
    }

    /// Of the new replicas' answers, per cent.
    pub fn errors_percent(&self) -> Option<u8> {
        let counted =
            self.new_ones().filter_map(|replica| self.observed.answers(&self.service.id, &replica.replica_id));
        let (all, errors) = counted.fold((0, 0), |(all, errors), each| (all + each.all, errors + each.errors));
        let percent = errors.saturating_mul(100).checked_div(all).filter(|_| all >= FEW_ANSWERS)?;
        u8::try_from(percent).ok()
    }
}

/// From before there were versions they are of the first.
fn version(replica: &ReplicaReport) -> u32 {
    replica.version.max(1)
}

fn counted<'a>(observed: &'a Observed, fleet: &'a Fleet) -> impl Iterator<Item = &'a AgentState> {
    observed.agents.values().filter(|agent| agent.connected || !fleet.runs_nothing(&agent.host))
}
