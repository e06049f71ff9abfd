//! Changing what a token is for and when it ends, and deleting it.

use crate::desired::Token;
use crate::error::{Missing, of_store};
use crate::{Control, ControlError};
use domain::error::{FieldErrors, Invalid};
use domain::id::{ServiceId, TokenId};
use domain::role::Permission;
use domain::service::{TokenDraft, is_valid};
use identity::{Principal, authorize};
use store::TokenRow;

/// What is chosen where the end of a token is to stay.
const KEEP: &str = "keep";

impl Control {
    /// `seen` is the token's own revision. With `keep` for a lifetime it ends when it did before; one that has expired
    /// may be given more time.
    pub async fn edit_token(
        &self,
        principal: &Principal,
        service: &ServiceId,
        id: &TokenId,
        seen: i64,
        draft: &TokenDraft,
    ) -> Result<(), ControlError> {
        authorize(principal, Permission::DeployServices)?;
        let keeps = draft.lifetime == KEEP;
        let lifetime = if keeps { String::new() } else { draft.lifetime.clone() };
        let checked = TokenDraft { lifetime, ..draft.clone() }.validate()?;
        let mut write = self.write(principal).await?;
        let found = self.find_token(principal, service, id)?;
        let before = &found.one.row;
        if before.revision != seen {
            return Err(ControlError::Conflict { current: before.revision });
        }
        let ends = if keeps { before.expires_at } else { checked.lifetime.map(|lifetime| write.now + lifetime) };
        if ends == before.expires_at && checked.label == before.label {
            return Ok(());
        }
        let row = TokenRow { label: checked.label, expires_at: ends, revision: seen + 1, ..before.clone() };
        let after = Token { row, secret: found.one.secret.clone() };
        write.tx.update_token(&after.row, seen).await.map_err(|error| of_store(error, Missing::Token, ""))?;
        write.token("token.edit", Some(&found.one), Some(&after)).await?;
        write.tokens(&found.service, found.with(&after)).await?;
        write.commit().await
    }

    /// Where nobody could call the service any more, `typed` has to be its name.
    pub async fn delete_token(
        &self,
        principal: &Principal,
        service: &ServiceId,
        id: &TokenId,
        seen: i64,
        typed: &str,
    ) -> Result<(), ControlError> {
        authorize(principal, Permission::DeployServices)?;
        let mut write = self.write(principal).await?;
        let found = self.find_token(principal, service, id)?;
        let lets_in = |token: &Token| is_valid(token.row.expires_at, write.now);
        let is_last = lets_in(&found.one) && !found.without().iter().any(lets_in);
        if is_last && typed.trim() != found.service.name.as_str() {
            let expected = found.service.name.to_string();
            return Err(FieldErrors::one("confirmation", Invalid::Confirmation { expected }).into());
        }
        write.tx.delete_token(id, seen).await.map_err(|error| of_store(error, Missing::Token, ""))?;
        write.token("token.delete", Some(&found.one), None).await?;
        write.tokens(&found.service, found.without()).await?;
        write.commit().await
    }
}
