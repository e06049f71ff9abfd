//! What engines shall have, by their hosts.

use super::Fleet;
use domain::id::HostId;
use domain::snapshot::Snapshot;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

/// Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Configurations {
    /// The store's change number that all of them include.
    pub version: u64,
    pub fleet: Arc<Fleet>,
    pub(super) snapshots: BTreeMap<HostId, Arc<Snapshot>>,
}

static NOTHING: LazyLock<Arc<Snapshot>> = LazyLock::new(Arc::default);

impl Configurations {
    /// Nothing at all for a host that is none (any more).
    pub fn of(&self, host: &HostId) -> &Arc<Snapshot> {
        self.snapshots.get(host).unwrap_or(&NOTHING)
    }

    /// Any will do for what all have.
    pub fn any(&self) -> &Arc<Snapshot> {
        self.snapshots.values().next().unwrap_or(&NOTHING)
    }

    /// Whether engines have to be told anything.
    pub fn differs(&self, other: &Self) -> bool {
        let same = |(host, snapshot): (&HostId, &Arc<Snapshot>)| {
            other.snapshots.get(host).is_some_and(|other| other.hash() == snapshot.hash())
        };
        self.snapshots.len() != other.snapshots.len() || !self.snapshots.iter().all(same)
    }
}
