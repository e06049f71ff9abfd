//! Server functions of signing in and out.

use crate::error::ApiError;
use domain::role::Role;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use {
    crate::context::{RequestContext, authorised, request, respond, wants_html},
    crate::{paths, session},
    domain::secret::Secret,
    http::header::{HeaderValue, SET_COOKIE},
    identity::{Credentials, NewUser},
    leptos_axum::{ResponseOptions, redirect},
};

#[cfg(feature = "ssr")]
fn set_cookie(cookie: &str) {
    if let (Some(options), Ok(cookie)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(cookie)) {
        options.append_header(SET_COOKIE, cookie);
    }
}

#[cfg(feature = "ssr")]
fn context() -> Result<RequestContext, ApiError> {
    request().ok_or(ApiError::Unavailable)
}

/// Where to go. A script loads that page anew, since the one it is on was rendered for nobody; a plain form is
/// redirected.
#[cfg(feature = "ssr")]
fn lead_to(path: &str) -> String {
    if wants_html() {
        redirect(path);
    }
    path.to_owned()
}

#[server(prefix = "/api/_fn", endpoint = "session.start")]
pub async fn sign_in(name: String, password: String, next: String) -> Result<String, ApiError> {
    let request = context()?;
    let control = &request.control;
    let credentials = Credentials { name, password: Secret::new(password) };
    let signed_in = identity::sign_in(control.store(), control.throttle(), credentials, &request.caller, control.now())
        .await
        .map_err(respond)?;
    set_cookie(&session::set_cookie(&signed_in.token, request.secure));
    Ok(lead_to(paths::local(&next)))
}

#[server(prefix = "/api/_fn", endpoint = "session.end")]
pub async fn sign_out() -> Result<String, ApiError> {
    let (request, principal) = authorised()?;
    let control = &request.control;
    identity::end_session(control.store(), &principal, &principal.session_id, control.now()).await.map_err(respond)?;
    set_cookie(&session::clear_cookie(request.secure));
    Ok(lead_to(&paths::flash(paths::SIGN_IN, "signed_out")))
}

/// What a join link offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub role: Role,
    /// The very first user of the installation.
    pub first: bool,
}

#[server(prefix = "/api/_fn", endpoint = "invitation.read")]
pub async fn read_invitation(token: String) -> Result<Offer, ApiError> {
    let request = context()?;
    let control = &request.control;
    let found = identity::invitation_of(control.store(), &Secret::new(token), control.now()).await.map_err(respond)?;
    let invitation = found.ok_or_else(|| respond(ApiError::InvitationInvalid))?;
    Ok(Offer { role: invitation.role, first: invitation.created_by.is_none() })
}

#[server(prefix = "/api/_fn", endpoint = "user.join")]
pub async fn join(token: String, name: String, password: String, repeated: String) -> Result<String, ApiError> {
    let request = context()?;
    let control = &request.control;
    let user = NewUser { name, password: Secret::new(password), repeated: Secret::new(repeated) };
    let signed_in = identity::join(control.store(), &Secret::new(token), user, &request.caller, control.now())
        .await
        .map_err(respond)?;
    set_cookie(&session::set_cookie(&signed_in.token, request.secure));
    Ok(lead_to(paths::GATEWAYS))
}
