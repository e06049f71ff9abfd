//! Which gateways and names a change touches, so that the others are left alone.

use domain::id::{CertificateId, GatewayId, ServiceId, VpcId};
use domain::snapshot::{Delta, Resource, ResourceKey, ServiceConfig, Snapshot};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The gateways to build anew.
    pub gateways: BTreeMap<GatewayId, Touched>,
    pub certificates: BTreeSet<CertificateId>,
    pub listeners: BTreeSet<SocketAddr>,
    /// What certificate authorities look for.
    pub challenges: BTreeSet<ResourceKey>,
    /// The DNS server as such.
    pub dns: bool,
    /// What it knows: names with the side that each is of.
    pub names: BTreeSet<(Option<VpcId>, String)>,
}

/// What of a gateway's changed, besides itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Touched {
    pub services: BTreeMap<ServiceId, Names>,
    /// Those that are or were its alone.
    pub listeners: BTreeSet<SocketAddr>,
}

/// A service's names in a gateway, where it has one: it is found there without a look at all the others.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Names {
    pub before: Option<Box<str>>,
    pub after: Option<Box<str>>,
}

impl Changes {
    /// What `delta` touches on the way from `old` to `new`.
    pub fn of(delta: &Delta, old: &Snapshot, new: &Snapshot) -> Self {
        let mut changes = Self::default();
        if delta.from.is_some() {
            let upserts = delta.upserts.iter().map(Resource::key);
            for key in upserts.chain(delta.removals.iter().cloned()) {
                changes.add(&key, old, new);
            }
        } else {
            // All was sent again; most of it usually is what it was.
            for (key, resource) in new.iter() {
                if old.get(key) != Some(resource) {
                    changes.add(key, old, new);
                }
            }
            for (key, _) in old.iter().filter(|(key, _)| new.get(key).is_none()) {
                changes.add(key, old, new);
            }
        }
        changes
    }

    /// The services whose ready replicas changed. Services that the snapshot does not have are found when they come.
    pub fn of_endpoints(services: impl IntoIterator<Item = ServiceId>, snapshot: &Snapshot) -> Self {
        let mut changes = Self::default();
        for id in services {
            changes.add(&ResourceKey::Service(id), snapshot, snapshot);
        }
        changes
    }

    /// Whether requests may be answered in another way.
    pub fn touch_table(&self) -> bool {
        !(self.gateways.is_empty()
            && self.certificates.is_empty()
            && self.listeners.is_empty()
            && self.challenges.is_empty())
    }

    fn add(&mut self, key: &ResourceKey, old: &Snapshot, new: &Snapshot) {
        match key {
            ResourceKey::Listener(address) => {
                self.listeners.insert(*address);
                for owner in [old, new].into_iter().filter_map(|snapshot| owner(snapshot.get(key))) {
                    self.gateways.entry(owner.clone()).or_default().listeners.insert(*address);
                }
            }
            ResourceKey::Certificate(id) => {
                self.certificates.insert(id.clone());
            }
            ResourceKey::Gateway(id) => {
                self.gateways.entry(id.clone()).or_default();
            }
            ResourceKey::Challenge { .. } => {
                self.challenges.insert(key.clone());
            }
            ResourceKey::Dns => self.dns = true,
            ResourceKey::Name { vpc, name } => {
                self.names.insert((vpc.clone(), name.clone()));
            }
            ResourceKey::Service(id) => {
                // A service may move: then both gateways change.
                if let Some(service) = service(old.get(key)) {
                    self.names(service, id).before = Some(service.name.as_str().into());
                }
                if let Some(service) = service(new.get(key)) {
                    self.names(service, id).after = Some(service.name.as_str().into());
                }
            }
        }
    }

    fn names(&mut self, service: &ServiceConfig, id: &ServiceId) -> &mut Names {
        self.gateways.entry(service.gateway_id.clone()).or_default().services.entry(id.clone()).or_default()
    }
}

/// Whose a listener is alone.
fn owner(resource: Option<&Arc<Resource>>) -> Option<&GatewayId> {
    match resource?.as_ref() {
        Resource::Listener(listener) => listener.gateway.as_ref(),
        _ => None,
    }
}

fn service(resource: Option<&Arc<Resource>>) -> Option<&ServiceConfig> {
    match resource?.as_ref() {
        Resource::Service(service) => Some(service),
        _ => None,
    }
}
