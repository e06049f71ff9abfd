//! Workspaces, and the roles that accounts have granted.

use crate::error::{Failure, StoreError};
use crate::row::{Columns, micros};
use crate::{Store, Tx};
use chrono::{DateTime, Utc};
use domain::id::{AccountId, UserId, WorkspaceId};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkspaceRow {
    pub id: WorkspaceId,
    pub account_id: AccountId,
    pub name: String,
    pub created_at: DateTime<Utc>,
}

impl Store {
    /// Oldest first.
    pub async fn workspaces(&self) -> Result<Vec<WorkspaceRow>, StoreError> {
        let read = async {
            let rows = sqlx::query("SELECT * FROM workspaces ORDER BY created_at, id").fetch_all(&self.pool).await?;
            let workspace = |row: &sqlx::any::AnyRow| {
                Ok(WorkspaceRow {
                    id: row.parsed("id")?,
                    account_id: row.parsed("account_id")?,
                    name: row.text("name")?,
                    created_at: row.time("created_at")?,
                })
            };
            rows.iter().map(workspace).collect::<Result<Vec<_>, Failure>>()
        };
        self.seen(read.await)
    }

    pub async fn role_granted(&self, account: &AccountId, role: &str) -> Result<bool, StoreError> {
        let count =
            sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM role_grants WHERE account_id = $1 AND role = $2")
                .bind(account.as_str())
                .bind(role)
                .fetch_one(&self.pool)
                .await;
        Ok(self.seen(count.map_err(Failure::from))? > 0)
    }
}

impl Tx {
    pub async fn insert_workspace(&mut self, workspace: &WorkspaceRow) -> Result<(), StoreError> {
        let insert = sqlx::query("INSERT INTO workspaces (id, account_id, name, created_at) VALUES ($1, $2, $3, $4)")
            .bind(workspace.id.as_str())
            .bind(workspace.account_id.as_str())
            .bind(workspace.name.as_str())
            .bind(micros(workspace.created_at))
            .execute(self.connection())
            .await;
        self.seen(insert).map(|_| ())
    }

    /// Granting twice is granting once.
    pub async fn grant_role(
        &mut self,
        account: &AccountId,
        workspace: &WorkspaceId,
        role: &str,
        by: &UserId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO role_grants (account_id, workspace_id, role, granted_by, granted_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account_id, role) DO NOTHING",
        )
        .bind(account.as_str())
        .bind(workspace.as_str())
        .bind(role)
        .bind(by.as_str())
        .bind(micros(now))
        .execute(self.connection())
        .await;
        self.seen(insert).map(|_| ())
    }

    pub async fn revoke_role(&mut self, account: &AccountId, role: &str) -> Result<bool, StoreError> {
        let delete = sqlx::query("DELETE FROM role_grants WHERE account_id = $1 AND role = $2")
            .bind(account.as_str())
            .bind(role)
            .execute(self.connection())
            .await;
        Ok(self.seen(delete)?.rows_affected() == 1)
    }
}
