//! Who is asking, as known when the request arrived.

use crate::IdentityError;
use domain::id::{AccountId, SessionId, UserId, WorkspaceId};
use domain::name::UserName;
use domain::role::{Permission, Role};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    pub user_id: UserId,
    pub name: UserName,
    pub role: Role,
    pub account_id: AccountId,
    pub workspace_id: WorkspaceId,
    pub session_id: SessionId,
}

/// Called first by every use case.
pub fn authorize(principal: &Principal, permission: Permission) -> Result<(), IdentityError> {
    if principal.role.allows(permission) { Ok(()) } else { Err(IdentityError::Forbidden { permission }) }
}
