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
        let same =
            |(a, b): ((&HostId, &Arc<Snapshot>), (&HostId, &Arc<Snapshot>))| a.0 == b.0 && a.1.hash() == b.1.hash();
        self.snapshots.len() != other.snapshots.len() || !self.snapshots.iter().zip(&other.snapshots).all(same)
    }
}
