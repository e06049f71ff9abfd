//! A WebSocket: two connections that have become one.

use crate::access::Pass;
use crate::balance::Busy;
use crate::limit::Bandwidth;
use crate::record::Flight;
use crate::worker::{Conn, Worker};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf, split};
use tokio::time::{MissedTickBehavior, interval, timeout};

const BUFFER: usize = 8 * 1024;
/// How often is looked whether it may go on.
const LOOK: Duration = Duration::from_secs(1);
/// For what the other side still has to say when one side has ended. There is no half of a WebSocket.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What a tunnel has to do with besides its two ends.
pub struct Surroundings {
    pub worker: Rc<Worker>,
    pub pass: Pass,
    /// Without a byte in either direction.
    pub idle: Duration,
}

/// Carries bytes both ways until one side ends or it may not go on; the flight ends with it, and the
/// replica counts as busy until then.
pub fn tunnel(client: OnUpgrade, replica: OnUpgrade, mut flight: Box<Flight>, busy: Busy, around: Surroundings) {
    tokio::task::spawn_local(async move {
        let (Ok(client), Ok(replica)) = tokio::join!(client, replica) else { return };
        let (from_client, to_client) = split(TokioIo::new(client));
        let (from_replica, to_replica) = split(TokioIo::new(replica));
        let bandwidth = flight.gateway().and_then(|gateway| gateway.capacity.bandwidth());
        let (count_up, count_down, moved) = (Cell::new(0), Cell::new(0), Cell::new(Instant::now()));
        let carried = async {
            let mut up = std::pin::pin!(carry(from_client, to_replica, &count_up, &moved, None));
            let mut down = std::pin::pin!(carry(from_replica, to_client, &count_down, &moved, bandwidth.as_ref()));
            tokio::select! {
                () = &mut up => { let _ = timeout(LAST_WORDS, down).await; }
                () = &mut down => { let _ = timeout(LAST_WORDS, up).await; }
            }
        };
        let cut = tokio::select! {
            () = carried => None,
            reason = revoked(&around, flight.conn(), &moved) => Some(reason),
        };
        flight.meter.add(count_up.get());
        flight.bytes_out = count_down.get();
        drop(busy);
        match cut {
            None => flight.complete(),
            Some(reason) => flight.refused(None, reason),
        }
    });
}

async fn carry(
    mut from: ReadHalf<TokioIo<Upgraded>>,
    mut to: WriteHalf<TokioIo<Upgraded>>,
    count: &Cell<u64>,
    moved: &Cell<Instant>,
    bandwidth: Option<&Bandwidth>,
) {
    let mut buffer = [0; BUFFER];
    // A side that breaks off is the everyday end of a WebSocket.
    while let Ok(len @ 1..) = from.read(&mut buffer).await {
        moved.set(Instant::now());
        if let Some(bandwidth) = bandwidth {
            bandwidth.pass(len).await;
        }
        if to.write_all(&buffer[..len]).await.is_err() || to.flush().await.is_err() {
            break;
        }
        count.set(count.get() + len as u64);
    }
    let _ = to.shutdown().await;
}

/// Resolves to the reason when it may not go on.
async fn revoked(around: &Surroundings, conn: &Conn, moved: &Cell<Instant>) -> &'static str {
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        if conn.control.is_aborted() {
            return "DrainTimeout";
        }
        if moved.get().elapsed() > around.idle {
            return "IdleTimeout";
        }
        if !around.pass.holds(&around.worker.table.load(), conn) {
            return "AccessRevoked";
        }
    }
}
