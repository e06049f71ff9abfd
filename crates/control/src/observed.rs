//! What engines and agents said last, and what follows from it.

use crate::compile::Configurations;
use crate::{Rate, Resized, Usage};
use chrono::{DateTime, Utc};
use domain::domain_check::DomainCheck;
use domain::endpoint::{ReplicaReport, ReplicaUsage};
use domain::gateway::Gateway;
use domain::host::{Hosts, Member};
use domain::id::{AgentId, CertificateId, DomainId, EngineId, GatewayId, HostId, ReplicaId, ServiceId};
use domain::network::HostAddress;
use domain::service::Service;
use domain::service::rollout::{Phase, Rollout};
use domain::snapshot::{Resource, ResourceKey, Snapshot};
use domain::status::{Condition, GatewayStatus, PortalStatus, Reason, ReplicaState, ServiceStatus};
use domain::view::Traffic;
use link::message::DoorReport;
use link::telemetry::{Counters, ServiceCounters};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;

#[derive(Clone, Debug, Default)]
pub struct Observed {
    pub engines: BTreeMap<EngineId, EngineState>,
    pub agents: BTreeMap<AgentId, AgentState>,
    /// Of public domains.
    pub domains: BTreeMap<DomainId, DomainCheck>,
    /// Certificates that this console orders now.
    pub(crate) ordering: BTreeSet<CertificateId>,
    /// Newest changes of gateways' sizes.
    pub(crate) resized: BTreeMap<GatewayId, Resized>,
}

#[derive(Clone, Debug)]
pub struct EngineState {
    pub host: HostId,
    pub connected: bool,
    /// Which session this is about; an older one that ends late must not speak for it.
    pub session: u64,
    /// When it connected or was lost.
    pub since: DateTime<Utc>,
    pub software: String,
    pub pid: u32,
    /// How many it may have, if there is a limit.
    pub open_files: Option<u64>,
    /// What every worker of it has loaded, as far as this console knows the contents.
    pub loaded: Option<Arc<Snapshot>>,
    /// The configuration it refused last, and why; cleared by the next it takes.
    pub refused: Option<(u64, String, DateTime<Utc>)>,
    pub doors: Vec<DoorReport>,
    /// What its host's interfaces have.
    pub addresses: Vec<HostAddress>,
    pub gateways: HashMap<GatewayId, Counters>,
    pub services: HashMap<ServiceId, ServiceCounters>,
    /// How often each service is asked.
    pub rates: HashMap<ServiceId, Rate>,
    /// Of gateways with threads of their own there.
    pub usage: HashMap<GatewayId, Usage>,
    /// Memory of its whole process.
    pub resident_bytes: Option<u64>,
    /// Start of the engine and number of the newest batch of telemetry that was taken: a batch whose receipt got lost
    /// comes again.
    pub telemetry: Option<(DateTime<Utc>, u64)>,
}

impl EngineState {
    /// One that has not been heard of since then.
    pub(crate) fn away(host: &HostId, since: DateTime<Utc>) -> Self {
        Self {
            host: host.clone(),
            connected: false,
            session: 0,
            since,
            software: String::new(),
            pid: 0,
            open_files: None,
            loaded: None,
            refused: None,
            doors: Vec::new(),
            addresses: Vec::new(),
            gateways: HashMap::new(),
            services: HashMap::new(),
            rates: HashMap::new(),
            usage: HashMap::new(),
            resident_bytes: None,
            telemetry: None,
        }
    }

    /// Whether this batch is news, which it is once.
    pub(crate) fn takes(&mut self, started_at: DateTime<Utc>, sequence: u64) -> bool {
        let is_new = self.telemetry.is_none_or(|(start, newest)| start != started_at || newest < sequence);
        if self.telemetry.is_some_and(|(start, _)| start != started_at) {
            // Its clock and its totals begin again.
            self.usage.clear();
        }
        if is_new {
            self.telemetry = Some((started_at, sequence));
        }
        is_new
    }
}

