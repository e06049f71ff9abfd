//! One-time links: the first administrator's, and invitations by an administrator.

use crate::session::{SignedIn, start};
use crate::{Caller, IdentityError, Principal, authorize, entropy, password};
use chrono::{DateTime, TimeDelta, Utc};
use domain::error::{FieldErrors, Invalid};
use domain::id::{AccountId, InvitationId, UserId, WorkspaceId};
use domain::name::UserName;
use domain::role::{Permission, Role, check_password};
use domain::secret::Secret;
use serde_json::json;
use store::{AuditEntry, Constraint, InvitationRow, Store, StoreError, UserRow, WorkspaceRow};

const SETUP_LIVES: TimeDelta = TimeDelta::days(7);
const INVITATION_LIVES: TimeDelta = TimeDelta::days(3);

/// What a new user types.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub name: String,
    pub password: Secret,
    pub repeated: Secret,
}

#[derive(Debug)]
pub struct Invited {
    pub token: Secret,
    pub expires_at: DateTime<Utc>,
}

/// The link that makes the first administrator of this workspace; `None` once there are users. Each call ends the
/// link before it.
pub async fn create_setup_link(
    store: &Store,
    workspace: &WorkspaceRow,
    now: DateTime<Utc>,
) -> Result<Option<Secret>, IdentityError> {
    let mut tx = store.begin().await?;
    if tx.has_users().await? {
        return Ok(None);
    }
    let token = entropy::token();
    tx.delete_setup_links().await?;
    tx.insert_invitation(&InvitationRow {
        id: InvitationId::from_random(entropy::id()),
        account_id: workspace.account_id.clone(),
        workspace_id: workspace.id.clone(),
        role: Role::Administrator,
        token_digest: token.digest(),
        created_by: None,
        created_at: now,
        expires_at: now + SETUP_LIVES,
        used_at: None,
    })
    .await?;
    tx.commit().await?;
    Ok(Some(token))
}

/// Into the own workspace.
pub async fn invite(
    store: &Store,
    principal: &Principal,
    role: Role,
    now: DateTime<Utc>,
) -> Result<Invited, IdentityError> {
    authorize(principal, Permission::ManageUsers)?;
    make(store, principal, (&principal.account_id, &principal.workspace_id), role, now).await
}

/// Into another account's workspace. That the caller operates the installation is the use case's to check.
pub async fn invite_into(
    store: &Store,
    principal: &Principal,
    workspace: &WorkspaceRow,
    role: Role,
    now: DateTime<Utc>,
) -> Result<Invited, IdentityError> {
    authorize(principal, Permission::ManageAccounts)?;
    make(store, principal, (&workspace.account_id, &workspace.id), role, now).await
}

async fn make(
    store: &Store,
    principal: &Principal,
    (account, workspace): (&AccountId, &WorkspaceId),
    role: Role,
    now: DateTime<Utc>,
) -> Result<Invited, IdentityError> {
    let token = entropy::token();
    let invitation = InvitationRow {
        id: InvitationId::from_random(entropy::id()),
        account_id: account.clone(),
        workspace_id: workspace.clone(),
        role,
        token_digest: token.digest(),
        created_by: Some(principal.user_id.clone()),
        created_at: now,
        expires_at: now + INVITATION_LIVES,
        used_at: None,
    };
    let mut tx = store.begin().await?;
    tx.insert_invitation(&invitation).await?;
    tx.audit(AuditEntry {
        at: now,
        account_id: &principal.account_id,
        workspace_id: &principal.workspace_id,
        actor: principal.user_id.as_str(),
        action: "user.invite",
        object_kind: "invitation",
        object_id: invitation.id.as_str(),
        before: None,
        after: Some(json!({ "role": role, "account": account, "workspace": workspace })),
    })
    .await?;
    tx.commit().await?;
    Ok(Invited { token, expires_at: invitation.expires_at })
}

/// The invitation behind a link, if it can still be used.
pub async fn invitation_of(
    store: &Store,
    token: &Secret,
    now: DateTime<Utc>,
) -> Result<Option<InvitationRow>, IdentityError> {
    let invitation = store.invitation(&token.digest()).await?;
    Ok(invitation.filter(|row| row.used_at.is_none() && row.expires_at > now))
}

/// Makes a user from a link and signs them in.
pub async fn join(
    store: &Store,
    token: &Secret,
    new_user: NewUser,
    caller: &Caller,
    now: DateTime<Utc>,
) -> Result<SignedIn, IdentityError> {
    if invitation_of(store, token, now).await?.is_none() {
        return Err(IdentityError::InvitationInvalid);
    }
    let mut errors = FieldErrors::default();
    let name = errors.take("name", UserName::parse(&new_user.name));
    errors.take("password", check_password(new_user.password.reveal()));
    if new_user.password != new_user.repeated {
        errors.push("repeated", Invalid::PasswordMismatch);
    }
    let name = errors.finish(name)?;
    // Before the write begins: hashing takes its time, and others want to write.
    let password_hash = password::hash(new_user.password).await;

    let mut tx = store.begin().await?;
    let Some(invitation) = tx.use_invitation(&token.digest(), now).await? else {
        return Err(IdentityError::InvitationInvalid);
    };
    let user = UserRow {
        id: UserId::from_random(entropy::id()),
        account_id: invitation.account_id,
        workspace_id: invitation.workspace_id,
        name,
        password_hash,
        role: invitation.role,
        revision: 1,
        created_at: now,
    };
    tx.insert_user(&user).await.map_err(|error| match error {
        StoreError::Taken { constraint: Constraint::UserName } => {
            let name = user.name.to_string();
            IdentityError::Invalid(FieldErrors::one("name", Invalid::NameTaken { name }))
        }
        other => other.into(),
    })?;
    tx.audit(AuditEntry {
        at: now,
        account_id: &user.account_id,
        workspace_id: &user.workspace_id,
        actor: user.id.as_str(),
        action: "user.join",
        object_kind: "user",
        object_id: user.id.as_str(),
        before: None,
        after: Some(json!({ "name": user.name, "role": user.role })),
    })
    .await?;
    let signed_in = start(&mut tx, user, caller, now).await?;
    tx.commit().await?;
    Ok(signed_in)
}
