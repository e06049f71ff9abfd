//! Who changed what.

use crate::error::{Failure, StoreError};
use crate::row::{Columns, micros};
use crate::{Store, Tx};
use chrono::{DateTime, Utc};
use domain::id::{AccountId, WorkspaceId};
use serde_json::Value;

/// What a write says about itself. Never holds a secret.
#[derive(Clone, Debug)]
pub struct AuditEntry<'a> {
    pub at: DateTime<Utc>,
    pub account_id: &'a AccountId,
    pub workspace_id: &'a WorkspaceId,
    /// A user's id, or `command line`, `set-up`.
    pub actor: &'a str,
    pub action: &'a str,
    pub object_kind: &'a str,
    pub object_id: &'a str,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct AuditRow {
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub actor: String,
    pub action: String,
    pub object_kind: String,
    pub object_id: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

impl Tx {
    pub async fn audit(&mut self, entry: AuditEntry<'_>) -> Result<(), StoreError> {
        let seq = self.next("audit").await?;
        let insert = sqlx::query(
            "INSERT INTO audit (seq, at, account_id, workspace_id, actor, action, object_kind, object_id, before, after) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(seq)
        .bind(micros(entry.at))
        .bind(entry.account_id.as_str())
        .bind(entry.workspace_id.as_str())
        .bind(entry.actor)
        .bind(entry.action)
        .bind(entry.object_kind)
        .bind(entry.object_id)
        .bind(entry.before.map(|value| value.to_string()))
        .bind(entry.after.map(|value| value.to_string()))
        .execute(self.connection())
        .await;
        self.seen(insert).map(|_| ())
    }
}

impl Store {
    /// Newest first, before a number (of the page before), at most `limit`.
    pub async fn audit(
        &self,
        workspace: &WorkspaceId,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let read = async {
            let rows =
                sqlx::query("SELECT * FROM audit WHERE workspace_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3")
                    .bind(workspace.as_str())
                    .bind(before.unwrap_or(i64::MAX))
                    .bind(limit)
                    .fetch_all(&self.pool)
                    .await?;
            let entry = |row: &sqlx::any::AnyRow| {
                Ok(AuditRow {
                    seq: row.number("seq")?,
                    at: row.time("at")?,
                    actor: row.text("actor")?,
                    action: row.text("action")?,
                    object_kind: row.text("object_kind")?,
                    object_id: row.text("object_id")?,
                    before: value(row, "before")?,
                    after: value(row, "after")?,
                })
            };
            rows.iter().map(entry).collect::<Result<Vec<_>, Failure>>()
        };
        self.seen(read.await)
    }
}

fn value(row: &sqlx::any::AnyRow, column: &str) -> Result<Option<Value>, Failure> {
    use sqlx::Row;
    let text: Option<String> = row.try_get(column)?;
    text.map(|text| serde_json::from_str(&text)).transpose().map_err(|_| Failure::Unreadable(column.into()))
}