#[derive(Clone, Debug)]
pub struct AgentState {
    pub host: HostId,
    pub connected: bool,
    /// The newest session in which it has said what it runs.
    pub heard: Option<u64>,
    pub session: u64,
    pub since: DateTime<Utc>,
    pub software: String,
    pub replica_user: Option<String>,
    pub replicas: Vec<ReplicaReport>,
    pub usage: BTreeMap<ReplicaId, ReplicaUse>,
}

/// What a replica used in the time between two measurements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplicaUse {
    at_us: u64,
    cpu_us: u64,
    /// Of one core; `None` after the first measurement.
    pub cpu_percent: Option<u32>,
    pub memory_bytes: u64,
    pub gpu_percent: Option<u8>,
}

/// Answers of one replica, as engines count them; totals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReplicaAnswers {
    pub all: u64,
    /// No answer, or a 5xx.
    pub errors: u64,
    /// Under way.
    pub in_flight: u64,
}

impl EngineState {
    pub(crate) fn has(&self, key: &ResourceKey, newest: Option<&Arc<Resource>>) -> bool {
        let loaded = self.loaded.as_ref().and_then(|snapshot| snapshot.get(key));
        loaded == newest
    }

    /// The newest version that what it has loaded is. A write that makes no difference to engines is not sent to them.
    pub(crate) fn version(&self, newest: &Snapshot) -> Option<u64> {
        let loaded = self.loaded.as_ref()?;
        Some(if loaded.hash() == newest.hash() { newest.version } else { loaded.version })
    }

    fn knows(&self, key: &ResourceKey) -> bool {
        self.loaded.as_ref().is_some_and(|snapshot| snapshot.get(key).is_some())
    }
}

impl AgentState {
    /// What is known of its replicas is what is there now.
    pub(crate) fn is_up_to_date(&self) -> bool {
        self.connected && self.heard == Some(self.session)
    }

    /// Both times are of the agent's clock that nobody sets.
    pub(crate) fn measured(&mut self, at_us: u64, usage: Vec<ReplicaUsage>) {
        let before = std::mem::take(&mut self.usage);
        for each in usage {
            let percent = |old: &ReplicaUse| {
                let passed = at_us.checked_sub(old.at_us).filter(|passed| *passed > 0)?;
                // Its time begins again when it is started again.
                let used = each.cpu_us.checked_sub(old.cpu_us)?;
                u32::try_from(used.saturating_mul(100) / passed).ok()
            };
            let now = ReplicaUse {
                at_us,
                cpu_us: each.cpu_us,
                cpu_percent: before.get(&each.replica_id).and_then(percent),
                memory_bytes: each.memory_bytes,
                gpu_percent: each.gpu_percent,
            };
            self.usage.insert(each.replica_id, now);
        }
    }

    pub(crate) fn away(host: &HostId, since: DateTime<Utc>) -> Self {
        Self {
            host: host.clone(),
            connected: false,
            heard: None,
            session: 0,
            since,
            software: String::new(),
            replica_user: None,
            replicas: Vec::new(),
            usage: BTreeMap::new(),
        }
    }
}

impl Observed {
    /// Before anybody called: those that have joined are expected.
    pub(crate) fn of_hosts(hosts: &Hosts, now: DateTime<Utc>) -> Self {
        let mut observed = Self::default();
        for host in hosts.values().filter(|host| !host.removed) {
            if let Some(member) = &host.member {
                observed.expect(&host.id, member, now);
            }
        }
        observed
    }

    pub(crate) fn expect(&mut self, host: &HostId, member: &Member, now: DateTime<Utc>) {
        self.engines.entry(member.engine_id.clone()).or_insert_with(|| EngineState::away(host, now));
        self.agents.entry(member.agent_id.clone()).or_insert_with(|| AgentState::away(host, now));
    }

