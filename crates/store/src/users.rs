//! Users and the roles they hold.

use crate::error::{Failure, StoreError};
use crate::row::{Columns, micros};
use crate::{Store, Tx};
use chrono::{DateTime, Utc};
use domain::id::{AccountId, UserId, WorkspaceId};
use domain::name::UserName;
use domain::role::Role;
use sqlx::any::AnyRow;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRow {
    pub id: UserId,
    pub account_id: AccountId,
    /// The workspace that is shown after signing in, and the one `role` is held in.
    pub workspace_id: WorkspaceId,
    pub name: UserName,
    pub password_hash: String,
    pub role: Role,
    pub revision: i64,
    pub created_at: DateTime<Utc>,
}

/// A user together with the role in its workspace.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT users.*, memberships.role FROM users JOIN memberships ",
            "ON memberships.user_id = users.id AND memberships.workspace_id = users.workspace_id ",
            $rest
        )
    };
}

pub(crate) fn read(row: &AnyRow) -> Result<UserRow, Failure> {
    Ok(UserRow {
        id: row.parsed("id")?,
        account_id: row.parsed("account_id")?,
        workspace_id: row.parsed("workspace_id")?,
        name: UserName::parse(&row.text("name")?).map_err(|_| Failure::Unreadable("users.name".into()))?,
        password_hash: row.text("password_hash")?,
        role: Role::parse(&row.text("role")?).map_err(|_| Failure::Unreadable("memberships.role".into()))?,
        revision: row.number("revision")?,
        created_at: row.time("created_at")?,
    })
}

impl Store {
    pub async fn user_by_name(&self, name: &UserName) -> Result<Option<UserRow>, StoreError> {
        let read = async {
            let row = sqlx::query(select!("WHERE users.name_key = $1"))
                .bind(name.as_str().to_lowercase())
                .fetch_optional(&self.pool)
                .await?;
            row.as_ref().map(read).transpose()
        };
        self.seen(read.await)
    }

    pub async fn user(&self, id: &UserId) -> Result<Option<UserRow>, StoreError> {
        let read = async {
            let row = sqlx::query(select!("WHERE users.id = $1")).bind(id.as_str()).fetch_optional(&self.pool).await?;
            row.as_ref().map(read).transpose()
        };
        self.seen(read.await)
    }

    pub async fn users(&self, workspace: &WorkspaceId) -> Result<Vec<UserRow>, StoreError> {
        let read = async {
            sqlx::query(select!("WHERE users.workspace_id = $1 ORDER BY users.name_key"))
                .bind(workspace.as_str())
                .fetch_all(&self.pool)
                .await?
                .iter()
                .map(read)
                .collect()
        };
        self.seen(read.await)
    }

    pub async fn has_users(&self) -> Result<bool, StoreError> {
        let count = sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM users").fetch_one(&self.pool).await;
        Ok(self.seen(count.map_err(Failure::from))? > 0)
    }
}

impl Tx {
    pub async fn insert_user(&mut self, user: &UserRow) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO users (id, account_id, workspace_id, name, name_key, password_hash, revision, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(user.id.as_str())
        .bind(user.account_id.as_str())
        .bind(user.workspace_id.as_str())
        .bind(user.name.as_str())
        .bind(user.name.as_str().to_lowercase())
        .bind(user.password_hash.as_str())
        .bind(user.revision)
        .bind(micros(user.created_at))
        .execute(self.connection())
        .await;
        self.seen(insert)?;
        let member =
            sqlx::query("INSERT INTO memberships (user_id, account_id, workspace_id, role) VALUES ($1, $2, $3, $4)")
                .bind(user.id.as_str())
                .bind(user.account_id.as_str())
                .bind(user.workspace_id.as_str())
                .bind(user.role.as_str())
                .execute(self.connection())
                .await;
        self.seen(member).map(|_| ())
    }

    pub async fn set_password(&mut self, user: &UserId, password_hash: &str) -> Result<(), StoreError> {
        let update = sqlx::query("UPDATE users SET password_hash = $1, revision = revision + 1 WHERE id = $2")
            .bind(password_hash)
            .bind(user.as_str())
            .execute(self.connection())
            .await;
        if self.seen(update)?.rows_affected() == 1 { Ok(()) } else { Err(StoreError::NotFound) }
    }

    pub async fn has_users(&mut self) -> Result<bool, StoreError> {
        let count = sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM users").fetch_one(self.connection()).await;
        Ok(self.seen(count)? > 0)
    }
}
