//! What all use cases share.

use crate::billing::{self, Meters};
use crate::compile::{Answer, Compiler, Configurations, Lost};
use crate::desired::{Desired, Touched};
use crate::domains::Checks;
use crate::hosts::{self, LinkDoor, Reachable, Wanted};
use crate::hub::Asks;
use crate::monitoring::Watch;
use crate::seal::InstallationKey;
use crate::services::{self, Room, TokenUses};
use crate::{Clock, ControlError, Event, Installation, Observed, Recorded, seed};
use chrono::{DateTime, Utc};
use domain::id::HostId;
use domain::network::HostAddress;
use domain::snapshot::{CertificateConfig, Snapshot};
use identity::Throttle;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard};
use store::{Store, WorkspaceRow};
use tokio::sync::{broadcast, watch};

/// Cheap to clone.
#[derive(Clone)]
pub struct Control {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub store: Store,
    pub installation: Installation,
    pub key: InstallationKey,
    pub throttle: Throttle,
    pub workspace: WorkspaceRow,
    /// The console's own, which engines and agents that call over the socket are on.
    pub own_host: HostId,
    /// How others join, where they may.
    pub link: OnceLock<LinkDoor>,
    pub checks: Checks,
    pub clock: Clock,
    pub meters: Meters,
    pub watch: Watch,
    pub token_uses: TokenUses,
    pub asks: Asks,
    /// Requests wait for a replica somewhere.
    pub held: tokio::sync::Notify,
    pub debugging: Room,
    pub began: std::time::Instant,
    /// One write at a time, from the begin of its transaction until memory shows it: so memory changes in the order
    /// of commits.
    pub writing: Arc<tokio::sync::Mutex<Compiler>>,
    desired: RwLock<Arc<Desired>>,
    observed: RwLock<Observed>,
    newest: watch::Sender<Configurations>,
    wanted: watch::Sender<Arc<BTreeMap<HostId, Wanted>>>,
    /// Ready replicas, for engines of other hosts.
    pub reachable: watch::Sender<Arc<Reachable>>,
    events: broadcast::Sender<Event>,
    recorded: broadcast::Sender<Arc<Recorded>>,
}

/// Batches that wait for a listener; each is some 100 KiB, rarely more.
const RECORDED: usize = 64;

impl Control {
    /// Reads everything from the store, and seeds a new one.
    pub async fn start(store: Store, key: InstallationKey, installation: Installation) -> Result<Self, ControlError> {
        Self::start_by(Clock::default(), store, key, installation).await
    }

    /// The same by another clock than the system's.
    pub async fn start_by(
        clock: Clock,
        store: Store,
        key: InstallationKey,
        installation: Installation,
    ) -> Result<Self, ControlError> {
        let workspace = seed::first_workspace(&store, &installation.region).await?;
        let own_host = seed::own_host(&store, &installation.region).await?;
        services::catch_up(&store, &key).await?;
        let desired = Desired::new(store.everything().await?, &key)?;
        // Nobody needs to know how we came here.
        store.forget_changes_before(desired.seq).await?;
        billing::catch_up(&store, &desired.gateways, clock.now()).await?;
        let meters = Meters::load(&store).await?;
        let token_uses = TokenUses::load(&store).await?;
        let compiler = Compiler::new(&desired, installation.clone());
        let observed = Observed::of_hosts(&desired.hosts, clock.now());
        let inner = Inner {
            newest: watch::Sender::new(compiler.configurations()),
            wanted: watch::Sender::new(Arc::default()),
            reachable: watch::Sender::new(Arc::new(hosts::gone(&desired.hosts))),
            events: broadcast::Sender::new(64),
            recorded: broadcast::Sender::new(RECORDED),
            writing: Arc::new(tokio::sync::Mutex::new(compiler)),
            desired: RwLock::new(Arc::new(desired)),
            observed: RwLock::new(observed),
            own_host,
            link: OnceLock::new(),
            throttle: Throttle::default(),
            checks: Checks::default(),
            clock,
            meters,
            watch: Watch::default(),
            token_uses,
            asks: Asks::default(),
            held: tokio::sync::Notify::new(),
            debugging: Room::default(),
            began: std::time::Instant::now(),
            store,
            installation,
            key,
            workspace,
        };
        let control = Self { inner: Arc::new(inner) };
        control.want();
        control.renew_subscriptions().await?;
        Ok(control)
    }

    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    pub fn installation(&self) -> &Installation {
        &self.inner.installation
    }

    pub fn throttle(&self) -> &Throttle {
        &self.inner.throttle
    }

    /// The workspace that the first administrator gets.
    pub fn first_workspace(&self) -> &WorkspaceRow {
        &self.inner.workspace
    }

    /// By a clock that nobody sets, milliseconds.
    pub(crate) fn uptime_ms(&self) -> u64 {
        u64::try_from(self.inner.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.inner.clock.now()
    }

    pub fn desired(&self) -> Arc<Desired> {
        self.inner.desired.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn observed(&self) -> RwLockReadGuard<'_, Observed> {
        self.inner.observed.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The newest configurations.
    pub fn newest(&self) -> Configurations {
        self.inner.newest.borrow().clone()
    }

    /// That of the console's own host.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.inner.newest.borrow().of(&self.inner.own_host).clone()
    }

    pub fn own_host(&self) -> &HostId {
        &self.inner.own_host
    }

    pub(crate) fn configurations(&self) -> watch::Receiver<Configurations> {
        self.inner.newest.subscribe()
    }

    /// Ready replicas, for engines of other hosts.
    pub(crate) fn reachable(&self) -> watch::Receiver<Arc<Reachable>> {
        self.inner.reachable.subscribe()
    }

    pub(crate) fn has_several_hosts(&self) -> bool {
        self.inner.newest.borrow().fleet.sites().nth(1).is_some()
    }

    /// From now on other hosts call here. What was opened first stays.
    pub(crate) fn open_link(&self, door: LinkDoor) {
        let _ = self.inner.link.set(door);
        self.notify();
    }

    pub(crate) fn link_door(&self) -> Option<&LinkDoor> {
        self.inner.link.get()
    }

    pub(crate) fn wanted(&self) -> watch::Receiver<Arc<BTreeMap<HostId, Wanted>>> {
        self.inner.wanted.subscribe()
    }

    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.inner.events.subscribe()
    }

