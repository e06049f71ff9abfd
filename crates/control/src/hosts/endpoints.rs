//! Ready replicas as engines of other hosts reach them.

use crate::Control;
use domain::endpoint::{Endpoint, ReplicaReport};
use domain::host::{Host, Hosts};
use domain::id::{AgentId, HostId};
use domain::status::ReplicaState;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Of each agent that was heard of.
pub type Reachable = BTreeMap<AgentId, (HostId, Vec<Endpoint>)>;

/// Of hosts that were removed: an engine that was away then is told, too.
pub fn gone(hosts: &Hosts) -> Reachable {
    let removed = hosts.values().filter(|host| host.removed);
    let none = |host: &Host| Some((host.member.as_ref()?.agent_id.clone(), (host.id.clone(), Vec::new())));
    removed.filter_map(none).collect()
}

/// What nobody reaches from elsewhere is not offered there.
fn endpoints(replicas: &[ReplicaReport]) -> Vec<Endpoint> {
    let ready = |each: &&ReplicaReport| each.state == ReplicaState::Ready && !each.address.ip().is_loopback();
    let endpoint = |each: &ReplicaReport| Endpoint {
        service_id: each.service_id.clone(),
        replica_id: each.replica_id.clone(),
        address: each.address,
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
