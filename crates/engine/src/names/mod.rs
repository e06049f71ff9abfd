//! The built-in DNS server: which names it knows, taken from the configuration as the table is, and where it is asked,
//! on a thread of its own. Requests know nothing of it.

mod doors;
mod thread;

pub use thread::{Wanted, spawn};

use crate::config::{self, Changes, ConfigError, Table};
use dns::{Records, Zones};
use domain::snapshot::dns::{DnsConfig, DnsListener, NameConfig};
use domain::snapshot::{Resource, ResourceKey, Snapshot};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// What is answered now.
pub struct Names {
    /// `None` while no server is configured.
    records: Option<Arc<Records>>,
    thread: mpsc::UnboundedSender<Wanted>,
}

impl Names {
    pub fn new(thread: mpsc::UnboundedSender<Wanted>) -> Self {
        Self { records: None, thread }
    }

    /// What is to be answered when this snapshot is taken, to which `changes` lead from the one before; `None`: nothing.
    /// What they do not touch is shared with what is answered now.
    ///
    /// # Errors
    /// A name or a listener that cannot be served.
    pub fn next(&self, changes: &Changes, snapshot: &Snapshot) -> Result<Option<Zones>, ConfigError> {
        let Some(config) = server(snapshot) else { return Ok(None) };
        if changes.dns {
            check(&config.listeners)?;
        }
        let mut zones = match &self.records {
            None => Zones::new(config, all(snapshot))?,
            Some(records) => {
                let mut zones = Zones::clone(&records.zones());
                if changes.dns {
                    zones.configure(config)?;
                }
                for (vpc, name) in &changes.names {
                    let key = ResourceKey::Name { vpc: vpc.clone(), name: name.clone() };
                    match snapshot.get(&key).map(Arc::as_ref) {
                        Some(Resource::Name(config)) => zones.put(config)?,
                        _ => _ = zones.remove(name, vpc.as_ref()),
                    }
                }
                zones
            }
        };
        // Also where no name changed, or an engine that comes later would show another number.
        zones.set_serial(snapshot.version);
        Ok(Some(zones))
    }

    /// From the next question on this is answered. When the server has changed, waits until its doors are open or known
    /// not to be.
    pub async fn publish(&mut self, zones: Option<Zones>, changes: &Changes, snapshot: &Snapshot) {
        match (zones, &self.records) {
            (Some(zones), Some(records)) => records.set_zones(zones),
            (Some(zones), None) => self.records = Some(Arc::new(Records::new(zones))),
            (None, _) => self.records = None,
        }
        if !changes.dns {
            return;
        }
        let listeners = server(snapshot).map(|config| config.listeners.clone()).unwrap_or_default();
        let (done, applied) = oneshot::channel();
        let server = self.records.clone().map(|records| (records, listeners));
        if self.thread.send(Wanted { server, done }).is_ok() {
            let _ = applied.await;
        }
    }
}

/// Over TCP an address and port is either a question's or a request's.
pub fn check_apart(table: &Table, snapshot: &Snapshot) -> Result<(), ConfigError> {
    let listeners = server(snapshot).map(|config| config.listeners.as_slice()).unwrap_or_default();
    match listeners.iter().find(|each| table.listeners.get(&each.address).is_some()) {
        Some(taken) => Err(ConfigError::DnsShares(taken.address)),
        None => Ok(()),
    }
}

fn check(listeners: &[DnsListener]) -> Result<(), ConfigError> {
    let mut seen = BTreeSet::new();
    for DnsListener { address, devices, .. } in listeners {
        config::check_socket(*address, devices)?;
        if address.ip().is_unspecified() {
            return Err(dns::DnsError::Wildcard { address: *address }.into());
        }
        if !seen.insert(address) {
            return Err(ConfigError::DnsTwice(*address));
        }
    }
    Ok(())
}

fn server(snapshot: &Snapshot) -> Option<&DnsConfig> {
    match snapshot.get(&ResourceKey::Dns).map(Arc::as_ref) {
        Some(Resource::Dns(config)) => Some(config),
        _ => None,
    }
}

fn all(snapshot: &Snapshot) -> impl Iterator<Item = &NameConfig> {
    snapshot.resources().filter_map(|resource| match resource {
        Resource::Name(name) => Some(name),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
