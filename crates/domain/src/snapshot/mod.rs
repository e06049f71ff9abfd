//! The complete configuration of an engine, and the differences between two of them.
//!
//! A snapshot is a set of resources, each under a key. The console sends deltas; both sides compute the same hash
//! over what they hold, so a delta that did not do the same on both sides is noticed at once.

mod challenge;
mod delta;
pub mod dns;
mod group;
mod hash;
pub mod policy;
mod resource;
mod resources;

pub use challenge::{ChallengeConfig, Proof};
pub use delta::{Delta, DeltaError};
pub use group::{HeaderMatch, Membership};
pub use hash::SnapshotHash;
pub use policy::{Balance, HashOn, Policy};
pub use resource::{
    Capacity, CertificateConfig, GatewayConfig, ListenerConfig, PrivateDoor, PublicDoor, Resource, ResourceKey, Scheme,
    ServiceConfig, Timeouts, TlsPolicy, TokenConfig,
};

use resources::Resources;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Resources are shared, not copied, between snapshots that have them in common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The store's change number that this snapshot includes; only grows.
    pub version: u64,
    resources: Resources,
    hash: SnapshotHash,
}

impl Snapshot {
    pub fn from_resources(version: u64, resources: impl IntoIterator<Item = Resource>) -> Self {
        let mut snapshot = Self { version, ..Self::default() };
        for resource in resources {
            snapshot.put(resource);
        }
        snapshot
    }

    pub fn hash(&self) -> SnapshotHash {
        self.hash
    }

    pub fn len(&self) -> usize {
        self.resources.len()
    }

    pub fn is_empty(&self) -> bool {
        self.resources.len() == 0
    }

    pub fn get(&self, key: &ResourceKey) -> Option<&Arc<Resource>> {
        self.resources.get(key)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&ResourceKey, &Arc<Resource>)> {
        self.resources.iter()
    }

    pub fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.resources.iter().map(|(_, resource)| resource.as_ref())
    }

    /// Adds or replaces; tells whether that changed anything.
    pub fn put(&mut self, resource: impl Into<Arc<Resource>>) -> bool {
        let resource = resource.into();
        let key = resource.key();
        let before = self.resources.get(&key);
        if before.is_some_and(|before| *before == resource) {
            return false;
        }
        if let Some(before) = before {
            self.hash.remove(before);
        }
        self.hash.add(&resource);
        self.resources.insert(key, resource);
        true
    }

    pub fn remove(&mut self, key: &ResourceKey) -> bool {
        match self.resources.remove(key) {
            Some(resource) => {
                self.hash.remove(&resource);
                true
            }
            None => false,
        }
    }
}

/// On the wire and on disk a snapshot is its version and its resources; the hash is computed anew.
#[derive(Serialize, Deserialize)]
struct Stored<R> {
    version: u64,
    resources: Vec<R>,
}

impl Serialize for Snapshot {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Stored { version: self.version, resources: self.resources().collect() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Snapshot {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Stored::<Resource>::deserialize(deserializer)?;
        Ok(Snapshot::from_resources(stored.version, stored.resources))
    }
}
