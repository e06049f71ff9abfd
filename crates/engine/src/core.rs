//! What the engine holds, and how it takes what it is told: one thing after the other.

use crate::config::{Changes, ConfigError, EndpointBook, Parts, Table};
use crate::listener::Wanted;
use crate::listener::tls::Tls;
use crate::names::{Names, check_apart};
use crate::record::Stats;
use crate::store::{EndpointFile, SnapshotStore};
use crate::worker::Groups;
use arc_swap::ArcSwap;
use domain::endpoint::Endpoint;
use domain::id::AgentId;
use domain::snapshot::{Delta, DeltaError, Snapshot, SnapshotHash};
use link::message::EngineUp;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot, watch};

/// Told by the console or an agent.
pub enum Command {
    Config {
        delta: Delta,
        /// The session that asked; gone when the console went meanwhile.
        reply: mpsc::Sender<EngineUp>,
    },
    Endpoints {
        agent_id: AgentId,
        endpoints: Vec<Endpoint>,
        done: oneshot::Sender<()>,
    },
}

/// Why a configuration was not taken.
#[derive(Debug, thiserror::Error)]
enum RefusedConfig {
    #[error(transparent)]
    Delta(#[from] DeltaError),
    #[error(transparent)]
    Content(#[from] ConfigError),
}

/// A console that hangs is not waited for, and one that went meanwhile learns it from the next hello.
fn tell(reply: mpsc::Sender<EngineUp>, answer: EngineUp) {
    if let Err(TrySendError::Full(answer)) = reply.try_send(answer) {
        tokio::spawn(async move { reply.send(answer).await });
    }
}

fn locked(store: &Mutex<SnapshotStore>) -> MutexGuard<'_, SnapshotStore> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a configuration is made into, and with.
pub struct Surroundings {
    pub stats: Arc<Stats>,
    pub tls: Arc<Tls>,
    pub groups: Arc<Groups>,
    pub table: Arc<ArcSwap<Table>>,
}

pub struct Core {
    snapshot: Snapshot,
    book: EndpointBook,
    around: Surroundings,
    store: Arc<Mutex<SnapshotStore>>,
    endpoint_file: EndpointFile,
    doors: mpsc::UnboundedSender<Wanted>,
    names: Names,
    current: watch::Sender<(u64, SnapshotHash)>,
}

impl Core {
    /// Loads what is on disk and serves it.
    pub async fn start(
        mut store: SnapshotStore,
        endpoint_file: EndpointFile,
        around: Surroundings,
        doors: mpsc::UnboundedSender<Wanted>,
        names: Names,
    ) -> Self {
        let mut book = EndpointBook::default();
        for agent in endpoint_file.load() {
            book.replace(agent.agent_id, agent.endpoints);
        }
        let loaded = store.load();
        let store = Arc::new(Mutex::new(store));
        let (snapshot, current) = (Snapshot::default(), watch::Sender::default());
        let mut core = Self { snapshot, book, around, store, endpoint_file, doors, names, current };
        if let Err(error) = core.take(&Delta::whole(&loaded)).await {
            locked(&core.store).forget();
            tracing::error!(%error, "the configuration on disk is not served; the console sends a new one");
        }
        core
    }

    /// Version and hash of what is served.
    pub fn current(&self) -> watch::Receiver<(u64, SnapshotHash)> {
        self.current.subscribe()
    }

    pub async fn handle(&mut self, command: Command) {
        match command {
            Command::Config { delta, reply } => {
                let (version, hash) = (delta.version, delta.hash);
                let answer = match self.take(&delta).await {
                    Ok(()) => {
                        self.keep(delta).await;
                        EngineUp::Loaded { version, hash }
                    }
                    Err(error) => {
                        tracing::warn!(version, %error, "configuration refused; the one before is still served");
                        EngineUp::Refused { version, hash, reason: error.to_string() }
                    }
                };
                tell(reply, answer);
            }
            Command::Endpoints { agent_id, endpoints, done } => {
                self.take_endpoints(agent_id, endpoints);
                let _ = done.send(());
            }
        }
    }

    fn next(&self, changes: &Changes, snapshot: &Snapshot) -> Result<Arc<Table>, ConfigError> {
        let parts = Parts { snapshot, endpoints: &self.book, stats: &self.around.stats, tls: &self.around.tls };
        self.around.table.load().next(changes, &parts).map(Arc::new)
    }

    /// All or nothing: validates, publishes, and waits until the doors are open or known not to be.
    async fn take(&mut self, delta: &Delta) -> Result<(), RefusedConfig> {
        let next = self.snapshot.apply(delta)?;
        let changes = Changes::of(delta, &self.snapshot, &next);
        let names = self.names.next(&changes, &next)?;
        let before = self.around.table.load_full();
        let table = if changes.touch_table() { self.next(&changes, &next)? } else { before.clone() };
        let doors = !table.has_doors_of(&before, &changes);
        if doors || changes.dns {
            check_apart(&table, &next)?;
        }
        if changes.touch_table() {
            self.around.groups.keep(&table);
            self.around.table.store(table.clone());
            table.let_in(&changes);
        }
        if doors {
            self.open_doors(&table).await;
        }
        self.names.publish(names, &changes, &next).await;
        self.snapshot = next;
        self.current.send_replace((self.snapshot.version, self.snapshot.hash()));
        Ok(())
    }

    async fn open_doors(&self, table: &Table) {
        let (done, applied) = oneshot::channel();
        if self.doors.send(Wanted { doors: table.listeners.doors(), done }).is_ok() {
            let _ = applied.await;
        }
    }

    /// A change that cannot be written is served all the same. Disks may take long: the thread of the sessions does not
    /// wait for them, or access records would be lost meanwhile.
    async fn keep(&mut self, delta: Delta) {
        let (store, snapshot) = (self.store.clone(), self.snapshot.clone());
        let kept = tokio::task::spawn_blocking(move || locked(&store).keep(&delta, &snapshot)).await;
        if let Ok(Err(error)) = kept {
            tracing::error!(
                %error,
                "the new configuration is served, but a restart would bring an older one; it is written with the next \
                 change"
            );
        }
    }

    fn take_endpoints(&mut self, agent_id: AgentId, endpoints: Vec<Endpoint>) {
        let changed = self.book.replace(agent_id, endpoints);
        if changed.is_empty() {
            return;
        }
        let changes = Changes::of_endpoints(changed, &self.snapshot);
        match self.next(&changes, &self.snapshot) {
            Ok(table) => {
                self.around.table.store(table);
                self.around.table.load().let_in(&changes);
            }
            // The snapshot was compiled before; replicas cannot make it wrong.
            Err(error) => tracing::error!(%error, "the ready replicas could not be taken"),
        }
        if let Err(error) = self.endpoint_file.keep(&self.book.told()) {
            tracing::error!(%error, "the ready replicas are served, but a restart would know older ones");
        }
    }
}
