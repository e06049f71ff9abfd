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
    /// What it is for.
    pub label: String,
    pub revision: i64,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
}

const REVISION: &str = "SELECT revision FROM tokens WHERE id = $1";

fn read(row: &AnyRow) -> Result<TokenRow, Failure> {
    Ok(TokenRow {
        id: row.parsed("id")?,
        account_id: row.parsed("account_id")?,
        workspace_id: row.parsed("workspace_id")?,
        service_id: row.parsed("service_id")?,
        digest: row.parsed("digest")?,
        sealed: row.text("sealed")?,
        label: row.text("label")?,
        revision: row.number("revision")?,
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

    /// When each was used last, as far as it was noted; those that were never used are left out.
    pub async fn token_uses(&self) -> Result<Vec<(TokenId, DateTime<Utc>)>, StoreError> {
        let read = async {
            let rows = sqlx::query("SELECT id, last_used_at FROM tokens WHERE last_used_at IS NOT NULL")
                .fetch_all(&self.pool)
                .await?;
            rows.iter().map(|row| Ok((row.parsed("id")?, row.time("last_used_at")?))).collect()
        };
        self.seen(read.await)
    }
}

impl Tx {
    pub async fn insert_token(&mut self, token: &TokenRow) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO tokens (id, account_id, workspace_id, service_id, digest, sealed, created_at, expires_at, label, \
             revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(token.id.as_str())
        .bind(token.account_id.as_str())
        .bind(token.workspace_id.as_str())
        .bind(token.service_id.as_str())
        .bind(token.digest.to_string())
        .bind(token.sealed.as_str())
        .bind(micros(token.created_at))
        .bind(token.expires_at.map(micros))
        .bind(token.label.as_str())
        .bind(token.revision)
        .execute(self.connection())
        .await;
        self.seen(insert).map(|_| ())
    }

    /// Writes what it is for and when it ends, if it is still at revision `seen`; what it is recognised by never
    /// changes.
    pub async fn update_token(&mut self, token: &TokenRow, seen: i64) -> Result<(), StoreError> {
        let update =
            sqlx::query("UPDATE tokens SET label = $1, expires_at = $2, revision = $3 WHERE id = $4 AND revision = $5")
                .bind(token.label.as_str())
                .bind(token.expires_at.map(micros))
                .bind(token.revision)
                .bind(token.id.as_str())
                .bind(seen)
                .execute(self.connection())
                .await;
        let changed = self.seen(update)?.rows_affected();
        self.expect_one(changed, REVISION, token.id.as_str()).await
    }

    pub async fn delete_token(&mut self, id: &TokenId, seen: i64) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM tokens WHERE id = $1 AND revision = $2")
            .bind(id.as_str())
            .bind(seen)
            .execute(self.connection())
            .await;
        let changed = self.seen(delete)?.rows_affected();
        self.expect_one(changed, REVISION, id.as_str()).await
    }

    /// Notes when a token was used last, unless it is known to have been used later; nobody's edit becomes stale by it.
    pub async fn note_token_use(&mut self, id: &TokenId, at: DateTime<Utc>) -> Result<(), StoreError> {
        let update = sqlx::query(
            "UPDATE tokens SET last_used_at = $1 WHERE id = $2 AND (last_used_at IS NULL OR last_used_at < $3)",
        )
        .bind(micros(at))
        .bind(id.as_str())
        .bind(micros(at))
        .execute(self.connection())
        .await;
        self.seen(update).map(|_| ())
    }
}
