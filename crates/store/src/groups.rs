//! Groups of services.

use crate::Tx;
use crate::error::{Failure, StoreError};
use crate::row::{Columns, json, micros};
use chrono::{DateTime, Utc};
use domain::id::{GroupId, TokenId};
use domain::name::ServiceName;
use domain::secret::Digest256;
use domain::service::Group;
use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

const REVISION: &str = "SELECT revision FROM service_groups WHERE id = $1";

/// A group with what opens it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRow {
    pub group: Group,
    /// Newest first.
    pub tokens: Vec<GroupToken>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupToken {
    pub id: TokenId,
    pub digest: Digest256,
    /// Encrypted by the caller; the store has no key.
    pub sealed: String,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
}

fn read(row: &AnyRow) -> Result<GroupRow, Failure> {
    let group = Group {
        id: row.parsed("id")?,
        account_id: row.parsed("account_id")?,
        workspace_id: row.parsed("workspace_id")?,
        name: ServiceName::parse(&row.text("name")?).map_err(|_| Failure::Unreadable("service_groups.name".into()))?,
        gateway_id: row.parsed("gateway_id")?,
        weights: row.json("weights")?,
        revision: row.number("revision")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    };
    Ok(GroupRow { group, tokens: row.json("tokens")? })
}

pub(crate) async fn all(connection: &mut AnyConnection) -> Result<Vec<GroupRow>, Failure> {
    sqlx::query("SELECT * FROM service_groups ORDER BY id").fetch_all(connection).await?.iter().map(read).collect()
}

impl Tx {
    pub async fn insert_group(&mut self, row: &GroupRow) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO service_groups (id, account_id, workspace_id, name, gateway_id, weights, tokens, revision, \
             created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(row.group.id.as_str())
        .bind(row.group.account_id.as_str())
        .bind(row.group.workspace_id.as_str())
        .bind(row.group.name.as_str())
        .bind(row.group.gateway_id.as_str())
        .bind(json(&row.group.weights))
        .bind(json(&row.tokens))
        .bind(row.group.revision)
        .bind(micros(row.group.created_at))
        .bind(micros(row.group.updated_at))
        .execute(self.connection())
        .await;
        self.seen(insert).map(|_| ())
    }

    /// Writes it if it is still at revision `seen`. Its name and its gateway never change.
    pub async fn update_group(&mut self, row: &GroupRow, seen: i64) -> Result<(), StoreError> {
        let update = sqlx::query(
            "UPDATE service_groups SET weights = $1, tokens = $2, revision = $3, updated_at = $4 \
             WHERE id = $5 AND revision = $6",
        )
        .bind(json(&row.group.weights))
        .bind(json(&row.tokens))
        .bind(row.group.revision)
        .bind(micros(row.group.updated_at))
        .bind(row.group.id.as_str())
        .bind(seen)
        .execute(self.connection())
        .await;
        let changed = self.seen(update)?.rows_affected();
        self.expect_one(changed, REVISION, row.group.id.as_str()).await
    }

    /// No service may be in it any more.
    pub async fn delete_group(&mut self, id: &GroupId) -> Result<(), StoreError> {
        let delete =
            sqlx::query("DELETE FROM service_groups WHERE id = $1").bind(id.as_str()).execute(self.connection()).await;
        self.seen(delete).map(|_| ())
    }
}