    /// A gateway's word, and the reasons behind it.
    pub fn gateway(&self, gateway: &Gateway, newest: &Configurations) -> (GatewayStatus, Vec<Condition>) {
        let key = ResourceKey::Gateway(gateway.id.clone());
        let mut conditions = Vec::new();
        let (mut current, mut known, mut connected, mut refused) = (0, 0, 0, 0);
        for (id, engine) in &self.engines {
            let seen_by = id.to_string();
            let (reason, detail, since) = if !engine.connected {
                (Reason::EngineDisconnected, None, engine.since)
            } else if engine.has(&key, newest.of(&engine.host).get(&key)) {
                (Reason::ConfigLoaded, None, engine.since)
            } else if let Some((_, why, at)) = &engine.refused {
                (Reason::ConfigRefused, Some(why.clone()), *at)
            } else {
                (Reason::ConfigPending, None, gateway.updated_at)
            };
            connected += usize::from(engine.connected);
            current += usize::from(reason == Reason::ConfigLoaded);
            refused += usize::from(reason == Reason::ConfigRefused);
            known += usize::from(engine.connected && engine.knows(&key));
            conditions.push(Condition { reason, detail, since, seen_by });
        }
        let closed = self.shared_doors_closed(gateway, newest);
        let reached = closed.is_empty();
        conditions.extend(closed);
        conditions.extend(self.too_few_files(&key, newest));
        let status = match () {
            () if self.engines.is_empty() || connected == 0 => {
                if self.engines.is_empty() {
                    GatewayStatus::Creating
                } else {
                    GatewayStatus::Unknown
                }
            }
            () if refused > 0 => GatewayStatus::Failed,
            () if known > 0 && !reached => GatewayStatus::Degraded,
            () if current == self.engines.len() => GatewayStatus::Running,
            // An edit on its way to the engines is no degradation: the gateway serves as before for that moment.
            () if known == self.engines.len() => GatewayStatus::Running,
            () if known > 0 => GatewayStatus::Degraded,
            () => GatewayStatus::Creating,
        };
        (status, conditions)
    }

    /// Engines that may not open as many files as the gateway's capacity means: one for each client, one for what it
    /// asks a replica.
    fn too_few_files(&self, key: &ResourceKey, newest: &Configurations) -> Vec<Condition> {
        let needed = |engine: &EngineState| match newest.of(&engine.host).get(key).map(Arc::as_ref) {
            Some(Resource::Gateway(config)) => config.capacity.connections.map(|each| each.saturating_mul(2)),
            _ => None,
        };
        let connected = self.engines.iter().filter(|(_, engine)| engine.connected);
        let limited = connected.filter_map(|(id, engine)| Some((id, engine, engine.open_files?, needed(engine)?)));
        limited
            .filter(|(_, _, files, needed)| files < needed)
            .map(|(id, engine, files, needed)| {
                condition(Reason::FewOpenFiles, Some(format!("{files} / {needed}")), engine.since, id)
            })
            .collect()
    }

    /// The listeners that engines could not open and that the gateway's name leads to; none while its portal is off.
    fn shared_doors_closed(&self, gateway: &Gateway, newest: &Configurations) -> Vec<Condition> {
        let connected = self.engines.iter().filter(|(_, engine)| engine.connected && gateway.internet.enabled);
        let closed = connected.flat_map(|(id, engine)| engine.doors.iter().map(move |door| (id, engine, door)));
        closed
            .filter(|(_, engine, door)| {
                !door.open && newest.of(&engine.host).get(&ResourceKey::Listener(door.address)).is_some()
            })
            .map(|(id, engine, door)| {
                let error = door.error.as_deref().unwrap_or_default();
                condition(Reason::SharedBindFailed, Some(format!("{}: {error}", door.address)), engine.since, id)
            })
            .collect()
    }

