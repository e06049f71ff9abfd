//! Certificates that gateways' domains use.

use crate::error::{Failure, StoreError};
use crate::row::{Columns, json, micros};
use crate::{Store, Tx};
use chrono::{DateTime, Utc};
use domain::certificate::{AcmeOrder, CertificateFacts};
use domain::id::{AccountId, CertificateId, WorkspaceId};
use serde::Serialize;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

const REVISION: &str = "SELECT revision FROM certificates WHERE id = $1";

/// Serialised for the audit: without the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CertificateRow {
    pub id: CertificateId,
    pub account_id: AccountId,
    pub workspace_id: WorkspaceId,
    pub name: String,
    /// PEM.
    #[serde(skip)]
    pub chain: String,
    #[serde(skip)]
    pub sealed_key: String,
    /// `None` while it is ordered for the first time; chain and key are empty then.
    pub facts: Option<CertificateFacts>,
    /// Of one that an ACME server issues.
    pub acme: Option<AcmeOrder>,
    pub revision: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

fn read(row: &AnyRow) -> Result<CertificateRow, Failure> {
    Ok(CertificateRow {
        id: row.parsed("id")?,
        account_id: row.parsed("account_id")?,
        workspace_id: row.parsed("workspace_id")?,
        name: row.text("name")?,
        chain: row.text("chain")?,
        sealed_key: row.text("sealed_key")?,
        facts: row.json("facts")?,
        acme: row.json("acme")?,
        revision: row.number("revision")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

pub(crate) async fn all(connection: &mut AnyConnection) -> Result<Vec<CertificateRow>, Failure> {
    sqlx::query("SELECT * FROM certificates ORDER BY id").fetch_all(connection).await?.iter().map(read).collect()
}

impl Store {
    pub async fn certificates(&self) -> Result<Vec<CertificateRow>, StoreError> {
        let read = async { all(&mut *self.pool.acquire().await?).await };
        self.seen(read.await)
    }
}

impl Tx {
    pub async fn certificate(&mut self, id: &CertificateId) -> Result<Option<CertificateRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM certificates WHERE id = $1")
            .bind(id.as_str())
            .fetch_optional(self.connection())
            .await;
        let row = self.seen(row)?;
        self.seen(row.as_ref().map(read).transpose())
    }

    pub async fn insert_certificate(&mut self, row: &CertificateRow) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO certificates (id, account_id, workspace_id, name, name_key, chain, sealed_key, facts, revision, \
             created_at, updated_at, acme, acme_account_id) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(row.id.as_str())
        .bind(row.account_id.as_str())
        .bind(row.workspace_id.as_str())
        .bind(row.name.as_str())
        .bind(row.name.to_lowercase())
        .bind(row.chain.as_str())
        .bind(row.sealed_key.as_str())
        .bind(json(&row.facts))
        .bind(row.revision)
        .bind(micros(row.created_at))
        .bind(micros(row.updated_at))
        .bind(json(&row.acme))
        .bind(row.acme.as_ref().map(|order| order.account_id.as_str()))
        .execute(self.connection())
        .await;
        self.seen(insert).map(|_| ())
    }

    /// If it is still at revision `seen`; its own `revision` is the new one.
    pub async fn update_certificate(&mut self, row: &CertificateRow, seen: i64) -> Result<(), StoreError> {
        let update = sqlx::query(
            "UPDATE certificates SET name = $1, name_key = $2, chain = $3, sealed_key = $4, facts = $5, revision = $6, \
             updated_at = $7, acme = $8, acme_account_id = $9 WHERE id = $10 AND revision = $11",
        )
        .bind(row.name.as_str())
        .bind(row.name.to_lowercase())
        .bind(row.chain.as_str())
        .bind(row.sealed_key.as_str())
        .bind(json(&row.facts))
        .bind(row.revision)
        .bind(micros(row.updated_at))
        .bind(json(&row.acme))
        .bind(row.acme.as_ref().map(|order| order.account_id.as_str()))
        .bind(row.id.as_str())
        .bind(seen)
        .execute(self.connection())
        .await;
        let changed = self.seen(update)?.rows_affected();
        self.expect_one(changed, REVISION, row.id.as_str()).await
    }

    /// How an order stands. No edit of anybody's: the revision stays.
    pub async fn note_acme(&mut self, id: &CertificateId, order: &AcmeOrder) -> Result<(), StoreError> {
        let update = sqlx::query("UPDATE certificates SET acme = $1 WHERE id = $2")
            .bind(json(order))
            .bind(id.as_str())
            .execute(self.connection())
            .await;
        let changed = self.seen(update)?.rows_affected();
        self.expect_one(changed, REVISION, id.as_str()).await
    }

    /// Fails with [`StoreError::InUse`] while domains use it.
    pub async fn delete_certificate(&mut self, id: &CertificateId, seen: i64) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM certificates WHERE id = $1 AND revision = $2")
            .bind(id.as_str())
            .bind(seen)
            .execute(self.connection())
            .await;
        let changed = self.seen(delete)?.rows_affected();
        self.expect_one(changed, REVISION, id.as_str()).await
    }
}
