//! Workers of a gateway's own: its load, slow clients and handshakes use up its threads, not those of others.

use super::thread::{Handle, Shared, ToWorker, spawn};
use crate::config::{Gateway, Table};
use crate::listener::Seat;
use domain::id::GatewayId;
use std::collections::HashMap;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

/// Packs of records that may wait in a group, of 32 KiB; collected four times a second.
const RING: usize = 64;

struct Group {
    workers: Vec<Handle>,
    /// As configured; another number makes another group.
    wanted: u16,
}

/// Groups of the gateways that have had a connection.
pub struct Groups {
    shared: Shared,
    cores: usize,
    groups: Mutex<HashMap<GatewayId, Group>>,
}

impl Groups {
    pub fn new(shared: Shared) -> Arc<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Arc::new(Self { shared, cores, groups: Mutex::default() })
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<GatewayId, Group>> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The least busy worker of the gateway's own; `None` if it has none.
    pub fn seat(self: &Arc<Self>, gateway: &Gateway) -> Option<Seat> {
        if gateway.workers == 0 {
            return None;
        }
        let mut groups = self.locked();
        if !groups.contains_key(&gateway.id) {
            groups.insert(gateway.id.clone(), self.start(gateway)?);
        }
        let group = groups.get(&gateway.id)?;
        let least = group.workers.iter().min_by_key(|worker| worker.load.load(Relaxed))?;
        Some(Seat { sender: least.sender.clone(), load: least.load.clone() })
    }

    fn start(self: &Arc<Self>, gateway: &Gateway) -> Option<Group> {
        let (ring, cpu) = (self.shared.rings.add(RING), self.shared.stats.cpu(&gateway.id));
        let mut workers = Vec::new();
        for index in 0..usize::from(gateway.workers).min(self.cores) {
            let own = super::thread::Own { index, ring: ring.clone(), cpu: cpu.clone(), of: Some(gateway.id.clone()) };
            match spawn(own, &self.shared, self) {
                Ok(worker) => workers.push(worker),
                Err(error) => {
                    tracing::error!(gateway = %gateway.id, %error, "no threads of its own; it is served by the shared ones");
                    break;
                }
            }
        }
        (!workers.is_empty()).then_some(Group { workers, wanted: gateway.workers })
    }

    /// Ends the groups of gateways that are gone or have another size now.
    pub fn keep(&self, table: &Table) {
        let mut groups = self.locked();
        let fits = |id: &GatewayId, group: &Group| {
            table.gateways.get(id).is_some_and(|gateway| gateway.workers == group.wanted)
        };
        let gone: Vec<GatewayId> =
            groups.iter().filter(|(id, group)| !fits(id, group)).map(|(id, _)| id.clone()).collect();
        for id in gone {
            let Some(group) = groups.remove(&id) else { continue };
            for worker in &group.workers {
                let _ = worker.sender.send(ToWorker::Stop(Instant::now() + self.shared.drain.most));
            }
        }
    }

    pub fn close_door(&self, door: u64) {
        for group in self.locked().values() {
            for worker in &group.workers {
                let _ = worker.sender.send(ToWorker::CloseDoor(door));
            }
        }
    }

    /// Ends all; resolves when they have ended.
    pub async fn stop(&self, deadline: Instant) {
        let groups: Vec<Group> = self.locked().drain().map(|(_, group)| group).collect();
        let mut ended = Vec::new();
        for group in groups {
            for worker in group.workers {
                let _ = worker.sender.send(ToWorker::Stop(deadline));
                ended.push(worker.ended);
            }
        }
        for ended in ended {
            let _ = ended.await;
        }
    }
}
