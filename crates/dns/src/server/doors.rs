//! Which sockets are open, brought in line with which shall be.

use super::open::Opens;
use super::{Shared, tcp, udp};
use domain::id::VpcId;
use domain::snapshot::dns::DnsListener;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::rc::Rc;
use tokio::task::{JoinHandle, spawn_local};

/// A wanted address on one interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenerReport {
    pub address: SocketAddr,
    /// The network interface that it is bound to. A listener of several interfaces has a report for each.
    pub device: Option<String>,
    pub open: bool,
    /// Why it is not open, and what to do.
    pub error: Option<String>,
}

/// What makes it another door: the same address for another network is closed and opened again, so that nobody who
/// asked the one is answered by the other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Door {
    pub address: SocketAddr,
    pub device: Option<String>,
    pub vpc: Option<VpcId>,
}

struct Tasks(Vec<JoinHandle<()>>);

impl Tasks {
    async fn close(mut self) {
        self.0.iter().for_each(JoinHandle::abort);
        for task in &mut self.0 {
            // A socket is closed when the task is gone, not when it was told to go.
            let _ = task.await;
        }
    }
}

impl Drop for Tasks {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

pub struct Doors {
    shared: Rc<Shared>,
    sockets: Rc<dyn Opens>,
    open: BTreeMap<Door, Tasks>,
    failed: BTreeMap<Door, String>,
}

impl Doors {
    pub fn new(shared: Rc<Shared>, sockets: Rc<dyn Opens>) -> Self {
        Self { shared, sockets, open: BTreeMap::new(), failed: BTreeMap::new() }
    }

    pub async fn apply(&mut self, listeners: &[DnsListener]) {
        let wanted: BTreeSet<Door> = listeners.iter().flat_map(doors).collect();
        let unwanted: Vec<Door> = self.open.keys().filter(|door| !wanted.contains(door)).cloned().collect();
        // First, since a new door may be at the same address.
        for door in unwanted {
            if let Some(tasks) = self.open.remove(&door) {
                tasks.close().await;
            }
        }
        self.failed.retain(|door, _| wanted.contains(door));
        for door in wanted {
            if !self.open.contains_key(&door) {
                self.try_open(door);
            }
        }
    }

    pub fn retry(&mut self) -> bool {
        let before = self.failed.clone();
        for door in before.keys() {
            self.try_open(door.clone());
        }
        self.failed != before
    }

    fn try_open(&mut self, door: Door) {
        let address = door.address;
        match self.sockets.open(address, door.device.as_deref()) {
            Ok(sockets) => {
                if self.failed.remove(&door).is_some() {
                    tracing::info!(%address, device = door.device, "DNS is now listening");
                }
                let known = Rc::new(door.clone());
                let udp = sockets.udp.into_iter();
                let mut tasks: Vec<_> =
                    udp.map(|socket| spawn_local(udp::answer(socket, known.clone(), self.shared.clone()))).collect();
                tasks.push(spawn_local(tcp::accept(sockets.tcp, known, self.shared.clone())));
                self.open.insert(door, Tasks(tasks));
            }
            Err(error) => {
                let error = error.to_string();
                if self.failed.get(&door) != Some(&error) {
                    tracing::warn!(%address, device = door.device, %error, "DNS cannot listen; it is tried again");
                }
                self.failed.insert(door, error);
            }
        }
    }

    pub fn report(&self) -> Vec<ListenerReport> {
        let open = self.open.keys().map(|door| (door, None));
        let failed = self.failed.iter().map(|(door, error)| (door, Some(error.clone())));
        let all: BTreeMap<&Door, Option<String>> = open.chain(failed).collect();
        let report = |(door, error): (&Door, Option<String>)| ListenerReport {
            address: door.address,
            device: door.device.clone(),
            open: error.is_none(),
            error,
        };
        all.into_iter().map(report).collect()
    }
}

fn doors(listener: &DnsListener) -> Vec<Door> {
    let door = |device| Door { address: listener.address, device, vpc: listener.vpc.clone() };
    if listener.devices.is_empty() {
        return vec![door(None)];
    }
    listener.devices.iter().map(|device| door(Some(device.clone()))).collect()
}
