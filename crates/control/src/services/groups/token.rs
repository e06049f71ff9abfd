//! What opens a group.

use super::{GroupTokenHeld, HeldGroup};
use crate::error::{Missing, of_store};
use crate::write::Write;
use crate::{Control, ControlError};
use chrono::TimeDelta;
use domain::error::{FieldErrors, Invalid};
use domain::id::{GroupId, TokenId};
use domain::role::Permission;
use domain::secret::Secret;
use identity::{Principal, authorize, entropy};
use store::GroupToken;

/// Seconds that an old token may stay good for: a week.
pub const LONGEST_OVERLAP: u32 = 7 * 86_400;

impl Control {
    pub(super) fn new_group_token(&self, write: &Write<'_>) -> Result<GroupTokenHeld, ControlError> {
        let secret = entropy::token();
        let id = TokenId::from_random(entropy::id());
        let row = GroupToken {
            digest: secret.digest(),
            sealed: self.inner.key.seal(&secret, id.as_str()).ok_or(ControlError::Sealed)?,
            created_at: write.now,
            expires_at: None,
            id,
        };
        Ok(GroupTokenHeld { row, secret: Some(secret) })
    }

    /// A new one at once; those that were good are so for `overlap` more seconds.
    pub async fn rotate_group_token(
        &self,
        principal: &Principal,
        id: &GroupId,
        seen: i64,
        overlap: u32,
    ) -> Result<(), ControlError> {
        authorize(principal, Permission::DeployServices)?;
        if overlap > LONGEST_OVERLAP {
            let range = Invalid::OutOfRange { min: 0, max: LONGEST_OVERLAP.into() };
            return Err(FieldErrors::one("overlap", range).into());
        }
        let mut write = self.write(principal).await?;
        let before = self.seen_group(principal, id, seen)?;
        let mut after = HeldGroup::clone(&before);
        let end = write.now + TimeDelta::seconds(overlap.into());
        after.tokens.retain(|token| token.row.expires_at.is_none_or(|expires| expires > write.now));
        for token in &mut after.tokens {
            token.row.expires_at = Some(token.row.expires_at.map_or(end, |expires| expires.min(end)));
        }
        after.tokens.insert(0, self.new_group_token(&write)?);
        (after.group.revision, after.group.updated_at) = (seen + 1, write.now);
        let told = |error| of_store(error, Missing::Group, "");
        write.tx.update_group(&after.row(), seen).await.map_err(told)?;
        write.group("group.rotate_token", Some(&before.group), Some(&after)).await?;
        write.commit().await
    }

    /// Noted in the audit before it is told.
    pub async fn reveal_group_token(
        &self,
        principal: &Principal,
        group: &GroupId,
        id: &TokenId,
    ) -> Result<Secret, ControlError> {
        authorize(principal, Permission::RevealTokens)?;
        let held = self.find_group(principal, group)?;
        let token = held.tokens.iter().find(|token| token.row.id == *id);
        let token = token.ok_or(ControlError::NotFound { what: Missing::Token })?;
        let secret = token.secret.clone().ok_or(ControlError::Sealed)?;
        let mut write = self.write(principal).await?;
        write.audit::<()>("token.reveal", "token", id.as_str(), None, None).await?;
        write.commit().await?;
        Ok(secret)
    }
}
