//! A session with an engine: it says what it has, gets what it lacks, and says what it saw.

use super::caller::Caller;
use crate::alb::Sample;
use crate::compile::Configurations;
use crate::hosts::{Reachable, for_host};
use crate::observed::EngineState;
use crate::{Control, Observed, Recorded, clock};
use domain::endpoint::Endpoint;
use domain::id::{AgentId, EngineId};
use domain::snapshot::{Delta, Snapshot, SnapshotHash};
use link::engine_link_server::EngineLink;
use link::message::{EngineDown, EngineHello, EngineUp};
use link::telemetry::{Counters, GatewayUsage, Telemetry};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Response, Status, Streaming};

pub(super) struct Engines(pub Control);

#[tonic::async_trait]
impl EngineLink for Engines {
    type SessionStream = Pin<Box<dyn Stream<Item = Result<EngineDown, Status>> + Send>>;

    async fn session(&self, request: Request<Streaming<EngineUp>>) -> Result<Response<Self::SessionStream>, Status> {
        let caller = Caller::of(&self.0, &request)?;
        let (sender, receiver) = mpsc::channel(16);
        tokio::spawn(run(self.0.clone(), caller, request.into_inner(), sender));
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver).map(Ok))))
    }
}

async fn run(control: Control, caller: Caller, mut up: Streaming<EngineUp>, down: mpsc::Sender<EngineDown>) {
    let Some(Ok(EngineUp::Hello(hello))) = up.next().await else { return };
    let id = hello.engine_id.clone();
    if caller.member.as_ref().is_some_and(|member| member.engine_id != id) {
        tracing::warn!(engine = %id, host = %caller.host, "refused an engine that is another host's");
        return;
    }
    tracing::info!(engine = %id, version = hello.version, "engine connected");
    // Listeners depend on them; what is sent first must not close any.
    control.set_host(&caller.host, &hello.addresses).await;
    if let Some(public) = &hello.public
        && let Err(error) = control.note_doors(&caller.host, public).await
    {
        tracing::error!(host = %caller.host, %error, "where a host listens could not be written down");
    }
    let mut session = Session::new(control, caller, hello);
    if session.sent.is_some() {
        session.control.heard_of(&session.caller.host, true).await;
    }
    session.run(up, down).await;
    // A newer session of the same engine may be there already.
    let Session { control, caller, number, .. } = session;
    control.observe(|observed| {
        if let Some(state) = observed.engines.get_mut(&id)
            && state.session == number
        {
            state.connected = false;
            state.since = clock::now();
            if caller.is_removed(&control) {
                observed.engines.remove(&id);
            }
        }
    });
    tracing::warn!(engine = %id, "engine disconnected");
}

struct Session {
    control: Control,
    caller: Caller,
    id: EngineId,
    number: u64,
    newest: watch::Receiver<Configurations>,
    reachable: watch::Receiver<Arc<Reachable>>,
    /// Of agents on other hosts, as they were told.
    told: BTreeMap<AgentId, Vec<Endpoint>>,
    /// What the engine will have when it has done all that was sent; `None` where that is not known.
    sent: Option<Arc<Snapshot>>,
    /// Sent and not answered yet, oldest first.
    unanswered: VecDeque<Sent>,
}

/// A configuration on its way.
struct Sent {
    snapshot: Arc<Snapshot>,
    /// All of it, not a difference to what the engine had.
    whole: bool,
}

fn sample(at_us: u64, usage: &GatewayUsage, counters: &Counters) -> Sample {
    Sample {
        at_us,
        open: usage.connections,
        connections: counters.connections,
        bytes: counters.bytes_in.saturating_add(counters.bytes_out),
        requests: counters.requests,
        failed: counters.status_5xx,
    }
}

