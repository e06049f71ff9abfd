//! Sign-ins.

use crate::error::{Failure, StoreError};
use crate::row::{Columns, micros};
use crate::{Store, Tx};
use chrono::{DateTime, Utc};
use domain::id::{AccountId, SessionId, UserId, WorkspaceId};
use domain::secret::Digest256;
use sqlx::any::AnyRow;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    pub id: SessionId,
    pub user_id: UserId,
    pub account_id: AccountId,
    pub workspace_id: WorkspaceId,
    /// Of the cookie's value; the value itself is nowhere.
    pub token_digest: Digest256,
    pub user_agent: String,
    pub address: String,
    pub created_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

fn read(row: &AnyRow) -> Result<SessionRow, Failure> {
    Ok(SessionRow {
        id: row.parsed("id")?,
        user_id: row.parsed("user_id")?,
        account_id: row.parsed("account_id")?,
        workspace_id: row.parsed("workspace_id")?,
        token_digest: row.parsed("token_digest")?,
        user_agent: row.text("user_agent")?,
        address: row.text("address")?,
        created_at: row.time("created_at")?,
        last_seen_at: row.time("last_seen_at")?,
        expires_at: row.time("expires_at")?,
    })
}

impl Store {
    pub async fn session(&self, token: &Digest256) -> Result<Option<SessionRow>, StoreError> {
        let read = async {
            let row = sqlx::query("SELECT * FROM sessions WHERE token_digest = $1")
                .bind(token.to_string())
                .fetch_optional(&self.pool)
                .await?;
            row.as_ref().map(read).transpose()
        };
        self.seen(read.await)
    }

    /// Newest use first.
    pub async fn sessions_of(&self, user: &UserId) -> Result<Vec<SessionRow>, StoreError> {
        let read = async {
            sqlx::query("SELECT * FROM sessions WHERE user_id = $1 ORDER BY last_seen_at DESC, id")
                .bind(user.as_str())
                .fetch_all(&self.pool)
                .await?
                .iter()
                .map(read)
                .collect()
        };
        self.seen(read.await)
    }

    /// Not worth a transaction's flush to the disk each time; callers space these out.
    pub async fn touch_session(&self, id: &SessionId, at: DateTime<Utc>) -> Result<(), StoreError> {
        let update = sqlx::query("UPDATE sessions SET last_seen_at = $1 WHERE id = $2")
            .bind(micros(at))
            .bind(id.as_str())
            .execute(&self.pool)
            .await;
        self.seen(update.map(|_| ()).map_err(Failure::from))
    }
}

impl Tx {
    pub async fn insert_session(&mut self, session: &SessionRow) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO sessions (id, user_id, account_id, workspace_id, token_digest, user_agent, address, created_at, \
             last_seen_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(session.id.as_str())
        .bind(session.user_id.as_str())
        .bind(session.account_id.as_str())
        .bind(session.workspace_id.as_str())
        .bind(session.token_digest.to_string())
        .bind(session.user_agent.as_str())
        .bind(session.address.as_str())
        .bind(micros(session.created_at))
        .bind(micros(session.last_seen_at))
        .bind(micros(session.expires_at))
        .execute(self.connection())
        .await;
        self.seen(insert).map(|_| ())
    }

    /// Only a session of this user; tells whether there was one.
    pub async fn delete_session(&mut self, user: &UserId, id: &SessionId) -> Result<bool, StoreError> {
        let delete = sqlx::query("DELETE FROM sessions WHERE id = $1 AND user_id = $2")
            .bind(id.as_str())
            .bind(user.as_str())
            .execute(self.connection())
            .await;
        Ok(self.seen(delete)?.rows_affected() == 1)
    }

    /// All of a user's, but for one that stays.
    pub async fn delete_sessions_of(&mut self, user: &UserId, but: Option<&SessionId>) -> Result<u64, StoreError> {
        let delete = sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND id <> $2")
            .bind(user.as_str())
            .bind(but.map(SessionId::as_str).unwrap_or_default())
            .execute(self.connection())
            .await;
        Ok(self.seen(delete)?.rows_affected())
    }

    pub async fn delete_sessions_expired(&mut self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let delete = sqlx::query("DELETE FROM sessions WHERE expires_at < $1")
            .bind(micros(now))
            .execute(self.connection())
            .await;
        Ok(self.seen(delete)?.rows_affected())
    }
}
