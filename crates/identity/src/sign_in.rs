//! Signing in with name and password.

use crate::session::{SignedIn, start};
use crate::{IdentityError, Throttle, password};
use chrono::{DateTime, Utc};
use domain::error::{FieldErrors, Invalid};
use domain::name::UserName;
use domain::role::MAX_PASSWORD;
use domain::secret::Secret;
use std::net::IpAddr;
use store::{AuditEntry, Store};

#[derive(Clone, Debug)]
pub struct Credentials {
    pub name: String,
    pub password: Secret,
}

/// Where a request comes from.
#[derive(Clone, Debug)]
pub struct Caller {
    pub address: IpAddr,
    pub user_agent: String,
}

pub async fn sign_in(
    store: &Store,
    throttle: &Throttle,
    credentials: Credentials,
    caller: &Caller,
    now: DateTime<Utc>,
) -> Result<SignedIn, IdentityError> {
    let mut errors = FieldErrors::default();
    if credentials.name.trim().is_empty() {
        errors.push("name", Invalid::Required);
    }
    if credentials.password.reveal().is_empty() {
        errors.push("password", Invalid::Required);
    }
    if !errors.is_empty() {
        return Err(errors.into());
    }
    let wrong = || IdentityError::Invalid(FieldErrors::one("password", Invalid::Credentials));
    // What cannot be a name or password is wrong like any other: no oracle, and no work for a megabyte.
    let Ok(name) = UserName::parse(&credentials.name) else { return Err(wrong()) };
    if credentials.password.reveal().chars().count() > MAX_PASSWORD {
        return Err(wrong());
    }
    // Per name and address, so that a stranger cannot lock somebody out.
    let key = format!("{} {}", caller.address, name.as_str().to_lowercase());
    throttle.attempt(&key, now).map_err(|retry_after_s| IdentityError::Throttled { retry_after_s })?;
    let user = store.user_by_name(&name).await?;
    let stored = user.as_ref().map(|user| user.password_hash.clone());
    let fits = password::verify(credentials.password, stored).await;
    let Some(user) = user.filter(|_| fits) else { return Err(wrong()) };
    throttle.succeeded(&key);
    let mut tx = store.begin().await?;
    let signed_in = start(&mut tx, user, caller, now).await?;
    tx.audit(AuditEntry {
        at: now,
        account_id: &signed_in.principal.account_id,
        workspace_id: &signed_in.principal.workspace_id,
        actor: signed_in.principal.user_id.as_str(),
        action: "session.start",
        object_kind: "session",
        object_id: signed_in.principal.session_id.as_str(),
        before: None,
        after: None,
    })
    .await?;
    tx.commit().await?;
    Ok(signed_in)
}
