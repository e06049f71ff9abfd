//! New passwords: by the user who knows the old one, or by who owns the machine.

use crate::{IdentityError, Principal, Throttle, entropy, password};
use chrono::{DateTime, Utc};
use domain::error::{FieldErrors, Invalid};
use domain::id::SessionId;
use domain::name::UserName;
use domain::role::check_password;
use domain::secret::Secret;
use store::{AuditEntry, Store, UserRow};

/// Ends all other sessions of the user.
pub async fn change_password(
    store: &Store,
    throttle: &Throttle,
    principal: &Principal,
    old: Secret,
    new: Secret,
    repeated: Secret,
    now: DateTime<Utc>,
) -> Result<(), IdentityError> {
    let mut errors = FieldErrors::default();
    errors.take("new", check_password(new.reveal()));
    if new != repeated {
        errors.push("repeated", Invalid::PasswordMismatch);
    }
    errors.finish(Some(()))?;
    // A stolen session must not become a way to find out the password.
    let key = format!("password {}", principal.user_id);
    throttle.attempt(&key, now).map_err(|retry_after_s| IdentityError::Throttled { retry_after_s })?;
    let user = store.user(&principal.user_id).await?.ok_or(IdentityError::Unauthenticated)?;
    if !password::verify(old, Some(user.password_hash.clone())).await {
        return Err(FieldErrors::one("old", Invalid::Credentials).into());
    }
    throttle.succeeded(&key);
    write(store, &user, new, principal.user_id.as_str(), Some(&principal.session_id), now).await
}

/// For the command line: a new random password, and every session of the user ends. `None` if there is no such user.
pub async fn reset_password(
    store: &Store,
    name: &UserName,
    now: DateTime<Utc>,
) -> Result<Option<Secret>, IdentityError> {
    let Some(user) = store.user_by_name(name).await? else { return Ok(None) };
    let new = entropy::token();
    write(store, &user, new.clone(), "command line", None, now).await?;
    Ok(Some(new))
}

async fn write(
    store: &Store,
    user: &UserRow,
    new: Secret,
    actor: &str,
    stays: Option<&SessionId>,
    now: DateTime<Utc>,
) -> Result<(), IdentityError> {
    let password_hash = password::hash(new).await;
    let mut tx = store.begin().await?;
    tx.set_password(&user.id, &password_hash).await?;
    tx.delete_sessions_of(&user.id, stays).await?;
    tx.audit(AuditEntry {
        at: now,
        account_id: &user.account_id,
        workspace_id: &user.workspace_id,
        actor,
        action: "user.password",
        object_kind: "user",
        object_id: user.id.as_str(),
        before: None,
        after: None,
    })
    .await?;
    Ok(tx.commit().await?)
}