impl Session {
    fn new(control: Control, caller: Caller, hello: EngineHello) -> Self {
        let mut configurations = control.configurations();
        configurations.mark_changed();
        let mut reachable = control.reachable();
        reachable.mark_changed();
        let all = configurations.borrow().clone();
        let newest = all.of(&caller.host).clone();
        // The same contents under an older number are the same contents.
        let number = clock::tick();
        let has = (hello.hash == newest.hash()).then_some(newest);
        let is_removed = caller.is_removed(&control);
        control.observe(|observed| {
            let before = observed.engines.remove(&hello.engine_id);
            if is_removed {
                return;
            }
            let (gateways, services, rates, telemetry) =
                before.map(|state| (state.gateways, state.services, state.rates, state.telemetry)).unwrap_or_default();
            let state = EngineState {
                host: caller.host.clone(),
                connected: true,
                session: number,
                since: clock::now(),
                software: hello.software,
                pid: hello.pid,
                open_files: hello.open_files,
                loaded: has.clone(),
                refused: None,
                doors: Vec::new(),
                addresses: hello.addresses,
                gateways,
                services,
                rates,
                usage: HashMap::new(),
                resident_bytes: None,
                telemetry,
            };
            observed.engines.insert(hello.engine_id.clone(), state);
            // Perhaps it loaded what somebody waits for while nobody was there to hear it.
            if has.is_some() {
                observed.settle_resized(&all);
            }
        });
        Self {
            control,
            caller,
            id: hello.engine_id,
            number,
            newest: configurations,
            reachable,
            told: BTreeMap::new(),
            sent: has,
            unanswered: VecDeque::new(),
        }
    }

    async fn run(&mut self, mut up: Streaming<EngineUp>, down: mpsc::Sender<EngineDown>) {
        let control = self.control.clone();
        let mut settled = std::pin::pin!(control.until_settled());
        let mut is_open = false;
        loop {
            tokio::select! {
                () = &mut settled, if !is_open => is_open = true,
                changed = self.newest.changed(), if is_open => {
                    if changed.is_err() || self.send(&down).await.is_err() {
                        return;
                    }
                }
                changed = self.reachable.changed(), if is_open => {
                    if changed.is_err() || self.tell(&down).await.is_err() {
                        return;
                    }
                }
                said = up.next() => {
                    let Some(Ok(said)) = said else { return };
                    if let Some(answer) = self.hear(said).await
                        && down.send(answer).await.is_err()
                    {
                        return;
                    }
                }
            }
        }
    }

    async fn send(&mut self, down: &mpsc::Sender<EngineDown>) -> Result<(), mpsc::error::SendError<EngineDown>> {
        let newest = self.newest.borrow_and_update().of(&self.caller.host).clone();
        let delta = match &self.sent {
            Some(sent) => Delta::between(sent, &newest),
            None => Delta::whole(&newest),
        };
        if delta.is_empty() {
            return Ok(());
        }
        self.sent = Some(newest.clone());
        self.unanswered.push_back(Sent { snapshot: newest, whole: delta.from.is_none() });
        down.send(EngineDown::Config(delta)).await
    }

    /// Where replicas on other hosts are.
    async fn tell(&mut self, down: &mpsc::Sender<EngineDown>) -> Result<(), mpsc::error::SendError<EngineDown>> {
        let all = self.reachable.borrow_and_update().clone();
        // It has nothing to do with them any more.
        if self.caller.is_removed(&self.control) {
            return Ok(());
        }
        let fleet = self.newest.borrow().fleet.clone();
        for (agent_id, endpoints) in for_host(&all, &self.caller.host, &fleet) {
            if self.told.get(&agent_id) != Some(&endpoints) {
                self.told.insert(agent_id.clone(), endpoints.clone());
                down.send(EngineDown::Endpoints { agent_id, endpoints }).await?;
            }
        }
        Ok(())
    }

