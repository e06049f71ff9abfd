//! Workers of a gateway's own: its load, slow clients and handshakes use up its threads, not those of others.

use super::group::Group;
use super::thread::Shared;
use crate::config::{Gateway, Table};
use crate::listener::Reserved;
use domain::id::GatewayId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

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

    /// A place at the least busy worker of the gateway's own; `None` if it has none.
    pub fn seat(self: &Arc<Self>, gateway: &Gateway) -> Option<Reserved> {
        if gateway.workers == 0 {
            return None;
        }
        let mut groups = self.locked();
        let group = groups.entry(gateway.id.clone()).or_insert_with(|| Group::new(&gateway.id, &self.shared));
        // The first connection, or no thread could be started so far: the shared ones serve it as long as that lasts.
        if group.is_empty() {
            group.resize(self.within(gateway, 0), &self.shared, self);
        }
        group.seat()
    }

    /// So many, as far as the gateway may have them, and no more than there are cores: more would only take turns.
    fn within(&self, gateway: &Gateway, wanted: usize) -> usize {
        wanted.clamp(usize::from(gateway.workers), usize::from(gateway.most_workers)).min(self.cores)
    }

    /// Gives the groups of gateways that scale by themselves the size that their load asks for; called about once a
    /// second. It is decided here and not by the console, so that it goes on without one.
    pub fn scale(self: &Arc<Self>, table: &Table) {
        let now = Instant::now();
        for (id, group) in self.locked().iter_mut() {
            let Some(gateway) = table.gateways.get(id).filter(|gateway| gateway.most_workers > gateway.workers) else {
                continue;
            };
            let before = group.size();
            if before == 0 {
                continue;
            }
            let wanted = self.within(gateway, group.fitting(now));
            if wanted != before {
                group.resize(wanted, &self.shared, self);
                tracing::info!(gateway = %id, before, now = group.size(), "threads follow the load");
            }
        }
    }

    /// Ends the groups of gateways that are gone, and gives the others the size that they have now.
    pub fn keep(self: &Arc<Self>, table: &Table) {
        let mut groups = self.locked();
        let gone: Vec<GatewayId> = groups.keys().filter(|id| table.gateways.get(*id).is_none()).cloned().collect();
        for group in gone.iter().filter_map(|id| groups.remove(id)).collect::<Vec<_>>() {
            drop(group.stop(Instant::now() + self.shared.drain.most));
        }
        for (id, group) in groups.iter_mut() {
            if let Some(gateway) = table.gateways.get(id) {
                group.resize(self.within(gateway, group.size()), &self.shared, self);
            }
        }
    }

    pub fn close_door(&self, door: u64) {
        self.locked().values().for_each(|group| group.close_door(door));
    }

    /// Ends all; resolves when they have ended.
    pub async fn stop(&self, deadline: Instant) {
        let groups: Vec<Group> = self.locked().drain().map(|(_, group)| group).collect();
        // All are told before one is waited for.
        let ended: Vec<_> = groups.into_iter().flat_map(|group| group.stop(deadline)).collect();
        for ended in ended {
            let _ = ended.await;
        }
    }
}
