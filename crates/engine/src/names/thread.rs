//! The server's thread: a flood of questions costs requests nothing, and neither do configuration or disks cost it.

use super::doors::Doors;
use crate::error::EngineError;
use crate::host::Host;
use crate::sockets::Sockets;
use dns::Records;
use domain::snapshot::dns::DnsListener;
use link::message::DoorReport;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::LocalSet;
use tokio::time::{MissedTickBehavior, interval};

const RETRY: Duration = Duration::from_secs(1);

/// What shall be answered where, and whom to tell when it is; `None`: nothing anywhere.
pub struct Wanted {
    pub server: Option<(Arc<Records>, Vec<DnsListener>)>,
    pub done: oneshot::Sender<()>,
}

pub struct Handle {
    /// Dropping it closes all doors and ends the thread.
    pub wanted: mpsc::UnboundedSender<Wanted>,
    /// The newest full report, of the DNS server's doors only.
    pub reports: watch::Receiver<Vec<DoorReport>>,
}

/// `requests` are the reports of the doors for requests: where none is open, names do not lead while they lead elsewhere.
pub fn spawn(
    host: watch::Receiver<Arc<Host>>,
    requests: watch::Receiver<Vec<DoorReport>>,
    sockets: Sockets,
) -> Result<Handle, EngineError> {
    let failed = |source| EngineError::Thread { name: "dns".into(), source };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    let (wanted, orders) = mpsc::unbounded_channel();
    let (report, reports) = watch::channel(Vec::new());
    std::thread::Builder::new()
        .name("dns".into())
        .spawn(move || LocalSet::new().block_on(&runtime, run(host, requests, sockets, orders, report)))
        .map_err(failed)?;
    Ok(Handle { wanted, reports })
}

async fn run(
    mut host: watch::Receiver<Arc<Host>>,
    mut requests: watch::Receiver<Vec<DoorReport>>,
    sockets: Sockets,
    mut orders: mpsc::UnboundedReceiver<Wanted>,
    report: watch::Sender<Vec<DoorReport>>,
) {
    let mut doors = Doors::new(host.borrow_and_update().clone(), Rc::new(sockets));
    let mut retry = interval(RETRY);
    retry.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let done = tokio::select! {
            order = orders.recv() => {
                let Some(order) = order else { break };
                // Of what was opened just before, too.
                doors.heed(&requests.borrow_and_update());
                doors.apply(order.server).await;
                Some(order.done)
            }
            // Nobody looks any more when the engine ends.
            Ok(()) = host.changed() => {
                let now = host.borrow_and_update().clone();
                // What has come may be what a door waits for.
                doors.look(now);
                doors.retry().await;
                None
            }
            Ok(()) = requests.changed() => {
                doors.heed(&requests.borrow_and_update());
                None
            }
            _ = retry.tick() => {
                doors.retry().await;
                None
            }
        };
        report.send_if_modified(|before| {
            let now = doors.report();
            let differs = *before != now;
            *before = now;
            differs
        });
        if let Some(done) = done {
            let _ = done.send(());
        }
    }
    doors.apply(None).await;
}
