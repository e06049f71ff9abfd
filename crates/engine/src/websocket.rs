//! WebSocket handshakes: of HTTP/1.1 (RFC 6455) and of HTTP/2 (RFC 8441), to clients and to replicas.

use crate::message::{AnswerFields, AnswerHead, Fields, Head, Name};
use crate::worker::Worker;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, UPGRADE};
use http::{HeaderValue, Method, StatusCode, Version};
use ring::digest;

/// What every server of RFC 6455 appends to a client's key.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// What the client asked for, and how it is asked for at the replica.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// The client speaks HTTP/2, where there is no key.
    from_http2: bool,
    /// For a replica of HTTP/1.1, where the client has none.
    pub key: Option<[u8; 24]>,
    /// The replica speaks HTTP/2.
    pub to_http2: bool,
}

/// Nothing else is upgraded: `h2c` and what is yet to be invented would leave the rules here.
pub fn asked(head: &Head, worker: &Worker, to_http2: bool) -> Option<Handshake> {
    if let Some(is_websocket) = head.connects_to {
        let asks = head.method == Method::CONNECT && is_websocket;
        let key = || (!to_http2).then(|| worker.next_websocket_key());
        return asks.then(|| Handshake { from_http2: true, key: key(), to_http2 });
    }
    let fields = &head.fields;
    let asks = head.method == Method::GET
        && head.version == Version::HTTP_11
        && fields.first(Name::Upgrade).is_some_and(|value| value.eq_ignore_ascii_case(b"websocket"))
        && fields.nominated().any(|token| token.eq_ignore_ascii_case(b"upgrade"));
    asks.then_some(Handshake { from_http2: false, key: None, to_http2 })
}

impl Handshake {
    /// Whether the client's key is nothing for the replica.
    pub fn drops_key(&self) -> bool {
        self.key.is_some() || self.to_http2
    }

    pub fn method(&self) -> &'static Method {
        if self.to_http2 { &Method::CONNECT } else { &Method::GET }
    }

    /// Whether the replica agreed.
    pub fn is_agreed(&self, status: StatusCode) -> bool {
        if self.to_http2 { status.is_success() } else { status == StatusCode::SWITCHING_PROTOCOLS }
    }

    /// Behind the other headers of the request.
    pub fn for_upstream(&self, put: &mut impl FnMut(&[u8], &[u8])) {
        if self.to_http2 {
            return;
        }
        put(b"connection", b"upgrade");
        put(b"upgrade", b"websocket");
        if let Some(key) = &self.key {
            put(b"sec-websocket-key", key);
        }
    }

    /// The replica's answer as the client's protocol has it.
    pub fn for_client(&self, asked: &Head, head: &mut AnswerHead) {
        if self.from_http2 {
            head.status = StatusCode::OK;
            // It is the answer to a key that the client has never seen.
            head.fields = without_accept(std::mem::replace(&mut head.fields, AnswerFields::None));
            return;
        }
        head.status = StatusCode::SWITCHING_PROTOCOLS;
        head.own.more.push((CONNECTION, HeaderValue::from_static("upgrade")));
        head.own.more.push((UPGRADE, HeaderValue::from_static("websocket")));
        if self.to_http2 {
            let key = asked.fields.named("sec-websocket-key").unwrap_or_default();
            let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &[key, GUID].concat());
            if let Ok(accept) = HeaderValue::try_from(STANDARD.encode(digest)) {
                head.own.more.push((SEC_WEBSOCKET_ACCEPT, accept));
            }
        }
    }
}

fn without_accept(fields: AnswerFields) -> AnswerFields {
    let AnswerFields::Raw(fields) = fields else { return fields };
    let mut kept = Fields::default();
    for (_, text, value) in fields.iter().filter(|(name, ..)| *name != Name::SecWebsocketAccept) {
        // It had room for all of them before.
        let _ = kept.push(text, value);
    }
    AnswerFields::Raw(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_the_standard() {
        let key = b"dGhlIHNhbXBsZSBub25jZQ==";
        let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &[&key[..], GUID].concat());
        assert_eq!(STANDARD.encode(digest), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
}
