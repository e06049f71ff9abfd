//! Revealing a token.

use super::Found;
use crate::{Control, ControlError};
use domain::id::{ServiceId, TokenId};
use domain::role::Permission;
use domain::secret::Secret;
use identity::{Principal, authorize};

impl Control {
    /// Noted in the audit before it is told.
    pub async fn reveal_token(
        &self,
        principal: &Principal,
        service: &ServiceId,
        id: &TokenId,
    ) -> Result<Secret, ControlError> {
        authorize(principal, Permission::RevealTokens)?;
        let Found { one, .. } = self.find_token(principal, service, id)?;
        let secret = one.secret.ok_or(ControlError::Sealed)?;
        let mut write = self.write(principal).await?;
        write.audit::<()>("token.reveal", "token", id.as_str(), None, None).await?;
        write.commit().await?;
        Ok(secret)
    }
}
