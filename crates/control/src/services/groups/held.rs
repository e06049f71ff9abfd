//! A group in memory.

use crate::InstallationKey;
use domain::secret::Secret;
use domain::service::Group;
use store::{GroupRow, GroupToken};

#[derive(Clone, Debug)]
pub struct HeldGroup {
    pub group: Group,
    /// Newest first.
    pub tokens: Vec<GroupTokenHeld>,
}

#[derive(Clone, Debug)]
pub struct GroupTokenHeld {
    pub row: GroupToken,
    /// `None` where the installation's key does not open it.
    pub secret: Option<Secret>,
}

impl HeldGroup {
    pub(crate) fn open(stored: GroupRow, key: &InstallationKey) -> Self {
        let open = |row: GroupToken| GroupTokenHeld { secret: key.open(&row.sealed, row.id.as_str()), row };
        Self { group: stored.group, tokens: stored.tokens.into_iter().map(open).collect() }
    }

    pub(super) fn row(&self) -> GroupRow {
        let tokens = self.tokens.iter().map(|token| token.row.clone()).collect();
        GroupRow { group: self.group.clone(), tokens }
    }
}
