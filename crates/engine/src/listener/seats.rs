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
    /// A place for one connection, counted from now on: a burst is spread, and a worker that shall end when it has no
    /// connection waits for this one.
    pub fn reserve(sender: UnboundedSender<ToWorker>, load: Arc<AtomicUsize>) -> Reserved {
        load.fetch_add(1, Relaxed);
        Reserved(Some(Seat { sender, load }))
    }
}

/// Free again if it is dropped.
pub struct Reserved(Option<Seat>);

impl Reserved {
    pub fn give(mut self, accepted: Accepted) {
        let Some(seat) = self.0.take() else { return };
        // A worker that is gone drops the socket, which closes it.
        let _ = seat.sender.send(ToWorker::Serve(accepted));
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        if let Some(seat) = &self.0 {
            seat.load.fetch_sub(1, Relaxed);
        }
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
            Seat::reserve(seat.sender.clone(), seat.load.clone()).give(accepted);
        }
    }

    pub fn close_door(&self, door: u64) {
        for seat in &self.common {
            let _ = seat.sender.send(ToWorker::CloseDoor(door));
        }
        self.groups.close_door(door);
    }
}
