//! Which worker gets a connection.

use super::Accepted;
use crate::config::Table;
use crate::worker::{Groups, ToWorker};
use arc_swap::ArcSwap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use tokio::sync::mpsc::UnboundedSender;

/// A worker as others see it.
pub struct Seat {
    pub sender: UnboundedSender<ToWorker>,
    pub load: Arc<AtomicUsize>,
}

impl Seat {
    pub fn give(&self, accepted: Accepted) {
        // Counted before the worker knows of it, so that a burst is spread.
        self.load.fetch_add(1, Relaxed);
        // A worker that is gone drops the socket, which closes it.
        let _ = self.sender.send(ToWorker::Serve(accepted));
    }
}

/// The workers that serve all, and those of gateways.
pub struct Seats {
    common: Vec<Seat>,
    groups: Arc<Groups>,
    table: Arc<ArcSwap<Table>>,
}

impl Seats {
    pub fn new(common: Vec<Seat>, groups: Arc<Groups>, table: Arc<ArcSwap<Table>>) -> Self {
        Self { common, groups, table }
    }

    /// To the least busy. Where a listener is one gateway's alone it is known already whose that is; on a shared one a
    /// common worker finds out.
    pub fn give(&self, accepted: Accepted) {
        let table = self.table.load();
        let gateway = table.listeners.get(&accepted.address).and_then(|listener| listener.gateway.as_ref());
        let own = gateway.and_then(|gateway| self.groups.seat(gateway));
        if let Some(seat) = own {
            seat.give(accepted);
        } else if let Some(seat) = self.common.iter().min_by_key(|seat| seat.load.load(Relaxed)) {
            seat.give(accepted);
        }
    }

    pub fn close_door(&self, door: u64) {
        for seat in &self.common {
            let _ = seat.sender.send(ToWorker::CloseDoor(door));
        }
        self.groups.close_door(door);
    }
}
