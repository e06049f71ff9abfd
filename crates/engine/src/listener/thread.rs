//! The acceptor's thread: nothing that configuration or disks do keeps a client waiting at the door.

use super::Seats;
use super::doors::Doors;
use crate::error::EngineError;
use link::message::DoorReport;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::LocalSet;
use tokio::time::{MissedTickBehavior, interval};

const RETRY: Duration = Duration::from_secs(1);

/// All doors that shall be open, and whom to tell when they are.
pub struct Wanted {
    pub doors: BTreeSet<SocketAddr>,
    pub done: oneshot::Sender<()>,
}

pub struct Handle {
    /// Dropping it closes all doors and ends the thread.
    pub wanted: mpsc::UnboundedSender<Wanted>,
    /// The newest full report.
    pub reports: watch::Receiver<Vec<DoorReport>>,
}

pub fn spawn(seats: Seats) -> Result<Handle, EngineError> {
    let failed = |source| EngineError::Thread { name: "acceptor".into(), source };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    let (wanted, orders) = mpsc::unbounded_channel();
    let (report, reports) = watch::channel(Vec::new());
    std::thread::Builder::new()
        .name("acceptor".into())
        .spawn(move || LocalSet::new().block_on(&runtime, run(Doors::new(seats), orders, report)))
        .map_err(failed)?;
    Ok(Handle { wanted, reports })
}

async fn run(mut doors: Doors, mut orders: mpsc::UnboundedReceiver<Wanted>, report: watch::Sender<Vec<DoorReport>>) {
    let mut retry = interval(RETRY);
    retry.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            order = orders.recv() => {
                let Some(order) = order else { break };
                doors.apply(&order.doors).await;
                report.send_replace(doors.report());
                let _ = order.done.send(());
            }
            _ = retry.tick() => {
                if doors.retry() {
                    report.send_replace(doors.report());
                }
            }
        }
    }
    doors.apply(&BTreeSet::new()).await;
}
