//! What pages and server functions know about a request.

use super::peer::Peer;
use super::router::Shared;
use super::session::Resolved;
use app::context::{Outcome, RequestContext};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE, HeaderMap, HeaderValue, USER_AGENT};
use axum::middleware::Next;
use axum::response::Response;
use identity::Caller;

pub async fn attach(
    State(shared): State<Shared>,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    mut request: Request,
    next: Next,
) -> Response {
    let principal = request.extensions().get::<Resolved>().and_then(|resolved| resolved.0.clone());
    let agent = request.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let key = request.uri().query().and_then(|query| super::drafts::key(query));
    let draft = key.and_then(|key| shared.drafts.find(key, principal.as_ref().map(|who| &who.session_id)));
    let context = RequestContext {
        caller: Caller { address: peer.ip().to_canonical(), user_agent: agent.into() },
        control: shared.control,
        principal,
        secure: shared.secure,
        origin: shared.origin,
        draft,
        is_page: super::drafts::wants_html(request.headers()),
        outcome: Outcome::default(),
    };
    request.extensions_mut().insert(context);
    prefer_chosen_language(request.headers_mut());
    next.run(request).await
}

/// A chosen language takes the place of the browser's preference, so that everything behind reads one header.
fn prefer_chosen_language(headers: &mut HeaderMap) {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).map(str::trim);
    let chosen = pairs.find_map(|pair| pair.strip_prefix(app::texts::COOKIE)?.strip_prefix('='));
    if let Some(Ok(language)) = chosen.map(HeaderValue::from_str) {
        headers.insert(ACCEPT_LANGUAGE, language);
    }
}
