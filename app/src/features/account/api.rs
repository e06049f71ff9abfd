//! Server functions of one's account and of users.

use crate::error::ApiError;
use chrono::{DateTime, Utc};
use domain::id::SessionId;
use domain::role::Role;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use {
    crate::context::{authorised, respond},
    crate::paths,
    domain::error::FieldErrors,
    domain::role::Permission,
    domain::secret::Secret,
    leptos_axum::redirect,
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    pub id: SessionId,
    pub current: bool,
    pub user_agent: String,
    pub address: String,
    pub last_seen_at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserView {
    pub name: String,
    pub role: Role,
    pub created_at: DateTime<Utc>,
}

#[server(prefix = "/api/_fn", endpoint = "session.list")]
pub async fn list_sessions() -> Result<Vec<SessionView>, ApiError> {
    let (request, principal) = authorised()?;
    let control = &request.control;
    let sessions = identity::sessions(control.store(), &principal, control.now()).await.map_err(respond)?;
    let view = |session: identity::SessionInfo| SessionView {
        id: session.id,
        current: session.current,
        user_agent: session.user_agent,
        address: session.address,
        last_seen_at: session.last_seen_at,
    };
    Ok(sessions.into_iter().map(view).collect())
}

#[server(prefix = "/api/_fn", endpoint = "session.revoke")]
pub async fn revoke_session(id: SessionId) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    let control = &request.control;
    identity::end_session(control.store(), &principal, &id, control.now()).await.map_err(respond)?;
    redirect(&paths::flash(paths::ACCOUNT, "session_ended"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "user.change_password")]
pub async fn change_password(old: String, new: String, repeated: String) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    let control = &request.control;
    let (old, new, repeated) = (Secret::new(old), Secret::new(new), Secret::new(repeated));
    identity::change_password(control.store(), control.throttle(), &principal, old, new, repeated, control.now())
        .await
        .map_err(respond)?;
    redirect(&paths::flash(paths::ACCOUNT, "password_changed"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "user.list")]
pub async fn list_users() -> Result<Vec<UserView>, ApiError> {
    let (request, principal) = authorised()?;
    identity::authorize(&principal, Permission::ManageUsers).map_err(respond)?;
    let users = request.control.store().users(&principal.workspace_id).await;
    let users = users.map_err(|error| respond(control::ControlError::from(error)))?;
    let view =
        |user: store::UserRow| UserView { name: user.name.to_string(), role: user.role, created_at: user.created_at };
    Ok(users.into_iter().map(view).collect())
}

/// The link is shown once; without JavaScript in the page that answers.
#[server(prefix = "/api/_fn", endpoint = "user.invite")]
pub async fn invite(role: String) -> Result<String, ApiError> {
    let (request, principal) = authorised()?;
    let role =
        Role::parse(&role).map_err(|error| respond(ApiError::Invalid { fields: FieldErrors::one("role", error) }))?;
    let control = &request.control;
    let invited = identity::invite(control.store(), &principal, role, control.now()).await.map_err(respond)?;
    let link = format!("{}/join/{}", request.origin, invited.token.reveal());
    request.outcome.put(Ok(link.clone()));
    Ok(link)
}
