//! Replacing a token: both work for a while, so that callers change over one by one.

use crate::desired::Token;
use crate::error::{Missing, of_store};
use crate::{Control, ControlError};
use domain::error::FieldErrors;
use domain::id::{ServiceId, TokenId};
use domain::role::Permission;
use domain::service::{MAX_TOKENS, parse_overlap};
use identity::{Principal, authorize};
use store::TokenRow;

impl Control {
    /// The new one is for the same and lasts as long as the old one was to; the old one ends after `overlap` (seconds),
    /// or when it would have ended anyway.
    pub async fn rotate_token(
        &self,
        principal: &Principal,
        service: &ServiceId,
        id: &TokenId,
        seen: i64,
        overlap: &str,
    ) -> Result<TokenId, ControlError> {
        authorize(principal, Permission::DeployServices)?;
        let overlap = parse_overlap(overlap).map_err(|error| FieldErrors::one("overlap", error))?;
        let mut write = self.write(principal).await?;
        let found = self.find_token(principal, service, id)?;
        if found.all.len() >= MAX_TOKENS {
            return Err(ControlError::TooManyTokens { max: MAX_TOKENS });
        }
        let before = &found.one.row;
        let ends = before.expires_at.map(|end| write.now + (end - before.created_at));
        let new = self.new_token(&found.service, before.label.clone(), ends, write.now)?;
        let latest = write.now + overlap;
        let end = before.expires_at.map_or(latest, |end| end.min(latest));
        let row = TokenRow { expires_at: Some(end), revision: seen + 1, ..before.clone() };
        let old = Token { row, secret: found.one.secret.clone() };
        write.tx.update_token(&old.row, seen).await.map_err(|error| of_store(error, Missing::Token, ""))?;
        write.tx.insert_token(&new.row).await?;
        write.token("token.rotate", Some(&found.one), Some(&old)).await?;
        write.token("token.create", None, Some(&new)).await?;
        let id = new.row.id.clone();
        let all = found.with(&old).into_iter().chain([new]).collect();
        write.tokens(&found.service, all).await?;
        write.commit().await?;
        Ok(id)
    }
}
