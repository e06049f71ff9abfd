//! What all use cases share.

use crate::billing::{self, Meters};
use crate::compile::{Answer, Compiler};
use crate::desired::{Desired, Touched};
use crate::domains::Checks;
use crate::seal::InstallationKey;
use crate::{Clock, ControlError, Event, Installation, Observed, Recorded, seed};
use chrono::{DateTime, Utc};
use domain::endpoint::WantedService;
use domain::network::HostAddress;
use domain::snapshot::{CertificateConfig, Snapshot};
use identity::Throttle;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
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
    pub checks: Checks,
    pub clock: Clock,
    pub meters: Meters,
    /// One write at a time, from the begin of its transaction until memory shows it: so memory changes in the order
    /// of commits.
    pub writing: Arc<tokio::sync::Mutex<Compiler>>,
    desired: RwLock<Arc<Desired>>,
    observed: RwLock<Observed>,
    snapshot: watch::Sender<Arc<Snapshot>>,
    wanted: watch::Sender<Arc<Wanted>>,
    events: broadcast::Sender<Event>,
    recorded: broadcast::Sender<Arc<Recorded>>,
}

/// Batches that wait for a listener; each is some 100 KiB, rarely more.
const RECORDED: usize = 64;

/// What agents shall run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    pub version: u64,
    pub services: Vec<WantedService>,
}

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
        let desired = Desired::new(store.everything().await?, &key);
        // Nobody needs to know how we came here.
        store.forget_changes_before(desired.seq).await?;
        billing::catch_up(&store, &desired.gateways, clock.now()).await?;
        let meters = Meters::load(&store).await?;
        let compiler = Compiler::new(&desired, installation.clone());
        let inner = Inner {
            snapshot: watch::Sender::new(compiler.snapshot()),
            wanted: watch::Sender::new(Arc::new(wanted(&desired))),
            events: broadcast::Sender::new(64),
            recorded: broadcast::Sender::new(RECORDED),
            writing: Arc::new(tokio::sync::Mutex::new(compiler)),
            desired: RwLock::new(Arc::new(desired)),
            observed: RwLock::default(),
            throttle: Throttle::default(),
            checks: Checks::default(),
            clock,
            meters,
            store,
            installation,
            key,
            workspace,
        };
        let control = Self { inner: Arc::new(inner) };
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

    pub fn now(&self) -> DateTime<Utc> {
        self.inner.clock.now()
    }

    pub fn desired(&self) -> Arc<Desired> {
        self.inner.desired.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn observed(&self) -> RwLockReadGuard<'_, Observed> {
        self.inner.observed.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The newest configuration.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.inner.snapshot.borrow().clone()
    }

    pub(crate) fn snapshots(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.inner.snapshot.subscribe()
    }

    pub(crate) fn wanted(&self) -> watch::Receiver<Arc<Wanted>> {
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
        let snapshot = compiler.apply(&desired, touched);
        self.publish(desired, snapshot);
    }

    /// After a commit whose outcome is not known: what is stored counts.
    pub(crate) async fn catch_up(&self, compiler: &mut Compiler) {
        match self.inner.store.everything().await {
            Ok(all) if all.seq == self.desired().seq => {}
            Ok(all) => {
                let desired = Desired::new(all, &self.inner.key);
                let snapshot = compiler.restart(&desired);
                self.publish(desired, snapshot);
            }
            Err(error) => tracing::error!(%error, "what was written last is not known"),
        }
    }

    /// Certificates that the installation made itself, for the engines to show.
    pub async fn set_certificates(&self, certificates: Vec<CertificateConfig>) {
        let mut compiler = self.inner.writing.lock().await;
        let snapshot = compiler.set_certificates(certificates);
        self.send_snapshot(snapshot);
        self.notify();
    }

    /// For the engines to show to certificate authorities, or no longer.
    pub(crate) async fn set_answer(&self, answer: &Answer, in_place: bool) {
        let mut compiler = self.inner.writing.lock().await;
        let snapshot = compiler.set_answer(answer, in_place);
        self.send_snapshot(snapshot);
    }

    /// What the engine's host has: listeners inside VPCs follow it.
    pub(crate) async fn set_host(&self, addresses: &[HostAddress]) {
        let mut compiler = self.inner.writing.lock().await;
        let snapshot = compiler.set_host(&self.desired(), addresses);
        self.send_snapshot(snapshot);
    }

    fn send_snapshot(&self, snapshot: Arc<Snapshot>) {
        self.inner.snapshot.send_if_modified(|before| {
            let changed = before.hash() != snapshot.hash();
            if changed {
                *before = snapshot;
            }
            changed
        });
    }

    fn publish(&self, desired: Desired, snapshot: Arc<Snapshot>) {
        let wanted = wanted(&desired);
        *self.inner.desired.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(desired);
        self.inner.snapshot.send_replace(snapshot);
        self.inner.wanted.send_if_modified(|before| {
            let changed = before.services != wanted.services;
            if changed {
                *before = Arc::new(wanted);
            }
            changed
        });
        self.notify();
    }
}

fn wanted(desired: &Desired) -> Wanted {
    let running = desired.services.values().filter(|service| service.running);
    let service = |service: &Arc<domain::service::Service>| WantedService {
        service_id: service.id.clone(),
        name: service.name.to_string(),
        workload: service.workload.clone(),
    };
    Wanted { version: desired.seq, services: running.map(service).collect() }
}
