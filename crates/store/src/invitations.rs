//! Links that make a user once.

use crate::error::{Failure, StoreError};
use crate::row::{Columns, micros};
use crate::{Store, Tx};
use chrono::{DateTime, Utc};
use domain::id::{AccountId, InvitationId, UserId, WorkspaceId};
use domain::role::Role;
use domain::secret::Digest256;
use sqlx::any::AnyRow;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationRow {
    pub id: InvitationId,
    pub account_id: AccountId,
    pub workspace_id: WorkspaceId,
    pub role: Role,
    pub token_digest: Digest256,
    /// `None` for the link that makes the first administrator.
    pub created_by: Option<UserId>,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub used_at: Option<DateTime<Utc>>,
}

fn read(row: &AnyRow) -> Result<InvitationRow, Failure> {
    use sqlx::Row;
    let created_by: Option<String> = row.try_get("created_by")?;
    let unreadable = |column: &str| Failure::Unreadable(format!("invitations.{column}"));
    Ok(InvitationRow {
        id: row.parsed("id")?,
        account_id: row.parsed("account_id")?,
        workspace_id: row.parsed("workspace_id")?,
        role: Role::parse(&row.text("role")?).map_err(|_| unreadable("role"))?,
        token_digest: row.parsed("token_digest")?,
        created_by: created_by.map(|id| id.parse()).transpose().map_err(|_| unreadable("created_by"))?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        used_at: row.time_or_null("used_at")?,
    })
}

impl Store {
    pub async fn invitation(&self, token: &Digest256) -> Result<Option<InvitationRow>, StoreError> {
        let read = async {
            let row = sqlx::query("SELECT * FROM invitations WHERE token_digest = $1")
                .bind(token.to_string())
                .fetch_optional(&self.pool)
                .await?;
            row.as_ref().map(read).transpose()
        };
        self.seen(read.await)
    }
}

impl Tx {
    pub async fn insert_invitation(&mut self, invitation: &InvitationRow) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO invitations (id, account_id, workspace_id, role, token_digest, created_by, created_at, \
             expires_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(invitation.id.as_str())
        .bind(invitation.account_id.as_str())
        .bind(invitation.workspace_id.as_str())
        .bind(invitation.role.as_str())
        .bind(invitation.token_digest.to_string())
        .bind(invitation.created_by.as_ref().map(UserId::as_str))
        .bind(micros(invitation.created_at))
        .bind(micros(invitation.expires_at))
        .bind(invitation.used_at.map(micros))
        .execute(self.connection())
        .await;
        self.seen(insert).map(|_| ())
    }

    /// Marks it used, once: two people with the same link make one user. Returns it where that worked.
    pub async fn use_invitation(
        &mut self,
        token: &Digest256,
        now: DateTime<Utc>,
    ) -> Result<Option<InvitationRow>, StoreError> {
        let row = sqlx::query(
            "UPDATE invitations SET used_at = $1 WHERE token_digest = $2 AND used_at IS NULL AND expires_at > $3 RETURNING *",
        )
        .bind(micros(now))
        .bind(token.to_string())
        .bind(micros(now))
        .fetch_optional(self.connection())
        .await;
        let row = self.seen(row)?;
        self.seen(row.as_ref().map(read).transpose())
    }

    /// The set-up link is made anew at each start; the older ones end.
    pub async fn delete_setup_links(&mut self) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM invitations WHERE created_by IS NULL AND used_at IS NULL")
            .execute(self.connection())
            .await;
        self.seen(delete).map(|_| ())
    }
}
