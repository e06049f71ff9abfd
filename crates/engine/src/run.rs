//! Puts the parts together and ends them in order.

use crate::admin::{self, Watched};
use crate::config::Table;
use crate::core::{Core, Surroundings};
use crate::error::EngineError;
use crate::host::{self, Host};
use crate::listener::{self, Seat, Seats};
use crate::names::{self, Names};
use crate::record::{Outbox, Rings, Stats};
use crate::reports::DoorReports;
use crate::session::{self, Console};
use crate::sockets::Sockets;
use crate::store::{EndpointFile, SnapshotStore};
use crate::worker::Drain;
use crate::worker::{self, Groups, Own, Shared, ToWorker};
use arc_swap::ArcSwap;
use domain::host::HostDoors;
use domain::id::EngineId;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

/// How long requests under way may take once the engine shall end.
const ENDING: Duration = Duration::from_secs(30);
/// Packs of records that a worker can have waiting, of 32 KiB; collected four times a second.
const RING: usize = 128;
/// For the last of them to reach the console.
const LAST_RECORDS: Duration = Duration::from_millis(250);
/// What may wait to be taken from console and agents.
const COMMANDS: usize = 16;

pub struct EngineOptions {
    pub engine_id: EngineId,
    /// Own folder (exists, 0700): snapshot.base, snapshot.log, endpoints.
    pub state_dir: PathBuf,
    /// Called again and again until it answers.
    pub console: link::Console,
    /// Where it takes public requests, for a console that cannot know; `None` on the console's own host.
    pub public: Option<HostDoors>,
    /// Where this host's agent calls.
    pub endpoint_socket: PathBuf,
    /// Encrypts the disk copy.
    pub key: [u8; 32],
    /// Where `/live`, `/ready` and `/metrics` are answered, to whoever can reach it; `None` for nowhere.
    pub admin: Option<SocketAddr>,
    /// Worker threads; each a current_thread runtime.
    pub workers: usize,
    pub drain: Drain,
    /// Somebody wants to see the requests as spans: each has one of its own, of which its record and its replica know.
    pub traces: bool,
}

/// Between two looks at what gateways' own threads use.
const SCALE: Duration = Duration::from_secs(1);

/// Runs until it is dropped.
async fn scale(groups: Arc<Groups>, table: Arc<ArcSwap<Table>>) {
    let mut ticks = interval(SCALE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        groups.scale(&table.load());
    }
}

/// Serves until `shutdown` resolves and the requests under way are done, at most 30 seconds later.
///
/// Runs the control part on the caller's runtime (a `current_thread` one is meant, with I/O and time) and starts
/// threads of its own for the doors, the DNS server and the workers.
///
/// # Errors
/// When threads cannot be started or `endpoint_socket` cannot be listened on. Everything else (no console, no disk,
/// doors that cannot be opened, a refused configuration) is logged or reported, and retried.
pub async fn run(options: EngineOptions, shutdown: impl Future<Output = ()> + Send) -> Result<(), EngineError> {
    if options.workers == 0 {
        return Err(EngineError::NoWorkers);
    }
    let open_files = crate::files::most();
    let stats = Arc::new(Stats::new(options.workers));
    let table = Arc::new(ArcSwap::default());
    let tls = Arc::new(listener::tls::Tls::new(table.clone())?);
    let rings = Rings::default();
    let shared = Shared {
        table: table.clone(),
        tls: tls.clone(),
        rings: rings.clone(),
        stats: stats.clone(),
        drain: options.drain,
        traces: options.traces,
    };
    let groups = Groups::new(shared.clone());
    let mut workers = Vec::with_capacity(options.workers);
    for index in 0..options.workers {
        let own = Own { index, of: None, ring: rings.add(RING), threads: Arc::default() };
        workers.push(worker::spawn(own, &shared, &groups)?);
    }
    let seat = |worker: &worker::Handle| Seat { sender: worker.sender.clone(), load: worker.load.clone() };
    let seats = Seats::new(workers.iter().map(seat).collect(), groups.clone(), table.clone());
    let known = Host::look().unwrap_or_else(|error| {
        tracing::error!(%error, "the host's addresses cannot be read; trying again every second");
        Host::default()
    });
    let (looking, host) = watch::channel(Arc::new(known));
    let sockets = Sockets::default();
    let acceptor = listener::spawn(seats, sockets.clone(), host.clone())?;
    let dns = names::spawn(host.clone(), acceptor.reports.clone(), sockets)?;
    let store = SnapshotStore::new(&options.state_dir, &options.key).ok_or(EngineError::NoRandomness)?;
    let endpoint_file = EndpointFile::new(&options.state_dir);
    let mut core = Core::start(
        store,
        endpoint_file,
        Surroundings { stats: stats.clone(), tls, groups: groups.clone(), table: table.clone() },
        acceptor.wanted.clone(),
        Names::new(dns.wanted.clone()),
    )
    .await;

    let doors = DoorReports { requests: acceptor.reports, dns: dns.reports };
    let watched = Watched { stats: stats.clone(), rings: rings.clone(), current: core.current(), doors: doors.clone() };
    let mut admin = pin!(admin::serve(options.admin, watched));
    let (commands, mut told) = mpsc::channel(COMMANDS);
    let closing = Arc::<Notify>::default();
    let mut console = pin!(session::talk(Console {
        engine_id: options.engine_id,
        console: options.console,
        public: options.public,
        commands: commands.clone(),
        current: core.current(),
        doors,
        host,
        outbox: Outbox::new(rings, stats),
        closing: closing.clone(),
        open_files,
    }));
    let mut agents = pin!(session::serve(&options.endpoint_socket, commands)?);
    let mut work = pin!(async {
        while let Some(command) = told.recv().await {
            core.handle(command).await;
        }
    });
    let mut looking = pin!(host::watch(looking));
    let mut scaling = pin!(scale(groups.clone(), table));
    let mut shutdown = pin!(shutdown);
    let ended = tokio::select! {
        () = &mut shutdown => Ok(()),
        ended = &mut agents => ended,
        () = &mut console => Ok(()),
        () = &mut work => Ok(()),
        () = &mut admin => Ok(()),
        () = &mut looking => Ok(()),
        () = &mut scaling => Ok(()),
    };
    // First the names, which lead to the doors, then the doors, then the connections: none comes in behind.
    let (done, closed) = tokio::sync::oneshot::channel();
    if dns.wanted.send(names::Wanted { server: None, done }).is_ok() {
        let _ = closed.await;
    }
    let (done, closed) = tokio::sync::oneshot::channel();
    if acceptor.wanted.send(listener::Wanted { doors: Default::default(), done }).is_ok() {
        let _ = closed.await;
    }
    let deadline = Instant::now() + ENDING;
    for worker in &workers {
        let _ = worker.sender.send(ToWorker::Stop(deadline));
    }
    let finish = async {
        // First of all: it tells them.
        groups.stop(deadline).await;
        for worker in workers {
            let _ = worker.ended.await;
        }
    };
    // The console hears of the last requests while they end.
    tokio::select! {
        () = finish => {
            closing.notify_one();
            let _ = timeout(LAST_RECORDS, console).await;
        }
        () = &mut console => {}
    }
    ended
}
