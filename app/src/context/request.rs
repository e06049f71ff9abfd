//! What the server knows of the request that it renders a page or runs a server function for.
#![cfg(feature = "ssr")]

use super::draft::Draft;
use crate::error::ApiError;
use control::{Control, ControlError};
use http::StatusCode;
use http::request::Parts;
use identity::{Caller, Principal};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use std::sync::{Arc, Mutex, PoisonError};

/// Put into the request's extensions by the server's middleware, made once per request.
#[derive(Clone)]
pub struct RequestContext {
    pub control: Control,
    pub principal: Option<Principal>,
    pub caller: Caller,
    /// Whether cookies may be marked `Secure`.
    pub secure: bool,
    /// How browsers reach this console, without a trailing slash.
    pub origin: String,
    /// What was typed into a form that failed before this page was asked for.
    pub draft: Option<Draft>,
    /// The browser itself asks, for a page, and no script of ours.
    pub is_page: bool,
    pub outcome: Outcome,
}

/// Where a server function leaves what came of it, for the middleware that renders the page again for a browser
/// without JavaScript: an error, or an answer that is shown once.
#[derive(Clone, Default)]
pub struct Outcome(Arc<Mutex<Option<Result<String, ApiError>>>>);

impl Outcome {
    pub fn put(&self, outcome: Result<String, ApiError>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
    }

    pub fn take(&self) -> Option<Result<String, ApiError>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// `None` while the list of routes is made at the start, when nobody asks.
pub fn request() -> Option<RequestContext> {
    use_context::<Parts>()?.extensions.get::<RequestContext>().cloned()
}

/// The control plane and who asks, for server functions; nobody asks in vain.
pub fn authorised() -> Result<(RequestContext, Principal), ApiError> {
    let request = request().ok_or(ApiError::Unavailable)?;
    match request.principal.clone() {
        Some(principal) => Ok((request, principal)),
        None => Err(respond(ControlError::Unauthenticated)),
    }
}

/// Whether a plain form or a page asks, not a script.
pub fn wants_html() -> bool {
    use_context::<Parts>()
        .and_then(|parts| Some(parts.headers.get(http::header::ACCEPT)?.to_str().ok()?.contains("text/html")))
        .unwrap_or(false)
}

/// The error as the browser gets it, with the status set where a program asks. A form without JavaScript gets a
/// redirect instead, which a status would break.
pub fn respond(error: impl Into<ApiError>) -> ApiError {
    let error = error.into();
    if let Some(request) = request() {
        request.outcome.put(Err(error.clone()));
    }
    if let Some(options) = use_context::<ResponseOptions>().filter(|_| !wants_html()) {
        options.set_status(StatusCode::from_u16(error.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    }
    error
}
