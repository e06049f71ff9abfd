//! WebSocket handshakes: of HTTP/1.1 (RFC 6455) and of HTTP/2 (RFC 8441). Replicas always get the first kind.

use crate::message::{AnswerFields, AnswerHead, Fields, Head, Name};
use crate::worker::Worker;
use http::header::{CONNECTION, UPGRADE};
use http::{HeaderValue, Method, StatusCode};

/// What the client asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// Of HTTP/2, where the client has none.
    pub key: Option<[u8; 24]>,
}

/// Nothing else is upgraded: `h2c` and what is yet to be invented would leave the rules here.
pub fn asked(head: &Head, worker: &Worker) -> Option<Handshake> {
    if let Some(is_websocket) = head.connects_to {
        let asks = head.method == Method::CONNECT && is_websocket;
        return asks.then(|| Handshake { key: Some(worker.next_websocket_key()) });
    }
    let fields = &head.fields;
    let asks = head.method == Method::GET
        && fields.first(Name::Upgrade).is_some_and(|value| value.eq_ignore_ascii_case(b"websocket"))
        && fields.nominated().any(|token| token.eq_ignore_ascii_case(b"upgrade"));
    asks.then_some(Handshake { key: None })
}

/// Behind the other headers.
pub fn for_upstream(handshake: &Handshake, put: &mut impl FnMut(&[u8], &[u8])) {
    put(b"connection", b"upgrade");
    put(b"upgrade", b"websocket");
    if let Some(key) = &handshake.key {
        put(b"sec-websocket-key", key);
    }
}

/// The replica agreed.
pub fn for_client(handshake: &Handshake, head: &mut AnswerHead) {
    if handshake.key.is_none() {
        head.own.more.push((CONNECTION, HeaderValue::from_static("upgrade")));
        head.own.more.push((UPGRADE, HeaderValue::from_static("websocket")));
        return;
    }
    head.status = StatusCode::OK;
    if let AnswerFields::Raw(fields) = &head.fields {
        let mut kept = Fields::default();
        for (name, text, value) in fields.iter().filter(|(name, ..)| *name != Name::SecWebsocketAccept) {
            let _ = (name, kept.push(text, value));
        }
        head.fields = AnswerFields::Raw(kept);
    }
}
