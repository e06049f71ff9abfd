//! Revealing a token.

use crate::{Control, ControlError, Missing};
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
        self.find_service(principal, service)?;
        let desired = self.desired();
        let tokens = desired.tokens.get(service).map(Vec::as_slice).unwrap_or_default();
        let token =
            tokens.iter().find(|token| token.row.id == *id).ok_or(ControlError::NotFound { what: Missing::Token })?;
        let secret = token.secret.clone().ok_or(ControlError::Sealed)?;
        let mut write = self.write(principal).await?;
        write.audit::<()>("token.reveal", "token", id.as_str(), None, None).await?;
        write.commit().await?;
        Ok(secret)
    }
}