    /// The engines' access records as they come in, each batch once. Who reads too slowly loses the oldest batches and
    /// is told how many; engines are never kept waiting.
    pub fn recorded(&self) -> broadcast::Receiver<Arc<Recorded>> {
        self.inner.recorded.subscribe()
    }

    pub(crate) fn hand_on(&self, recorded: Recorded) {
        // Nobody listening is fine.
        let _ = self.inner.recorded.send(Arc::new(recorded));
    }

    /// Changes what was observed and lets everybody know.
    pub(crate) fn observe(&self, change: impl FnOnce(&mut Observed)) {
        change(&mut self.inner.observed.write().unwrap_or_else(PoisonError::into_inner));
        self.notify();
    }

    /// For what changes all the time (counters); nobody is called for it.
    pub(crate) fn observe_quietly(&self, change: impl FnOnce(&mut Observed)) {
        change(&mut self.inner.observed.write().unwrap_or_else(PoisonError::into_inner));
    }

    pub(crate) fn notify(&self) {
        // Nobody listening is fine.
        let _ = self.inner.events.send(Event::Changed);
    }

    /// Memory follows a commit. Called with the lock of `writing` held.
    pub(crate) fn follow(&self, compiler: &mut Compiler, seq: u64, touched: &[Touched]) {
        let mut desired = Desired::clone(&self.desired());
        desired.seq = desired.seq.max(seq);
        touched.iter().for_each(|each| desired.apply(each));
        compiler.apply(&desired, touched);
        self.publish(desired, compiler);
    }

    /// After a commit whose outcome is not known: what is stored counts.
    pub(crate) async fn catch_up(&self, compiler: &mut Compiler) {
        match self.inner.store.everything().await {
            Ok(all) if all.seq == self.desired().seq => {}
            Ok(all) => match Desired::new(all, &self.inner.key) {
                Ok(desired) => {
                    compiler.restart(&desired);
                    self.publish(desired, compiler);
                }
                Err(error) => tracing::error!(%error, "what was written last cannot be read"),
            },
            Err(error) => tracing::error!(%error, "what was written last is not known"),
        }
    }

    /// Certificates that the installation made itself, for the engines to show.
    pub async fn set_certificates(&self, certificates: Vec<CertificateConfig>) {
        let mut compiler = self.inner.writing.lock().await;
        compiler.set_certificates(certificates);
        self.send(&compiler);
        self.notify();
    }

    /// For the engines to show to certificate authorities, or no longer.
    pub(crate) async fn set_answer(&self, answer: &Answer, in_place: bool) {
        let mut compiler = self.inner.writing.lock().await;
        compiler.set_answer(answer, in_place);
        self.send(&compiler);
    }

    /// What a host has: listeners inside VPCs follow it.
    pub(crate) async fn set_host(&self, host: &HostId, addresses: &[HostAddress]) {
        let mut compiler = self.inner.writing.lock().await;
        if compiler.set_host(&self.desired(), host, addresses) {
            self.send(&compiler);
        }
    }

    /// The hosts whose engines have been away for too long; others carry what they did.
    pub(crate) async fn set_lost(&self, lost: &Lost) {
        let mut compiler = self.inner.writing.lock().await;
        if compiler.set_lost(&self.desired(), lost) {
            self.send(&compiler);
            // What is on them is offered or is not.
            self.inner.reachable.send_modify(|_| {});
            self.want();
            self.notify();
        }
    }

    /// Somebody of a host is there, who was lost or new: it carries work from now on.
    pub(crate) async fn heard_of(&self, host: &HostId, engine: bool) {
        if self.newest().fleet.has_heard(host, engine) {
            return;
        }
        let mut compiler = self.inner.writing.lock().await;
        if compiler.hear(&self.desired(), host, engine) {
            self.send(&compiler);
            self.inner.reachable.send_modify(|_| {});
            self.want();
            self.notify();
        }
    }

    fn send(&self, compiler: &Compiler) {
        let now = compiler.configurations();
        self.inner.newest.send_if_modified(|before| {
            let changed = before.differs(&now);
            *before = now;
            changed
        });
    }

    fn publish(&self, desired: Desired, compiler: &Compiler) {
        *self.inner.desired.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(desired);
        self.inner.newest.send_replace(compiler.configurations());
        self.want();
        self.notify();
    }

    /// Some service is on its way from one version to another.
    pub(crate) fn is_rolling(&self) -> bool {
        self.desired().services.values().any(|service| service.open_rollout().is_some())
    }

    /// What agents shall run, anew.
    pub(crate) fn want(&self) {
        self.inner.wanted.send_if_modified(|before| {
            // Read in here: who comes last knows the newest.
            let wanted = hosts::wanted(&self.desired(), &self.newest().fleet, &self.observed());
            let same =
                |host: &HostId, wanted: &Wanted| before.get(host).is_some_and(|old| old.services == wanted.services);
            let changed = before.len() != wanted.len() || !wanted.iter().all(|(host, wanted)| same(host, wanted));
            if changed {
                *before = Arc::new(wanted);
            }
            changed
        });
    }
}
