//! A worker's thread and what it is told.

use super::Worker;
use crate::config::Table;
use crate::error::EngineError;
use crate::listener::Accepted;
use crate::record::Ring;
use crate::upstream::Pool;
use arc_swap::ArcSwap;
use ring::rand::{SecureRandom, SystemRandom};
use rustls::ServerConfig;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::LocalSet;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// How often is looked for connections that waited too long.
const SWEEP: Duration = Duration::from_secs(1);
/// How often is looked whether the last request is over, once the worker shall end.
const ENDING: Duration = Duration::from_millis(5);

pub enum ToWorker {
    Serve(Accepted),
    /// Connections that came through this door end after the request under way.
    CloseDoor(u64),
    /// All end; at the deadline whether they are done or not.
    Stop(Instant),
}

/// What the other threads hold of a worker.
pub struct Handle {
    pub sender: mpsc::UnboundedSender<ToWorker>,
    pub load: Arc<AtomicUsize>,
    pub ring: Ring,
    /// Resolves when the thread is done, or has died.
    pub ended: oneshot::Receiver<()>,
}

/// Starts worker number `index`.
pub fn spawn(index: usize, table: Arc<ArcSwap<Table>>, tls: Arc<ServerConfig>) -> Result<Handle, EngineError> {
    let mut seed = [0; 8];
    SystemRandom::new().fill(&mut seed).map_err(|_| EngineError::NoRandomness)?;
    let name = format!("worker-{index}");
    let failed = |source| EngineError::Thread { name: name.clone(), source };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    let (sender, receiver) = mpsc::unbounded_channel();
    let (end, ended) = oneshot::channel();
    let (load, ring) = (Arc::new(AtomicUsize::new(0)), Ring::new());
    let parts = (load.clone(), ring.clone());
    std::thread::Builder::new()
        .name(name.clone())
        .spawn(move || {
            let worker = Rc::new(Worker {
                index,
                table,
                tls,
                pool: Pool::default().into(),
                ring: parts.1,
                load: parts.0,
                controls: Default::default(),
                next_conn: Cell::new(0),
                seed: u64::from_be_bytes(seed),
                next_request: Cell::new(0),
                random: Cell::new(u64::from_be_bytes(seed)),
            });
            LocalSet::new().block_on(&runtime, run(worker, receiver));
            let _ = end.send(());
        })
        .map_err(failed)?;
    Ok(Handle { sender, load, ring, ended })
}

async fn run(worker: Rc<Worker>, mut receiver: mpsc::UnboundedReceiver<ToWorker>) {
    let mut sweep = interval(SWEEP);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let deadline = loop {
        tokio::select! {
            told = receiver.recv() => match told {
                Some(ToWorker::Serve(accepted)) => worker.serve(accepted),
                Some(ToWorker::CloseDoor(door)) => {
                    worker.each_control(|control| if control.door == door { control.drain() });
                }
                Some(ToWorker::Stop(deadline)) => break deadline,
                None => break Instant::now(),
            },
            _ = sweep.tick() => {
                worker.each_control(|control| control.check_time());
                worker.pool.borrow_mut().sweep();
            }
        }
    };
    let mut look = interval(ENDING);
    worker.each_control(|control| control.drain());
    while !worker.is_empty() && Instant::now() < deadline {
        look.tick().await;
        worker.each_control(|control| control.check_time());
    }
}
