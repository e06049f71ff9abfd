//! Who runs the installation: administrators of its first account.

use crate::{Control, ControlError};
use domain::role::Permission;
use identity::{Principal, authorize};

impl Control {
    pub fn operates(&self, principal: &Principal) -> bool {
        principal.account_id == self.first_workspace().account_id
    }

    /// Another account's commands never run as the product's own user: they could read its database and its key.
    pub(crate) fn check_separated(&self, principal: &Principal) -> Result<(), ControlError> {
        let mixed = self.observed().agents.values().any(|agent| agent.replica_user.is_none());
        if mixed && !self.operates(principal) { Err(ControlError::OperatorOnly) } else { Ok(()) }
    }

    /// What concerns all accounts: the machine's networks, the accounts themselves.
    pub(crate) fn authorize_operator(&self, principal: &Principal, permission: Permission) -> Result<(), ControlError> {
        authorize(principal, permission)?;
        if self.operates(principal) { Ok(()) } else { Err(ControlError::OperatorOnly) }
    }
}
