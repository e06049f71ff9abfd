//! Ready replicas as the agents told them last.

use super::table::Endpoint;
use crate::balance::Load;
use domain::endpoint::{Endpoint as Told, MAX_WEIGHT};
use domain::id::{AgentId, ServiceId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Instant;

/// What one agent told; also the form on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentEndpoints {
    pub agent_id: AgentId,
    pub endpoints: Vec<Told>,
}

#[derive(Default)]
pub struct EndpointBook {
    agents: BTreeMap<AgentId, BTreeSet<Told>>,
    services: HashMap<ServiceId, Arc<[Arc<Endpoint>]>>,
    next_key: u64,
}

impl EndpointBook {
    /// Replaces what this agent told before. Returns the services whose ready replicas are others now.
    pub fn replace(&mut self, agent_id: AgentId, endpoints: Vec<Told>) -> BTreeSet<ServiceId> {
        let told: BTreeSet<Told> = endpoints.into_iter().collect();
        let before = self.agents.remove(&agent_id).unwrap_or_default();
        let changed: BTreeSet<ServiceId> =
            told.symmetric_difference(&before).map(|endpoint| endpoint.service_id.clone()).collect();
        self.agents.insert(agent_id, told);
        self.gather(&changed);
        changed
    }

    /// All in one go over what was told: an agent that comes may tell of every service.
    fn gather(&mut self, changed: &BTreeSet<ServiceId>) {
        // Two agents may not have the same replica; if they say so it still gets one turn.
        let mut told: BTreeMap<&ServiceId, BTreeSet<&Told>> = changed.iter().map(|id| (id, BTreeSet::new())).collect();
        for endpoint in self.agents.values().flatten() {
            if let Some(told) = told.get_mut(&endpoint.service_id) {
                told.insert(endpoint);
            }
        }
        for (service_id, told) in told {
            let before = self.services.remove(service_id).unwrap_or_default();
            let mut endpoints = Vec::with_capacity(told.len());
            for told in told {
                // None weighs nothing: it would get requests as soon as there is no other.
                let weight = told.weight.clamp(1, MAX_WEIGHT);
                let same = |old: &&Arc<Endpoint>| old.replica_id == told.replica_id && old.address == told.address;
                let (key, load) = match before.iter().find(same) {
                    Some(old) if old.weight == weight => {
                        endpoints.push(old.clone());
                        continue;
                    }
                    // It has its connections and its requests under way whatever it weighs.
                    Some(old) => (old.key, old.load.clone()),
                    None => {
                        self.next_key += 1;
                        (self.next_key, Arc::new(Load::new(Instant::now())))
                    }
                };
                let (replica_id, address) = (told.replica_id.clone(), told.address);
                endpoints.push(Arc::new(Endpoint { key, replica_id, address, weight, load }));
            }
            if !endpoints.is_empty() {
                self.services.insert(service_id.clone(), endpoints.into());
            }
        }
    }

    pub fn of(&self, service_id: &ServiceId) -> Arc<[Arc<Endpoint>]> {
        self.services.get(service_id).cloned().unwrap_or_default()
    }

    pub fn told(&self) -> Vec<AgentEndpoints> {
        let told = |(agent_id, endpoints): (&AgentId, &BTreeSet<Told>)| AgentEndpoints {
            agent_id: agent_id.clone(),
            endpoints: endpoints.iter().cloned().collect(),
        };
        self.agents.iter().map(told).collect()
    }
}
