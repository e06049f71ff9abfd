//! Which sockets listen, brought in line with which shall.

use super::Seats;
use super::accept::{accept, bind};
use link::message::DoorReport;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::rc::Rc;
use tokio::task::{JoinHandle, spawn_local};

struct Open {
    number: u64,
    task: JoinHandle<()>,
}

pub struct Doors {
    seats: Rc<Seats>,
    open: BTreeMap<SocketAddr, Open>,
    failed: BTreeMap<SocketAddr, String>,
    next_number: u64,
}

impl Doors {
    pub fn new(seats: Seats) -> Self {
        Self { seats: Rc::new(seats), open: BTreeMap::new(), failed: BTreeMap::new(), next_number: 0 }
    }

    /// Opens what is new and closes what is no longer wanted; when this returns, the next connect there is refused.
    pub async fn apply(&mut self, wanted: &BTreeSet<SocketAddr>) {
        let unwanted: Vec<SocketAddr> = self.open.keys().filter(|address| !wanted.contains(address)).copied().collect();
        for address in unwanted {
            let Some(open) = self.open.remove(&address) else { continue };
            open.task.abort();
            // The socket is closed when the task is gone, not when it was told to go.
            let _ = open.task.await;
            self.seats.close_door(open.number);
        }
        self.failed.retain(|address, _| wanted.contains(address));
        for address in wanted {
            if !self.open.contains_key(address) {
                self.try_open(*address);
            }
        }
    }

    /// Tries again what failed; tells whether something did change.
    pub fn retry(&mut self) -> bool {
        let before = self.failed.clone();
        for address in before.keys() {
            self.try_open(*address);
        }
        self.failed != before
    }

    fn try_open(&mut self, address: SocketAddr) {
        match bind(address) {
            Ok(listener) => {
                if self.failed.remove(&address).is_some() {
                    tracing::info!(%address, "now listening");
                }
                let number = self.next_number;
                self.next_number += 1;
                let task = spawn_local(accept(listener, number, address, self.seats.clone()));
                self.open.insert(address, Open { number, task });
            }
            Err(error) => {
                let error = error.to_string();
                if self.failed.get(&address) != Some(&error) {
                    tracing::warn!(%address, %error, "cannot listen; trying again every second");
                }
                self.failed.insert(address, error);
            }
        }
    }

    pub fn report(&self) -> Vec<DoorReport> {
        let open =
            self.open.keys().map(|address| DoorReport { address: *address, device: None, open: true, error: None });
        let failed = self.failed.iter().map(|(address, error)| DoorReport {
            address: *address,
            device: None,
            open: false,
            error: Some(error.clone()),
        });
        let mut doors: Vec<DoorReport> = open.chain(failed).collect();
        doors.sort_by_key(|door| door.address);
        doors
    }
}
