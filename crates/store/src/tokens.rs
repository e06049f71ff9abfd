//! Tokens of services: a digest to recognise them by, and the sealed secret so that it can be revealed.

use crate::error::{Failure, StoreError};
use crate::row::{Columns, micros};
use crate::{Store, Tx};
use chrono::{DateTime, Utc};
use domain::id::{AccountId, ServiceId, TokenId, WorkspaceId};
use domain::secret::Digest256;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    pub id: TokenId,
    pub account_id: AccountId,
    pub workspace_id: WorkspaceId,
    pub service_id: ServiceId,
    pub digest: Digest256,
    /// Encrypted by the caller; the store has no key.
    pub sealed: String,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
}

fn read(row: &AnyRow) -> Result<TokenRow, Failure> {
    Ok(TokenRow {
        id: row.parsed("id")?,
        account_id: row.parsed("account_id")?,
        workspace_id: row.parsed("workspace_id")?,
        service_id: row.parsed("service_id")?,
        digest: row.parsed("digest")?,
        sealed: row.text("sealed")?,
        created_at: row.time("created_at")?,
        expires_at: row.time_or_null("expires_at")?,
    })
}

pub(crate) async fn all(connection: &mut AnyConnection) -> Result<Vec<TokenRow>, Failure> {
    sqlx::query("SELECT * FROM tokens ORDER BY id").fetch_all(connection).await?.iter().map(read).collect()
}

impl Store {
    /// Oldest first.
    pub async fn tokens_of(&self, service: &ServiceId) -> Result<Vec<TokenRow>, StoreError> {
        let read = async {
            sqlx::query("SELECT * FROM tokens WHERE service_id = $1 ORDER BY created_at, id")
                .bind(service.as_str())
                .fetch_all(&self.pool)
                .await?
                .iter()
                .map(read)
                .collect()
        };
        self.seen(read.await)
    }
}

impl Tx {
    pub async fn insert_token(&mut self, token: &TokenRow) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO tokens (id, account_id, workspace_id, service_id, digest, sealed, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(token.id.as_str())
        .bind(token.account_id.as_str())
        .bind(token.workspace_id.as_str())
        .bind(token.service_id.as_str())
        .bind(token.digest.to_string())
        .bind(token.sealed.as_str())
        .bind(micros(token.created_at))
        .bind(token.expires_at.map(micros))
        .execute(self.connection())
        .await;
        self.seen(insert).map(|_| ())
    }
}
