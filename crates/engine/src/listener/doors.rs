//! Which sockets listen, brought in line with which shall.

use super::accept::{accept, watch};
use super::{Door, Seats};
use crate::host::{self, Host};
use crate::sockets::Sockets;
use link::message::DoorReport;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use tokio::task::{JoinHandle, spawn_local};

pub const AWAY: &str = "the address is no longer on an interface of this host";

struct Open {
    number: u64,
    task: JoinHandle<()>,
    /// The interface's number, if it is known. One that comes back under the same name is another one, on which the
    /// socket does not listen.
    device: Option<u32>,
    /// Whether an interface has the address. `None`: none ever had, and the system let us listen all the same; it will
    /// know why.
    present: Option<bool>,
}

pub struct Doors {
    seats: Rc<Seats>,
    sockets: Sockets,
    host: Arc<Host>,
    open: BTreeMap<Door, Open>,
    failed: BTreeMap<Door, String>,
    next_number: u64,
}

impl Doors {
    pub fn new(seats: Seats, sockets: Sockets, host: Arc<Host>) -> Self {
        Self { seats: Rc::new(seats), sockets, host, open: BTreeMap::new(), failed: BTreeMap::new(), next_number: 0 }
    }

    /// Opens what is new and closes what is no longer wanted; when this returns, the next connect there is refused.
    /// First what needs no other's place: at no moment is neither open.
    pub async fn apply(&mut self, wanted: &BTreeSet<Door>) {
        let unwanted: Vec<Door> = self.open.keys().filter(|door| !wanted.contains(door)).cloned().collect();
        let taken: BTreeSet<u16> = unwanted.iter().map(|door| door.address.port()).collect();
        for door in wanted.iter().filter(|door| !taken.contains(&door.address.port())) {
            if !self.open.contains_key(door) && !self.failed.contains_key(door) {
                self.try_open(door);
            }
        }
        for door in unwanted {
            self.close(&door).await;
        }
        self.failed.retain(|door, _| wanted.contains(door));
        for door in wanted {
            if !self.open.contains_key(door) {
                self.try_open(door);
            }
        }
    }

    async fn close(&mut self, door: &Door) {
        let Some(open) = self.open.remove(door) else { return };
        open.task.abort();
        // The socket is closed when the task is gone, not when it was told to go.
        let _ = open.task.await;
        self.seats.close_door(open.number);
    }

    /// Tries again what failed, and closes what lost its interface; tells whether something did change.
    pub async fn retry(&mut self) -> bool {
        let lost = self.lost();
        for door in &lost {
            tracing::warn!(%door, "the network interface is gone; trying again every second");
            self.close(door).await;
            self.try_open(door);
        }
        let before = self.failed.clone();
        for door in before.keys() {
            self.try_open(door);
        }
        !lost.is_empty() || self.failed != before
    }

    fn lost(&mut self) -> Vec<Door> {
        let mut numbers: BTreeMap<Arc<str>, Option<Option<u32>>> = BTreeMap::new();
        let mut lost = Vec::new();
        for (door, open) in &mut self.open {
            let Some(name) = &door.device else { continue };
            // Where the system does not say, nothing is known to have changed.
            let number = *numbers.entry(name.clone()).or_insert_with(|| host::device(name).ok());
            match (open.device, number) {
                (Some(before), Some(now)) if now != Some(before) => lost.push(door.clone()),
                (None, Some(now)) => open.device = now,
                _ => {}
            }
        }
        lost
    }

    /// The host has other addresses; tells whether that concerns a door. A socket whose address went stays as it is: it
    /// listens again when the address comes back.
    pub fn look(&mut self, host: Arc<Host>) -> bool {
        self.host = host;
        let mut changed = false;
        for (door, open) in &mut self.open {
            let (before, has) = (open.present, self.host.has(door.address.ip()));
            open.present = if has { Some(true) } else { before.map(|_| false) };
            match (before, open.present) {
                (Some(true), Some(false)) => tracing::warn!(%door, "{AWAY}; it is served again when it is back"),
                (Some(false), Some(true)) => tracing::info!(%door, "the address is back"),
                _ => continue,
            }
            changed = true;
        }
        changed
    }

    fn try_open(&mut self, door: &Door) {
        match self.sockets.listen(door).and_then(watch) {
            Ok(listener) => {
                if self.failed.remove(door).is_some() {
                    tracing::info!(%door, "now listening");
                }
                let number = self.next_number;
                self.next_number += 1;
                let task = spawn_local(accept(listener, number, door.address, self.seats.clone()));
                let device = door.device.as_deref().and_then(|name| host::device(name).ok().flatten());
                let present = self.host.has(door.address.ip()).then_some(true);
                self.open.insert(door.clone(), Open { number, task, device, present });
            }
            Err(error) => {
                let error = error.to_string();
                if self.failed.get(door) != Some(&error) {
                    tracing::warn!(address = %door, %error, "cannot listen; trying again every second");
                }
                self.failed.insert(door.clone(), error);
            }
        }
    }

    /// In order.
    pub fn report(&self) -> Vec<DoorReport> {
        let open = self.open.iter().map(|(door, open)| (door, (open.present == Some(false)).then(|| AWAY.to_owned())));
        let failed = self.failed.iter().map(|(door, error)| (door, Some(error.clone())));
        let mut doors: Vec<DoorReport> = open.chain(failed).map(|(door, error)| report(door, error)).collect();
        doors.sort_by(|a, b| (a.address, &a.device).cmp(&(b.address, &b.device)));
        doors
    }
}

fn report(door: &Door, error: Option<String>) -> DoorReport {
    let device = door.device.as_deref().map(ToOwned::to_owned);
    DoorReport { address: door.address, device, open: error.is_none(), error }
}