    async fn hear(&mut self, said: EngineUp) -> Option<EngineDown> {
        match said {
            EngineUp::Loaded { hash, .. } => {
                let loaded = self.answered(hash)?.snapshot;
                let newest = self.newest.borrow().clone();
                let is_over = loaded.is_empty() && self.caller.is_removed(&self.control);
                self.control.observe(|observed| {
                    if is_over {
                        observed.engines.remove(&self.id);
                    }
                    if let Some(state) = self.state_in(observed) {
                        state.loaded = Some(loaded);
                        state.refused = None;
                    }
                    observed.settle_resized(&newest);
                });
                self.control.heard_of(&self.caller.host, true).await;
                None
            }
            EngineUp::Refused { version, hash, reason } => {
                tracing::error!(engine = %self.id, version, reason, "an engine refused a configuration");
                let refused = self.answered(hash);
                self.update(|state| state.refused = Some((version, reason, clock::now())));
                // What it has is not what was sent: the next goes out whole, and at once, unless this was all of the
                // newest already. That would be refused again.
                if let Some(refused) = refused {
                    self.sent = None;
                    let newest = self.newest.borrow().of(&self.caller.host).hash();
                    if !(refused.whole && refused.snapshot.hash() == newest) {
                        self.newest.mark_changed();
                    }
                }
                None
            }
            EngineUp::Doors(doors) => {
                self.update(|state| state.doors = doors);
                None
            }
            EngineUp::Addresses(addresses) => {
                self.update(|state| state.addresses.clone_from(&addresses));
                self.control.set_host(&self.caller.host, &addresses).await;
                None
            }
            EngineUp::Telemetry(telemetry) => Some(self.count(telemetry)),
            EngineUp::Hello(_) | EngineUp::Unknown => None,
        }
    }

    /// The snapshot with this hash, if it was sent and not answered yet; those before it are answered with it.
    fn answered(&mut self, hash: SnapshotHash) -> Option<Sent> {
        let at = self.unanswered.iter().position(|sent| sent.snapshot.hash() == hash)?;
        self.unanswered.drain(..=at).next_back()
    }

    fn count(&self, telemetry: Telemetry) -> EngineDown {
        let Telemetry { sequence, started_at, records, .. } = telemetry;
        if self.caller.is_removed(&self.control) {
            return EngineDown::TelemetryReceived { sequence };
        }
        self.control.inner.meters.hear(&self.id, started_at, &telemetry.gateways);
        self.control.inner.watch.hear(&self.id, (started_at, sequence), &telemetry.services);
        let (mut is_new, mut is_held, now) = (false, false, self.control.uptime_ms());
        self.control.observe_quietly(|observed| {
            if let Some(state) = observed.engines.get_mut(&self.id) {
                is_new = state.takes(started_at, sequence);
                // Totals; only those that moved are in it.
                state.gateways.extend(telemetry.gateways.into_iter().map(|each| (each.gateway_id, each.counters)));
                if is_new && !telemetry.usage.is_empty() {
                    state.resident_bytes = telemetry.resident_bytes;
                    for usage in telemetry.usage {
                        let known = state.usage.entry(usage.gateway_id.clone()).or_default();
                        // Totals that were not told yet are not zero.
                        if let Some(counters) = state.gateways.get(&usage.gateway_id) {
                            known.meter.measured(sample(telemetry.usage_at_us, &usage, counters));
                        }
                        known.measured(telemetry.usage_at_us, usage);
                    }
                }
                for each in &telemetry.services {
                    state.rates.entry(each.service_id.clone()).or_default().told(now, each.counters.requests);
                }
                is_held = telemetry.services.iter().any(|each| each.held > 0);
                state.services.extend(telemetry.services.into_iter().map(|each| (each.service_id.clone(), each)));
            }
        });
        if is_held {
            self.control.inner.held.notify_one();
        }
        if is_new && !records.is_empty() {
            self.control.hand_on(Recorded { engine_id: self.id.clone(), records });
        }
        EngineDown::TelemetryReceived { sequence }
    }

    fn update(&self, change: impl FnOnce(&mut EngineState)) {
        self.control.observe(|observed| {
            if let Some(state) = self.state_in(observed) {
                change(state);
            }
        });
    }

    /// This session's engine, unless a newer session speaks for it.
    fn state_in<'o>(&self, observed: &'o mut Observed) -> Option<&'o mut EngineState> {
        observed.engines.get_mut(&self.id).filter(|state| state.session == self.number)
    }
}