    /// The Access Portal's word.
    pub fn portal(&self, gateway: &Gateway, newest: &Configurations) -> (PortalStatus, Vec<Condition>) {
        let key = ResourceKey::Gateway(gateway.id.clone());
        let has_it = |engine: &EngineState| engine.has(&key, newest.of(&engine.host).get(&key));
        let connected: Vec<_> = self.engines.iter().filter(|(_, engine)| engine.connected).collect();
        if connected.is_empty() {
            let lost =
                |(id, engine): (&EngineId, &EngineState)| condition(Reason::EngineDisconnected, None, engine.since, id);
            return (PortalStatus::Unknown, self.engines.iter().map(lost).collect());
        }
        let on_its_way = if gateway.internet.enabled { PortalStatus::Activating } else { PortalStatus::Deactivating };
        let pending: Vec<_> = connected.iter().filter(|(_, engine)| !has_it(engine)).collect();
        if !pending.is_empty() {
            let wait = |(id, engine): &&(&EngineId, &EngineState)| match &engine.refused {
                Some((_, why, at)) => condition(Reason::ConfigRefused, Some(why.clone()), *at, id),
                None => condition(Reason::ConfigPending, None, gateway.updated_at, id),
            };
            let refused = pending.iter().any(|(_, engine)| engine.refused.is_some());
            return (if refused { PortalStatus::Failed } else { on_its_way }, pending.iter().map(wait).collect());
        }
        if !gateway.internet.enabled {
            return (PortalStatus::Off, Vec::new());
        }
        let Some(port) = gateway.internet.port else { return (on_its_way, Vec::new()) };
        let mut conditions = Vec::new();
        let mut worst = PortalStatus::Activated;
        for (id, engine) in connected {
            let Some(site) = newest.fleet.get(&engine.host) else { continue };
            let own = SocketAddr::new(site.installation.own_address(), port);
            match engine.doors.iter().find(|door| door.address == own) {
                Some(door) if door.open => conditions.push(condition(Reason::Listening, None, engine.since, id)),
                Some(door) => {
                    worst = PortalStatus::Failed;
                    conditions.push(condition(Reason::BindFailed, door.error.clone(), engine.since, id));
                }
                None if worst != PortalStatus::Failed => worst = PortalStatus::Activating,
                None => {}
            }
        }
        conditions.extend(self.shared_doors_closed(gateway, newest));
        (worst, conditions)
    }

    pub fn service(&self, service: &Service) -> (ServiceStatus, u32, Vec<Condition>) {
        let (id, wanted) = (&service.id, service.replicas);
        // What an agent that is away said last is not known any more.
        let connected = self.agents.values().filter(|agent| agent.connected).flat_map(|agent| &agent.replicas);
        let replicas: Vec<_> = connected.filter(|replica| replica.service_id == *id).collect();
        let ready = replicas.iter().filter(|replica| replica.state == ReplicaState::Ready).count() as u32;
        let mut conditions: Vec<Condition> = replicas.iter().filter_map(|replica| replica_condition(replica)).collect();
        let away = self.agents.iter().filter(|(_, agent)| !agent.connected);
        let had_one = away.filter(|(_, agent)| agent.replicas.iter().any(|replica| replica.service_id == *id));
        let missed: Vec<Condition> = had_one.map(|(id, agent)| agent_away(id, agent)).collect();
        let lost = |state: &AgentState| !state.connected;
        if self.agents.is_empty() || self.agents.values().all(lost) {
            conditions.extend(self.agents.iter().map(|(id, agent)| agent_away(id, agent)));
            return (ServiceStatus::Unknown, ready, conditions);
        }
        conditions.extend(missed);
        let failed = replicas.iter().any(|replica| replica.state == ReplicaState::BackOff);
        let moves = |rollout: &&Rollout| matches!(rollout.phase, Phase::Running | Phase::Paused);
        let is_updating = service.rollout.as_ref().filter(moves).is_some();
        let status = match (service.running, ready) {
            (false, _) if replicas.is_empty() => ServiceStatus::Stopped,
            (false, _) => ServiceStatus::Stopping,
            (true, 0) if failed => ServiceStatus::Failed,
            // Nobody asks for it, and it has all that is wanted: nothing.
            (true, 0) if wanted == 0 && replicas.is_empty() => ServiceStatus::Running,
            (true, 0) if replicas.is_empty() => ServiceStatus::Creating,
            (true, 0) => ServiceStatus::Waiting,
            (true, _) if is_updating => ServiceStatus::Updating,
            (true, ready) if ready >= wanted => ServiceStatus::Running,
            (true, _) => ServiceStatus::Degraded,
        };
        (status, ready, conditions)
    }

