//! What every request must be, and what every answer carries.

use super::peer::Peer;
use super::router::Shared;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{HOST, HeaderName, HeaderValue, ORIGIN};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Requests that change something must come from the console's own pages. Browsers say where a request comes from;
/// those too old to say `Sec-Fetch-Site` still say `Origin`.
pub async fn same_origin(request: Request, next: Next) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if changes && !is_same_origin(request.headers()) {
        tracing::warn!(path = request.uri().path(), "refused a request from another site");
        return (
            StatusCode::FORBIDDEN,
            "This request does not come from the console's own pages. Reload the page and try again.\n",
        )
            .into_response();
    }
    next.run(request).await
}

fn is_same_origin(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin";
    }
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let authority = text(ORIGIN).and_then(|origin| origin.split_once("://")).map(|(_, authority)| authority);
    matches!((authority, text(HOST)), (Some(origin), Some(host)) if origin.eq_ignore_ascii_case(host))
}

/// A password must not travel in clear. On loopback nothing travels; a proxy with TLS has to be there, too, since
/// nothing else tells its connections from anybody's.
pub async fn not_in_clear(
    State(shared): State<Shared>,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    request: Request,
    next: Next,
) -> Response {
    if shared.encrypted || peer.ip().to_canonical().is_loopback() {
        return next.run(request).await;
    }
    let remedy = "This console is reached over an unencrypted connection from another machine, so nobody can sign in here.\n\
                  Start it with --console-tls local-ca (its own certificate) or --console-tls files (yours), or put a proxy \
                  with TLS on this machine in front of 127.0.0.1 and name it with --console-url https://...\n";
    (StatusCode::FORBIDDEN, remedy).into_response()
}

pub async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        // Forms without JavaScript come back to the page that the browser names here.
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    // Pages bring their own policy, with the nonce of their script; anything else runs nothing at all.
    headers.entry("content-security-policy").or_insert(HeaderValue::from_static(
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn only_the_console_itself_may_post() {
        assert!(is_same_origin(&headers(&[("sec-fetch-site", "same-origin")])));
        assert!(is_same_origin(&headers(&[("origin", "http://127.0.0.1:3000"), ("host", "127.0.0.1:3000")])));
        for other in ["cross-site", "same-site", "none"] {
            let with_origin = [("sec-fetch-site", other), ("origin", "http://a"), ("host", "a")];
            assert!(!is_same_origin(&headers(&with_origin)), "{other}");
        }
        assert!(!is_same_origin(&headers(&[("origin", "http://evil:3000"), ("host", "127.0.0.1:3000")])));
        assert!(!is_same_origin(&headers(&[("origin", "null"), ("host", "127.0.0.1:3000")])));
        assert!(!is_same_origin(&headers(&[])));
    }
}
