//! Accounts, and the VPCs that one grants to another.

use crate::error::{Failure, StoreError};
use crate::row::{Columns, micros};
use crate::{Store, Tx, WorkspaceRow};
use chrono::{DateTime, Utc};
use domain::account::Account;
use domain::id::{AccountId, UserId, VpcId, WorkspaceId};
use sqlx::AnyConnection;
use std::collections::{BTreeMap, BTreeSet};

/// One of them, with its first workspace and how many people sign in there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    pub account: Account,
    pub created_at: DateTime<Utc>,
    pub users: i64,
}

pub(crate) async fn all(connection: &mut AnyConnection) -> Result<BTreeMap<AccountId, Account>, Failure> {
    let rows = sqlx::query("SELECT * FROM accounts").fetch_all(connection).await?;
    let account = |row| -> Result<_, Failure> {
        let account = read(row)?;
        Ok((account.id.clone(), account))
    };
    rows.iter().map(account).collect()
}

fn read(row: &sqlx::any::AnyRow) -> Result<Account, Failure> {
    Ok(Account { id: row.parsed("id")?, name: row.text("name")? })
}

pub(crate) async fn grants(connection: &mut AnyConnection) -> Result<BTreeMap<VpcId, BTreeSet<AccountId>>, Failure> {
    let rows = sqlx::query("SELECT vpc_id, account_id FROM vpc_grants").fetch_all(connection).await?;
    let mut grants: BTreeMap<VpcId, BTreeSet<AccountId>> = BTreeMap::new();
    for row in &rows {
        grants.entry(row.parsed("vpc_id")?).or_default().insert(row.parsed("account_id")?);
    }
    Ok(grants)
}

impl Store {
    /// Oldest first.
    pub async fn accounts(&self) -> Result<Vec<AccountRow>, StoreError> {
        let read = async {
            let rows = sqlx::query(
                "SELECT accounts.id, accounts.name, accounts.created_at, COUNT(users.id) AS users FROM accounts \
                 LEFT JOIN users ON users.account_id = accounts.id \
                 GROUP BY accounts.id, accounts.name, accounts.created_at ORDER BY accounts.created_at, accounts.id",
            )
            .fetch_all(&self.pool)
            .await?;
            let row = |row| -> Result<_, Failure> {
                let account = read(row)?;
                Ok(AccountRow { account, created_at: row.time("created_at")?, users: row.number("users")? })
            };
            rows.iter().map(row).collect()
        };
        self.seen(read.await)
    }

    /// The account's oldest workspace.
    pub async fn workspace_of(&self, account: &AccountId) -> Result<Option<WorkspaceRow>, StoreError> {
        let all = self.workspaces().await?;
        Ok(all.into_iter().find(|workspace| workspace.account_id == *account))
    }
}

impl Tx {
    pub async fn insert_account(&mut self, id: &AccountId, name: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        let insert = sqlx::query("INSERT INTO accounts (id, name, created_at) VALUES ($1, $2, $3)")
            .bind(id.as_str())
            .bind(name)
            .bind(micros(now))
            .execute(self.connection())
            .await;
        self.seen(insert).map(|_| ())
    }

    /// Granting twice is granting once.
    pub async fn grant_vpc(
        &mut self,
        vpc: &VpcId,
        account: &AccountId,
        workspace: &WorkspaceId,
        by: &UserId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO vpc_grants (vpc_id, account_id, workspace_id, granted_by, granted_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (vpc_id, account_id) DO NOTHING",
        )
        .bind(vpc.as_str())
        .bind(account.as_str())
        .bind(workspace.as_str())
        .bind(by.as_str())
        .bind(micros(now))
        .execute(self.connection())
        .await;
        self.seen(insert).map(|_| ())
    }

    pub async fn revoke_vpc(&mut self, vpc: &VpcId, account: &AccountId) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM vpc_grants WHERE vpc_id = $1 AND account_id = $2")
            .bind(vpc.as_str())
            .bind(account.as_str())
            .execute(self.connection())
            .await;
        self.seen(delete).map(|_| ())
    }
}
