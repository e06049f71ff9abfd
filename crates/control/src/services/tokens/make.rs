//! A further token of a service.

use crate::desired::Token;
use crate::{Control, ControlError};
use chrono::{DateTime, Utc};
use domain::id::{ServiceId, TokenId};
use domain::role::Permission;
use domain::secret::Secret;
use domain::service::{MAX_TOKENS, Service, TokenDraft};
use identity::{Principal, authorize, entropy};
use store::TokenRow;

impl Control {
    pub async fn create_token(
        &self,
        principal: &Principal,
        service: &ServiceId,
        draft: &TokenDraft,
    ) -> Result<TokenId, ControlError> {
        authorize(principal, Permission::DeployServices)?;
        let checked = draft.validate()?;
        let mut write = self.write(principal).await?;
        let (service, mut all) = self.tokens_of(principal, service)?;
        if all.len() >= MAX_TOKENS {
            return Err(ControlError::TooManyTokens { max: MAX_TOKENS });
        }
        let ends = checked.lifetime.map(|lifetime| write.now + lifetime);
        let token = self.new_token(&service, checked.label, ends, write.now)?;
        write.tx.insert_token(&token.row).await?;
        write.token("token.create", None, Some(&token)).await?;
        let id = token.row.id.clone();
        all.push(token);
        write.tokens(&service, all).await?;
        write.commit().await?;
        Ok(id)
    }

    /// One that nobody has seen yet.
    pub(in crate::services) fn new_token(
        &self,
        service: &Service,
        label: String,
        expires_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<Token, ControlError> {
        self.token_of(service, entropy::token(), label, expires_at, now)
    }

    /// What somebody says in the service's document.
    pub(in crate::services) fn given_token(
        &self,
        service: &Service,
        secret: Secret,
        now: DateTime<Utc>,
    ) -> Result<Token, ControlError> {
        self.token_of(service, secret, String::new(), None, now)
    }

    fn token_of(
        &self,
        service: &Service,
        secret: Secret,
        label: String,
        expires_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<Token, ControlError> {
        let id = TokenId::from_random(entropy::id());
        let row = TokenRow {
            account_id: service.account_id.clone(),
            workspace_id: service.workspace_id.clone(),
            service_id: service.id.clone(),
            digest: secret.digest(),
            sealed: self.inner.key.seal(&secret, id.as_str()).ok_or(ControlError::Sealed)?,
            label,
            revision: 1,
            created_at: now,
            expires_at,
            id,
        };
        Ok(Token { row, secret: Some(secret) })
    }
}
