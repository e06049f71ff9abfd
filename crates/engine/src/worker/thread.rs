//! A worker's thread and what it is told.

use super::control::{Control, LAST_WORDS};
use super::{Drain, Groups, Worker};
use crate::config::Table;
use crate::error::EngineError;
use crate::listener::{Accepted, tls::Tls};
use crate::record::{OwnThreads, Recorder, Ring, Rings, Stats};
use crate::upstream::Pool;
use arc_swap::ArcSwap;
use domain::id::GatewayId;
use ring::rand::{SecureRandom, SystemRandom};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval};

/// How often is looked for connections that waited too long.
const SWEEP: Duration = Duration::from_secs(1);
/// How long a record waits for others.
const FLUSH: Duration = Duration::from_millis(200);
/// How often is looked whether the last request is over, once the worker shall end.
const ENDING: Duration = Duration::from_millis(5);

/// The load of a worker that is told to leave and has left: nobody has so many connections.
pub const LEFT: usize = usize::MAX / 2;

pub enum ToWorker {
    Serve(Accepted),
    /// Connections that came through this door end after the request under way.
    CloseDoor(u64),
    /// No new connection comes: end with the last that there is.
    Leave,
    /// They come again.
    Stay,
    /// All end; at the deadline whether they are done or not.
    Stop(Instant),
}

/// What the other threads hold of a worker.
pub struct Handle {
    pub sender: mpsc::UnboundedSender<ToWorker>,
    /// Connections that it has or is about to get; from [`LEFT`] on it has left.
    pub load: Arc<AtomicUsize>,
    /// Resolves when the thread is done, or has died.
    pub ended: oneshot::Receiver<()>,
}

/// What all workers have in common.
#[derive(Clone)]
pub struct Shared {
    pub table: Arc<ArcSwap<Table>>,
    pub tls: Arc<Tls>,
    pub rings: Rings,
    pub stats: Arc<Stats>,
    pub drain: Drain,
    pub traces: bool,
}

/// What is a worker's own.
pub struct Own {
    /// Among those that serve the same.
    pub index: usize,
    /// The gateway that it serves; `None` for those that serve all.
    pub of: Option<GatewayId>,
    pub ring: Ring,
    /// CPU time of its thread is added here.
    pub threads: Arc<OwnThreads>,
}

pub fn spawn(own: Own, shared: &Shared, groups: &Arc<Groups>) -> Result<Handle, EngineError> {
    let mut seed = [0; 8];
    SystemRandom::new().fill(&mut seed).map_err(|_| EngineError::NoRandomness)?;
    // The kernel keeps fifteen characters: the end of an id tells more than its beginning.
    let name = match &own.of {
        None => format!("worker-{}", own.index),
        Some(id) => format!("gw-{}-{}", &id.as_str()[id.as_str().len().saturating_sub(8)..], own.index),
    };
    let failed = |source| EngineError::Thread { name: name.clone(), source };
    let (made, is_made) = std::sync::mpsc::channel();
    let (sender, receiver) = mpsc::unbounded_channel();
    let (end, ended) = oneshot::channel();
    let load = Arc::new(AtomicUsize::new(0));
    let (counted, shared, groups) = (load.clone(), shared.clone(), groups.clone());
    std::thread::Builder::new()
        .name(name.clone())
        .spawn(move || {
            // Made here: it belongs to its thread.
            let runtime = match Builder::new_current_thread().enable_all().build_local(LocalOptions::default()) {
                Ok(runtime) => {
                    let _ = made.send(Ok(()));
                    runtime
                }
                Err(error) => {
                    let _ = made.send(Err(error));
                    return;
                }
            };
            let worker = Rc::new(Worker {
                drain: shared.drain,
                traces: shared.traces,
                index: own.index,
                of: own.of,
                table: shared.table,
                tls: shared.tls,
                groups,
                pool: Pool::default().into(),
                recorder: Recorder::new(own.ring),
                clock: Rc::default(),
                scratch: Rc::default(),
                spare: Default::default(),
                load: counted,
                controls: Default::default(),
                next_conn: Cell::new(0),
                seed: u64::from_be_bytes(seed),
                next_request: Cell::new(0),
                random: Cell::new(u64::from_be_bytes(seed)),
            });
            runtime.block_on(run(worker, receiver, &own.threads));
            // With it go the connections that are left, and leave their records.
            drop(runtime);
            let _ = end.send(());
        })
        .map_err(failed)?;
    // Nothing is sent by a thread that panics at once.
    is_made.recv().unwrap_or(Ok(())).map_err(|source| EngineError::Thread { name, source })?;
    Ok(Handle { sender, load, ended })
}

/// What the thread that calls this has used so far, microseconds.
fn thread_cpu() -> u64 {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    u64::try_from(used.tv_sec).unwrap_or(0) * 1_000_000 + u64::try_from(used.tv_nsec).unwrap_or(0) / 1_000
}

async fn run(worker: Rc<Worker>, mut receiver: mpsc::UnboundedReceiver<ToWorker>, threads: &OwnThreads) {
    let (mut counted, mut leaving) = (0, false);
    let mut count = || {
        let used = thread_cpu();
        threads.cpu_us.fetch_add(used - counted, Relaxed);
        counted = used;
    };
    let mut sweep = interval(SWEEP);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut flush = interval(FLUSH);
    flush.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let deadline = loop {
        tokio::select! {
            told = receiver.recv() => match told {
                Some(ToWorker::Serve(accepted)) => worker.serve(accepted),
                Some(ToWorker::CloseDoor(door)) => {
                    worker.each_control(|control| if control.door == door { control.drain() });
                }
                Some(ToWorker::Leave) => leaving = true,
                Some(ToWorker::Stay) => {
                    leaving = false;
                    // What kept it from leaving before it read this.
                    worker.load.fetch_sub(1, Relaxed);
                }
                Some(ToWorker::Stop(deadline)) => break deadline,
                None => break Instant::now(),
            },
            _ = flush.tick() => {
                worker.recorder.flush();
                count();
            }
            _ = sweep.tick() => {
                worker.clock.look_at_calendar();
                worker.each_control(|control| control.check_time());
                worker.pool.borrow_mut().sweep();
            }
        }
        // From one to the other: who would call it back in this moment sees that it is too late.
        if leaving && worker.load.compare_exchange(0, LEFT, Relaxed, Relaxed).is_ok() {
            break Instant::now();
        }
    };
    let mut look = interval(ENDING);
    worker.each_control(|control| control.drain());
    while !worker.is_empty() && Instant::now() < deadline {
        look.tick().await;
        worker.clock.tick();
        worker.recorder.flush();
        worker.each_control(|control| control.check_time());
    }
    // Who is not done is cut off, and recorded so.
    worker.each_control(Control::cut);
    let deadline = Instant::now() + LAST_WORDS;
    while !worker.is_empty() && Instant::now() < deadline {
        look.tick().await;
        worker.clock.tick();
    }
    worker.each_control(Control::abort);
    tokio::task::yield_now().await;
    count();
}