    pub fn replicas_of(&self, id: &ServiceId) -> impl Iterator<Item = &ReplicaReport> {
        self.agents.values().flat_map(|agent| &agent.replicas).filter(move |replica| replica.service_id == *id)
    }

    pub fn gateway_traffic(&self, id: &GatewayId) -> Traffic {
        sum(self.engines.values().filter_map(|engine| engine.gateways.get(id)))
    }

    /// Thousandths of a request a second, of all engines. `now` is [`Control::uptime_ms`](crate::Control::uptime_ms).
    pub fn service_rate(&self, id: &ServiceId, now: u64) -> u64 {
        let rates = self.engines.values().filter(|engine| engine.connected).filter_map(|engine| engine.rates.get(id));
        rates.map(|rate| rate.per_second(now)).sum()
    }

    /// Of one replica of the service, from all engines that are there; `None` while none of them knows it.
    pub fn answers(&self, service: &ServiceId, replica: &ReplicaId) -> Option<ReplicaAnswers> {
        let engines = self.engines.values().filter(|engine| engine.connected);
        let counted = engines.filter_map(|engine| engine.services.get(service));
        let of_it = counted.flat_map(|counted| &counted.replicas).filter(|each| each.replica_id == *replica);
        let of_it =
            of_it.map(|each| ReplicaAnswers { all: each.requests, errors: each.failures, in_flight: each.in_flight });
        of_it.reduce(|sum, each| ReplicaAnswers {
            all: sum.all + each.all,
            errors: sum.errors + each.errors,
            in_flight: sum.in_flight + each.in_flight,
        })
    }

    pub fn service_traffic(&self, id: &ServiceId) -> Traffic {
        sum(self.engines.values().filter_map(|engine| engine.services.get(id)).map(|each| &each.counters))
    }
}

fn condition(reason: Reason, detail: Option<String>, since: DateTime<Utc>, engine: &EngineId) -> Condition {
    Condition { reason, detail, since, seen_by: engine.to_string() }
}

fn agent_away(id: &AgentId, agent: &AgentState) -> Condition {
    Condition { reason: Reason::AgentDisconnected, detail: None, since: agent.since, seen_by: id.to_string() }
}

fn replica_condition(replica: &ReplicaReport) -> Option<Condition> {
    let reason = match replica.state {
        ReplicaState::BackOff => Reason::Exited,
        ReplicaState::Unready => Reason::ProbeFailed,
        ReplicaState::Starting if replica.detail.is_some() => Reason::ProbeFailed,
        _ => return None,
    };
    Some(Condition {
        reason,
        detail: replica.detail.clone(),
        since: replica.since,
        seen_by: replica.replica_id.to_string(),
    })
}

fn sum<'a>(counters: impl Iterator<Item = &'a Counters>) -> Traffic {
    counters.fold(Traffic::default(), |sum, each| Traffic {
        requests: sum.requests + each.requests,
        status_2xx: sum.status_2xx + each.status_2xx,
        status_4xx: sum.status_4xx + each.status_4xx,
        status_5xx: sum.status_5xx + each.status_5xx,
        in_flight: sum.in_flight + each.in_flight,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::snapshot::{ListenerConfig, Scheme};

    #[test]
    fn an_engine_is_not_behind_by_what_is_none_of_its_business() {
        let snapshot = |version, listeners: &[u16]| {
            let listener = |port: &u16| {
                Resource::Listener(ListenerConfig::new(SocketAddr::from(([127, 0, 0, 1], *port)), Scheme::Http))
            };
            Arc::new(Snapshot::from_resources(version, listeners.iter().map(listener)))
        };
        let host = HostId::from_random([1; domain::id::RANDOM_LEN]);
        let mut engine = EngineState::away(&host, DateTime::UNIX_EPOCH);
        assert_eq!(engine.version(&snapshot(7, &[80])), None);
        engine.loaded = Some(snapshot(7, &[80]));
        assert_eq!(engine.version(&snapshot(9, &[80])), Some(9));
        assert_eq!(engine.version(&snapshot(9, &[81])), Some(7));
    }
}
