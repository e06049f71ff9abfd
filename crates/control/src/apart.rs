//! What was observed of replicas, service by service: who asks about a thousand services would look at all replicas of
//! all of them for each.

use crate::observed::{AgentState, Observed};
use domain::id::ServiceId;
use std::collections::HashMap;

pub(crate) struct Apart {
    /// Agents as they are, without replicas.
    nothing: Observed,
    of: HashMap<ServiceId, Observed>,
}

impl Apart {
    pub fn of(&self, id: &ServiceId) -> &Observed {
        self.of.get(id).unwrap_or(&self.nothing)
    }
}

impl Observed {
    pub(crate) fn apart(&self) -> Apart {
        let bare = |state: &AgentState| AgentState { replicas: Vec::new(), ..state.clone() };
        let agents = self.agents.iter().map(|(id, state)| (id.clone(), bare(state))).collect();
        let nothing = Observed { agents, ..Observed::default() };
        let mut of: HashMap<ServiceId, Observed> = HashMap::new();
        for (id, state) in &self.agents {
            for replica in &state.replicas {
                let own = of.entry(replica.service_id.clone()).or_insert_with(|| nothing.clone());
                if let Some(agent) = own.agents.get_mut(id) {
                    agent.replicas.push(replica.clone());
                }
            }
        }
        Apart { nothing, of }
    }
}
