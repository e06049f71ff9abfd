//! The acceptor's thread: nothing that configuration or disks do keeps a client waiting at the door.

use super::doors::Doors;
use super::{Door, Seats};
use crate::error::EngineError;
use crate::host::Host;
use crate::sockets::Sockets;
use link::message::DoorReport;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::LocalSet;
use tokio::time::{MissedTickBehavior, interval};

const RETRY: Duration = Duration::from_secs(1);

/// All doors that shall be open, and whom to tell when they are.
pub struct Wanted {
    pub doors: BTreeSet<Door>,
    pub done: oneshot::Sender<()>,
}

pub struct Handle {
    /// Dropping it closes all doors and ends the thread.
    pub wanted: mpsc::UnboundedSender<Wanted>,
    /// The newest full report.
    pub reports: watch::Receiver<Vec<DoorReport>>,
}

pub fn spawn(seats: Seats, sockets: Sockets, host: watch::Receiver<Arc<Host>>) -> Result<Handle, EngineError> {
    let failed = |source| EngineError::Thread { name: "acceptor".into(), source };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    let (wanted, orders) = mpsc::unbounded_channel();
    let (report, reports) = watch::channel(Vec::new());
    std::thread::Builder::new()
        .name("acceptor".into())
        .spawn(move || LocalSet::new().block_on(&runtime, run(seats, sockets, host, orders, report)))
        .map_err(failed)?;
    Ok(Handle { wanted, reports })
}

async fn run(
    seats: Seats,
    sockets: Sockets,
    mut host: watch::Receiver<Arc<Host>>,
    mut orders: mpsc::UnboundedReceiver<Wanted>,
    report: watch::Sender<Vec<DoorReport>>,
) {
    let mut doors = Doors::new(seats, sockets, host.borrow_and_update().clone());
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
            // Nobody looks any more when the engine ends.
            Ok(()) = host.changed() => {
                let now = host.borrow_and_update().clone();
                // What has come may be what a door waits for.
                if doors.look(now) | doors.retry().await {
                    report.send_replace(doors.report());
                }
            }
            _ = retry.tick() => {
                if doors.retry().await {
                    report.send_replace(doors.report());
                }
            }
        }
    }
    doors.apply(&BTreeSet::new()).await;
}
