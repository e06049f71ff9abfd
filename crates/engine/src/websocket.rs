//! WebSocket handshakes: of HTTP/1.1 (RFC 6455) and of HTTP/2 (RFC 8441). Replicas always get the first kind.

use crate::worker::Worker;
use http::header::{CONNECTION, HeaderName, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use hyper::body::Incoming;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    Upgrade,
    Connect,
}

/// Nothing else is upgraded: `h2c` and what is yet to be invented would leave the rules here.
pub fn asked(parts: &Parts) -> Option<Asked> {
    if let Some(protocol) = parts.extensions.get::<hyper::ext::Protocol>() {
        return (parts.method == Method::CONNECT && protocol.as_str() == "websocket").then_some(Asked::Connect);
    }
    let upgrades = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"websocket");
    let asks = parts.method == Method::GET
        && parts.headers.get(UPGRADE).is_some_and(upgrades)
        && nominates_upgrade(&parts.headers);
    asks.then_some(Asked::Upgrade)
}

fn nominates_upgrade(headers: &HeaderMap) -> bool {
    let values = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|token| token.trim().eq_ignore_ascii_case("upgrade"))
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}

/// After the headers of a single hop were taken off.
pub fn for_upstream(worker: &Worker, asked: Asked, parts: &mut Parts) {
    set(&mut parts.headers, CONNECTION, "upgrade");
    set(&mut parts.headers, UPGRADE, "websocket");
    if asked == Asked::Connect {
        parts.method = Method::GET;
        parts.headers.insert(SEC_WEBSOCKET_KEY, worker.next_websocket_key());
    }
}

/// The replica agreed.
pub fn for_client(asked: Asked, response: &mut Response<Incoming>) {
    match asked {
        Asked::Upgrade => {
            set(response.headers_mut(), CONNECTION, "upgrade");
            set(response.headers_mut(), UPGRADE, "websocket");
        }
        Asked::Connect => {
            *response.status_mut() = StatusCode::OK;
            response.headers_mut().remove(SEC_WEBSOCKET_ACCEPT);
        }
    }
}
