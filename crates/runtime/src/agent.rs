//! The agent's loop: one task that knows what is wanted, one for each replica, one for each connection.

mod handles;

use crate::board::Board;
use crate::connection::{self, Ask, EngineView};
use crate::driver::{Drivers, Running};
use crate::error::AgentError;
use crate::files;
use crate::port::Ports;
use crate::replica;
use crate::user::ReplicaUser;
use crate::wanted::Wanted;
use domain::id::{AgentId, ReplicaId};
use handles::Handles;
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

/// How long an agent before this one may take to be gone.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long changes of replicas may gather.
const SETTLE: Duration = Duration::from_millis(5);

/// Where and as who an agent works.
#[derive(Clone, Debug)]
pub struct AgentOptions {
    pub agent_id: AgentId,
    /// Own folder (exists, 0700): wanted services, replicas' folders and output.
    pub state_dir: PathBuf,
    /// Whom it asks what is wanted.
    pub console: link::Console,
    /// Its host's engine (link endpoint service).
    pub engine_socket: PathBuf,
    /// This program; started again as `<program> replica-shim <folder>`. Its folder is put in front of replicas'
    /// PATH, so that `inference-gateway sample-model` can be a command.
    pub program: PathBuf,
    /// Unprivileged user for replicas; `None`: they run as the agent's own user.
    pub replica_user: Option<ReplicaUser>,
    /// Where replicas listen and are reached: this host's address for the engines of other hosts, or loopback where
    /// there are none.
    pub replica_address: IpAddr,
    /// Ports for replicas.
    pub ports: RangeInclusive<u16>,
    /// Where NVIDIA's driver tells of its GPUs; [`crate::NVIDIA_GPUS`] but in tests.
    pub gpus_dir: PathBuf,
    /// Docker Engine's or Podman's; `None`: no containers here.
    pub container_socket: Option<PathBuf>,
    /// Whether replicas get control groups, where the agent may make them.
    pub control_groups: bool,
}

/// How an agent ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// Leave replicas running (upgrade of the agent).
    Leave,
    /// Stop them all in order, then return.
    StopReplicas,
}

/// What all tasks of an agent use.
pub(crate) struct Shared {
    pub options: AgentOptions,
    pub board: Arc<Board>,
    pub drivers: Drivers,
    pub ports: Ports,
    /// What the engine has loaded.
    pub engine: watch::Sender<EngineView>,
    /// Of the wanted services.
    pub version: AtomicU64,
    /// What runs now, by replica.
    running: Mutex<BTreeMap<ReplicaId, Arc<dyn Running>>>,
}

impl Shared {
    pub fn replicas_dir(&self) -> PathBuf {
        self.options.state_dir.join("replicas")
    }

    fn running<T>(&self, f: impl FnOnce(&mut BTreeMap<ReplicaId, Arc<dyn Running>>) -> T) -> T {
        f(&mut self.running.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// For those who count what replicas use.
    pub fn keep_running(&self, id: &ReplicaId, running: Option<Arc<dyn Running>>) {
        self.running(|all| match running {
            Some(running) => all.insert(id.clone(), running),
            None => all.remove(id),
        });
    }

    /// What runs now.
    pub fn all_running(&self) -> Vec<(ReplicaId, Arc<dyn Running>)> {
        self.running(|all| all.iter().map(|(id, running)| (id.clone(), Arc::clone(running))).collect())
    }
}

/// Runs until `shutdown` says how to end. Replicas outlive a run that ends in any other way than
/// [`Shutdown::StopReplicas`].
pub async fn run(options: AgentOptions, shutdown: impl Future<Output = Shutdown> + Send) -> Result<(), AgentError> {
    let _lock = only_one(&options.state_dir).await?;
    let wanted = Wanted::load(&options.state_dir);
    let shared = Arc::new(Shared {
        board: Arc::new(Board::new()),
        drivers: Drivers::new(&options),
        running: Mutex::default(),
        ports: Ports::new(options.replica_address, options.ports.clone()),
        engine: watch::Sender::new(EngineView::default()),
        version: AtomicU64::new(wanted.as_ref().map_or(0, |wanted| wanted.version)),
        options,
    });
    let folder = shared.replicas_dir();
    let wrong = |source| AgentError::State { path: folder.clone(), source };
    files::folder(&folder, if shared.options.replica_user.is_some() { 0o711 } else { 0o700 }).map_err(wrong)?;
    if shared.options.replica_user.is_none() {
        tracing::warn!("replicas run as the agent's own user, who can read the product's data");
    }

    let mut handles = Handles::new(Arc::clone(&shared));
    handles.insist_on_ports(wanted.as_ref());
    for found in replica::find(&shared).await.map_err(wrong)? {
        handles.take_over(found, wanted.as_ref()).await;
    }

    // Dropping the set at the end of this function ends the connections.
    let mut connections = JoinSet::new();
    let (sender, receiver) = mpsc::channel(1);
    connections.spawn(connection::engine(Arc::clone(&shared)));
    connections.spawn(connection::console(Arc::clone(&shared), sender));
    match reconcile_until(&shared, &mut handles, wanted, receiver, shutdown).await {
        Shutdown::Leave => handles.leave().await,
        Shutdown::StopReplicas => handles.stop_all().await,
    }
    Ok(())
}

async fn reconcile_until(
    shared: &Shared,
    handles: &mut Handles,
    mut wanted: Option<Wanted>,
    mut receiver: mpsc::Receiver<Ask>,
    shutdown: impl Future<Output = Shutdown>,
) -> Shutdown {
    tokio::pin!(shutdown);
    let mut changed = shared.board.subscribe();
    loop {
        if let Some(wanted) = &wanted {
            handles.reconcile(&wanted.services);
        }
        tokio::select! {
            how = &mut shutdown => return how,
            Some(ask) = receiver.recv() => match ask {
                Ask::Wanted { wanted: new, on_disk } => {
                    if let Err(error) = save(shared, &new).await {
                        // The console asks again, since nobody tells it that this was accepted.
                        tracing::error!(%error, version = new.version, "cannot keep the wanted services on disk");
                        continue;
                    }
                    shared.version.store(new.version, Ordering::SeqCst);
                    handles.insist_on_ports(Some(&new));
                    wanted = Some(new);
                    let _ = on_disk.send(());
                }
                Ask::Act { act, done } => {
                    let _ = done.send(handles.act(&act));
                }
            },
            // Changes of thousands that come together are planned for together.
            Ok(()) = changed.changed() => tokio::time::sleep(SETTLE).await,
            () = handles.one_ended() => {}
        }
    }
}

async fn save(shared: &Shared, wanted: &Wanted) -> io::Result<()> {
    let (wanted, folder) = (wanted.clone(), shared.options.state_dir.clone());
    tokio::task::spawn_blocking(move || wanted.save(&folder)).await.map_err(io::Error::other)?
}

/// The agent before may be on its way out.
async fn only_one(state_dir: &Path) -> Result<File, AgentError> {
    let path = state_dir.join("agent.lock");
    let deadline = Instant::now() + PATIENCE;
    loop {
        match files::lock(&path) {
            Ok(Some(lock)) => return Ok(lock),
            Ok(None) if Instant::now() > deadline => return Err(AgentError::AlreadyRunning { path: state_dir.into() }),
            Ok(None) => tokio::time::sleep(Duration::from_millis(20)).await,
            Err(source) => return Err(AgentError::State { path, source }),
        }
    }
}
