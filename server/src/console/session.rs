//! Who asks, by the cookie; and where those go who are not signed in.

use super::router::Shared;
use app::session::cookie_value;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use identity::Principal;

#[derive(Clone)]
pub struct Resolved(pub Option<Principal>);

pub async fn resolve(State(shared): State<Shared>, mut request: Request, next: Next) -> Response {
    let cookies = request.headers().get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let token = cookies.filter_map(|cookies| cookie_value(cookies, shared.secure)).next();
    let principal = match token {
        Some(token) => match identity::resolve(shared.control.store(), &token, shared.control.now()).await {
            Ok(principal) => principal,
            Err(error) => {
                // Not knowing who asks is not the same as nobody asking.
                tracing::error!(%error, "a session could not be looked up");
                return (
                    StatusCode::SERVICE_UNAVAILABLE,
                    "The console cannot reach its database. Try again in a moment.\n",
                )
                    .into_response();
            }
        },
        None => None,
    };
    let path = request.uri().path();
    if principal.is_none() && request.method() == Method::GET && !is_open(path) {
        if path == "/events" {
            return StatusCode::UNAUTHORIZED.into_response();
        }
        let wanted = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
        return entry(&shared, &wanted).await;
    }
    request.extensions_mut().insert(Resolved(principal));
    let mut response = next.run(request).await;
    // Pages are about who is signed in; nobody else may be shown them from a cache.
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(header::HeaderValue::from_static("no-store"));
    response
}

/// Pages for people who are not signed in.
fn is_open(path: &str) -> bool {
    matches!(path, "/sign-in" | "/welcome") || path.starts_with("/join/")
}

async fn entry(shared: &Shared, wanted: &str) -> Response {
    match shared.control.store().has_users().await {
        Ok(false) => Redirect::to("/welcome").into_response(),
        _ => Redirect::to(&app::paths::sign_in(wanted)).into_response(),
    }
}
