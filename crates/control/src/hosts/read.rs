//! The hosts as their page shows them.

use crate::compile::Configurations;
use crate::{AgentState, Control, ControlError, Desired, EngineState, Missing, Observed};
use domain::host::{Host, HostDoors};
use domain::id::HostId;
use domain::role::Permission;
use domain::view::{HostStatus, HostView, HostsView, JoinTokenView, Loaded};
use identity::Principal;

/// What is on a host.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Load {
    /// Its engine and its agent say so.
    pub is_known: bool,
    pub replicas: u32,
    /// Under way.
    pub requests: u64,
}

impl Load {
    pub fn is_empty(self) -> bool {
        self.replicas == 0 && self.requests == 0
    }
}

impl Control {
    pub async fn hosts(&self, principal: &Principal) -> Result<HostsView, ControlError> {
        self.authorize_operator(principal, Permission::Read)?;
        let tokens = self.inner.store.join_tokens(self.now()).await?;
        let (desired, newest) = (self.desired(), self.newest());
        let observed = self.observed();
        let region = &self.installation().region;
        let zones = desired.networks.zones.values().filter(|(of, _)| of == region).map(|(_, zone)| zone.id.clone());
        let all = desired.hosts.values().filter(|host| !host.removed);
        let mut hosts: Vec<HostView> = all.map(|host| self.host_view(host, &desired, &observed, &newest)).collect();
        hosts.sort_by(|a, b| b.is_own.cmp(&a.is_own).then_with(|| a.name.cmp(&b.name)));
        let token =
            |row: store::JoinTokenRow| JoinTokenView { digest: row.digest, host: row.host, expires_at: row.expires_at };
        Ok(HostsView {
            link: self.inner.link.get().map(|door| door.address),
            zones: zones.collect(),
            hosts,
            waiting: tokens.into_iter().map(token).collect(),
        })
    }

    /// One of them, with all zones of the region.
    pub async fn host_with_zones(
        &self,
        principal: &Principal,
        id: &HostId,
    ) -> Result<(HostView, Vec<String>), ControlError> {
        let HostsView { zones, hosts, .. } = self.hosts(principal).await?;
        let found = hosts.into_iter().find(|each| each.id == *id);
        Ok((found.ok_or(ControlError::NotFound { what: Missing::Host })?, zones))
    }

    fn host_view(&self, host: &Host, desired: &Desired, observed: &Observed, newest: &Configurations) -> HostView {
        let engine = engine(observed, &host.id);
        let agent = agent(observed, &host.id);
        let load = load(observed, &host.id);
        let (up, away) = (engine.is_some_and(|engine| engine.connected), agent.is_none_or(|agent| !agent.connected));
        let status = match (up, !away) {
            (false, false) => HostStatus::Unknown,
            (true, true) if host.draining && load.is_empty() => HostStatus::Drained,
            (true, true) if host.draining => HostStatus::Draining,
            (true, true) => HostStatus::Running,
            _ => HostStatus::Degraded,
        };
        let own = || HostDoors {
            http: self.installation().http.clone(),
            https: self.installation().https.clone(),
            dns: self.installation().dns.clone(),
        };
        let nodes = desired.gateways.values().map(|gateway| newest.fleet.nodes(gateway).get(&host.id).copied());
        HostView {
            id: host.id.clone(),
            name: host.name.clone(),
            zone: host.zone.clone(),
            is_own: host.member.is_none(),
            draining: host.draining,
            status,
            engine_away: engine.filter(|_| !up).map(|engine| engine.since),
            agent_away: agent.filter(|agent| !agent.connected).map(|agent| agent.since),
            software: engine.map(|engine| engine.software.clone()).unwrap_or_default(),
            configuration: engine
                .map(|engine| Loaded { loaded: engine.version(newest.of(&host.id)), newest: newest.version }),
            addresses: engine.map(|engine| engine.addresses.clone()).unwrap_or_default(),
            public: host.member.as_ref().map_or_else(own, |member| member.public.clone()),
            nodes: nodes.flatten().sum(),
            replicas: load.replicas,
            requests: load.requests,
            revision: host.revision,
        }
    }

    pub(super) fn load_of(&self, host: &HostId) -> Load {
        load(&self.observed(), host)
    }
}

/// One host has one; the one that is connected, if there was another one before.
fn engine<'o>(observed: &'o Observed, host: &HostId) -> Option<&'o EngineState> {
    let of_host = observed.engines.values().filter(|engine| engine.host == *host);
    of_host.max_by_key(|engine| (engine.connected, engine.since))
}

fn agent<'o>(observed: &'o Observed, host: &HostId) -> Option<&'o AgentState> {
    let of_host = observed.agents.values().filter(|agent| agent.host == *host);
    of_host.max_by_key(|agent| (agent.connected, agent.since))
}

fn load(observed: &Observed, host: &HostId) -> Load {
    let (engine, agent) = (engine(observed, host), agent(observed, host));
    let engine = engine.filter(|engine| engine.connected);
    let agent = agent.filter(|agent| agent.connected);
    Load {
        is_known: engine.is_some() && agent.is_some(),
        replicas: agent.map_or(0, |agent| agent.replicas.len() as u32),
        requests: engine.map_or(0, |engine| engine.gateways.values().map(|each| each.in_flight).sum()),
    }
}
