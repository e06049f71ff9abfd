//! Ready replicas as engines of other hosts reach them.

use crate::Control;
use crate::compile::Fleet;
use domain::endpoint::{Endpoint, ReplicaReport};
use domain::host::{Host, Hosts};
use domain::id::{AgentId, HostId, ServiceId};
use domain::status::ReplicaState;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Of each agent that was heard of.
pub type Reachable = BTreeMap<AgentId, (HostId, Vec<Endpoint>)>;

/// Of hosts that were removed: an engine that was away then is told, too. A machine that has joined again has the same
/// agent, under another host's id.
pub fn gone(hosts: &Hosts) -> Reachable {
    let agent = |host: &Host| host.member.as_ref().map(|member| member.agent_id.clone());
    let here: BTreeSet<AgentId> = hosts.values().filter(|host| !host.removed).filter_map(agent).collect();
    let removed = hosts.values().filter(|host| host.removed);
    let none = |host: &Host| Some((agent(host).filter(|agent| !here.contains(agent))?, (host.id.clone(), Vec::new())));
    removed.filter_map(none).collect()
}

/// For engines of `host`: those of other hosts. What is on a host that nobody hears of is left out where others can
/// answer instead; where none can, better there than nowhere.
pub fn for_host(all: &Reachable, host: &HostId, fleet: &Fleet) -> BTreeMap<AgentId, Vec<Endpoint>> {
    let answering = all.values().filter(|(of, _)| !fleet.is_silent(of)).flat_map(|(_, endpoints)| endpoints);
    let answered: BTreeSet<&ServiceId> = answering.map(|endpoint| &endpoint.service_id).collect();
    let others = all.iter().filter(|(_, (of, _))| of != host);
    others
        .map(|(agent, (of, endpoints))| {
            let is_offered = |each: &&Endpoint| !fleet.is_silent(of) || !answered.contains(&each.service_id);
            (agent.clone(), endpoints.iter().filter(is_offered).cloned().collect())
        })
        .collect()
}

/// What nobody reaches from elsewhere is not offered there.
fn endpoints(replicas: &[ReplicaReport]) -> Vec<Endpoint> {
    let ready = |each: &&ReplicaReport| each.state == ReplicaState::Ready && !each.address.ip().is_loopback();
    let endpoint = |each: &ReplicaReport| Endpoint {
        service_id: each.service_id.clone(),
        replica_id: each.replica_id.clone(),
        address: each.address,
        weight: each.weight,
    };
    replicas.iter().filter(ready).map(endpoint).collect()
}

impl Control {
    /// What this agent said last; engines keep it as long as the host is one of the installation's.
    pub(crate) fn offer(&self, agent: &AgentId, host: &HostId, replicas: &[ReplicaReport]) {
        let now = (host.clone(), endpoints(replicas));
        self.inner.reachable.send_if_modified(|all| {
            let changed = all.get(agent) != Some(&now);
            if changed {
                Arc::make_mut(all).insert(agent.clone(), now);
            }
            changed
        });
    }
}
