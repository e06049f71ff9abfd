//! The difference between two snapshots.

use super::{Resource, ResourceKey, Snapshot, SnapshotHash};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What has to change to come from one snapshot to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delta {
    /// The snapshot that this is a difference to; `None` means: forget what you have, this is all.
    pub from: Option<SnapshotHash>,
    pub version: u64,
    /// What the receiver must hold afterwards.
    pub hash: SnapshotHash,
    pub upserts: Vec<Resource>,
    pub removals: Vec<ResourceKey>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeltaError {
    #[error("the change is based on configuration {expected}, this engine has {found}; send it whole")]
    OtherBase { expected: SnapshotHash, found: SnapshotHash },
    #[error("the change makes configuration {found} instead of {expected}; send it whole")]
    OtherResult { expected: SnapshotHash, found: SnapshotHash },
}

impl Delta {
    /// All of a snapshot.
    pub fn whole(snapshot: &Snapshot) -> Self {
        Self {
            from: None,
            version: snapshot.version,
            hash: snapshot.hash(),
            upserts: snapshot.resources().cloned().collect(),
            removals: Vec::new(),
        }
    }

    pub fn between(old: &Snapshot, new: &Snapshot) -> Self {
        let upserts = new
            .resources
            .apart_from(&old.resources)
            .filter(|(key, resource)| {
                !old.get(key).is_some_and(|before| Arc::ptr_eq(before, resource) || before == *resource)
            })
            .map(|(_, resource)| resource.as_ref().clone())
            .collect();
        let gone = old.resources.apart_from(&new.resources).filter(|(key, _)| new.get(key).is_none());
        let removals = gone.map(|(key, _)| key.clone()).collect();
        Self { from: Some(old.hash()), version: new.version, hash: new.hash(), upserts, removals }
    }

    pub fn is_empty(&self) -> bool {
        self.from == Some(self.hash) && self.upserts.is_empty() && self.removals.is_empty()
    }
}

impl Snapshot {
    /// The snapshot after this change. All or nothing: `self` is what it was when this fails.
    pub fn apply(&self, delta: &Delta) -> Result<Snapshot, DeltaError> {
        let mut next = match delta.from {
            None => Snapshot::default(),
            Some(base) if base == self.hash() => self.clone(),
            Some(expected) => return Err(DeltaError::OtherBase { expected, found: self.hash() }),
        };
        next.version = delta.version;
        for key in &delta.removals {
            next.remove(key);
        }
        for resource in &delta.upserts {
            next.put(resource.clone());
        }
        if next.hash() == delta.hash {
            Ok(next)
        } else {
            Err(DeltaError::OtherResult { expected: delta.hash, found: next.hash() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{GatewayId, RANDOM_LEN, VpcId};
    use crate::snapshot::dns::{DnsConfig, NameConfig, NameData};
    use crate::snapshot::{Capacity, GatewayConfig, ListenerConfig, Scheme, TlsPolicy};
    use proptest::prelude::*;

    fn resource(n: u8, name: u8) -> Resource {
        if n < 4 {
            let address = ([127, 0, 0, 1], u16::from(n)).into();
            return Resource::Listener(ListenerConfig::new(address, Scheme::Http));
        }
        if n < 8 {
            let vpc = n.is_multiple_of(2).then(|| VpcId::from_random([n; RANDOM_LEN]));
            return Resource::Name(NameConfig {
                name: format!("{}.b", n / 6),
                vpc,
                data: NameData::Alias(name.to_string()),
            });
        }
        if n == 8 {
            return Resource::Dns(DnsConfig {
                zone: "b".into(),
                name_server: "ns.b".into(),
                contact: "a@b".into(),
                ttl: name.into(),
                negative_ttl: 1,
                listeners: Vec::new(),
                blocks: Vec::new(),
            });
        }
        Resource::Gateway(GatewayConfig {
            id: GatewayId::from_random([n; RANDOM_LEN]),
            name: name.to_string(),
            public: None,
            private: Vec::new(),
            capacity: Capacity::default(),
            tls: TlsPolicy::default(),
            trusted_proxies: Vec::new(),
        })
    }

    fn snapshot(version: u64, parts: &[(u8, u8)]) -> Snapshot {
        Snapshot::from_resources(version, parts.iter().map(|(n, name)| resource(*n, *name)))
    }

    proptest! {
        #[test]
        fn a_delta_leads_from_old_to_new(
            old in prop::collection::vec((0u8..20, 0u8..3), 0..20),
            new in prop::collection::vec((0u8..20, 0u8..3), 0..20),
        ) {
            let (old, new) = (snapshot(1, &old), snapshot(2, &new));
            let delta = Delta::between(&old, &new);
            let applied = old.apply(&delta).expect("fits");
            prop_assert_eq!(&applied, &new);
            let text = serde_json::to_string(&delta).expect("serialises");
            prop_assert_eq!(serde_json::from_str::<Delta>(&text).expect("parses"), delta);
            prop_assert_eq!(old.apply(&Delta::whole(&new)).expect("fits"), new);
        }
    }

    #[test]
    fn a_delta_to_something_else_changes_nothing() {
        let (a, b, c) = (snapshot(1, &[(5, 0)]), snapshot(2, &[(6, 0)]), snapshot(3, &[(9, 0)]));
        let delta = Delta::between(&a, &b);
        assert!(matches!(c.apply(&delta), Err(DeltaError::OtherBase { .. })));
        let mut wrong = delta;
        wrong.upserts.clear();
        assert!(matches!(a.apply(&wrong), Err(DeltaError::OtherResult { .. })));
    }

    #[test]
    fn stored_and_read_again() {
        let snapshot = snapshot(9, &[(1, 0), (8, 2)]);
        let text = serde_json::to_vec(&snapshot).expect("serialises");
        assert_eq!(serde_json::from_slice::<Snapshot>(&text).expect("parses"), snapshot);
    }
}
