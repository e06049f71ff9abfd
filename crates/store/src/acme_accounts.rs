//! Accounts with ACME servers.

use crate::error::{Failure, StoreError};
use crate::row::{Columns, json, micros};
use crate::{Store, Tx};
use chrono::{DateTime, Utc};
use domain::id::{AccountId, AcmeAccountId, WorkspaceId};
use serde::Serialize;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

/// Serialised for the audit: without the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AcmeAccountRow {
    pub id: AcmeAccountId,
    pub account_id: AccountId,
    pub workspace_id: WorkspaceId,
    pub directory: String,
    /// What people call it; may be empty.
    pub name: String,
    pub contact: Vec<String>,
    #[serde(skip)]
    pub sealed_credentials: String,
    pub revision: i64,
    pub created_at: DateTime<Utc>,
}

const REVISION: &str = "SELECT revision FROM acme_accounts WHERE id = $1";

fn read(row: &AnyRow) -> Result<AcmeAccountRow, Failure> {
    Ok(AcmeAccountRow {
        id: row.parsed("id")?,
        account_id: row.parsed("account_id")?,
        workspace_id: row.parsed("workspace_id")?,
        directory: row.text("directory")?,
        name: row.text("name")?,
        contact: row.json("contact")?,
        sealed_credentials: row.text("sealed_credentials")?,
        revision: row.number("revision")?,
        created_at: row.time("created_at")?,
    })
}

pub(crate) async fn all(connection: &mut AnyConnection) -> Result<Vec<AcmeAccountRow>, Failure> {
    sqlx::query("SELECT * FROM acme_accounts ORDER BY id").fetch_all(connection).await?.iter().map(read).collect()
}

impl Store {
    pub async fn acme_accounts(&self) -> Result<Vec<AcmeAccountRow>, StoreError> {
        let read = async { all(&mut *self.pool.acquire().await?).await };
        self.seen(read.await)
    }
}

impl Tx {
    /// Fails with [`StoreError::Taken`] where the workspace has one with this server.
    pub async fn insert_acme_account(&mut self, row: &AcmeAccountRow) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO acme_accounts (id, account_id, workspace_id, directory, contact, sealed_credentials, \
             created_at, name, revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(row.id.as_str())
        .bind(row.account_id.as_str())
        .bind(row.workspace_id.as_str())
        .bind(row.directory.as_str())
        .bind(json(&row.contact))
        .bind(row.sealed_credentials.as_str())
        .bind(micros(row.created_at))
        .bind(row.name.as_str())
        .bind(row.revision)
        .execute(self.connection())
        .await;
        self.seen(insert).map(|_| ())
    }

    /// Name and contact, if it is still at revision `seen`; its own `revision` is the new one.
    pub async fn update_acme_account(&mut self, row: &AcmeAccountRow, seen: i64) -> Result<(), StoreError> {
        let update = sqlx::query(
            "UPDATE acme_accounts SET name = $1, contact = $2, revision = $3 WHERE id = $4 AND revision = $5",
        )
        .bind(row.name.as_str())
        .bind(json(&row.contact))
        .bind(row.revision)
        .bind(row.id.as_str())
        .bind(seen)
        .execute(self.connection())
        .await;
        let changed = self.seen(update)?.rows_affected();
        self.expect_one(changed, REVISION, row.id.as_str()).await
    }

    /// Fails with [`StoreError::InUse`] while certificates are ordered with it.
    pub async fn delete_acme_account(&mut self, id: &AcmeAccountId, seen: i64) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM acme_accounts WHERE id = $1 AND revision = $2")
            .bind(id.as_str())
            .bind(seen)
            .execute(self.connection())
            .await;
        let changed = self.seen(delete)?.rows_affected();
        self.expect_one(changed, REVISION, id.as_str()).await
    }
}
