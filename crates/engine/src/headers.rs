//! What one connection says and the next one must not hear, and what the engine adds: requests on their way up.

use crate::answer::Refusal;
use crate::message::name::{is_double, is_token};
use crate::message::{Head, Name, RequestId};
use crate::trace::Trace;
use crate::websocket::Handshake;
use crate::worker::Conn;
use http::uri::{Authority, PathAndQuery};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, Version};

/// Refuses what two servers could read differently, besides what refused its framing already.
pub fn check(head: &Head) -> Result<(), Refusal> {
    if (head.method == Method::CONNECT && head.connects_to != Some(true)) || head.method == Method::TRACE {
        return Err(Refusal::BadRequest("CONNECT and TRACE are not served here"));
    }
    let fields = &head.fields;
    // Of HTTP/2; there they say nothing, but the replica gets them in another protocol.
    if fields.is_repeated(Name::ContentLength) {
        return Err(Refusal::BadRequest("send one Content-Length"));
    }
    if fields.iter().any(|(name, text, _)| name == Name::Other && is_double(text)) {
        return Err(Refusal::BadRequest("a header's name is another one's with other hyphens"));
    }
    if fields.is_repeated(Name::Authorization) {
        return Err(Refusal::BadRequest("send one Authorization header"));
    }
    const NEEDED: [Name; 4] = [Name::Host, Name::Authorization, Name::ContentLength, Name::TransferEncoding];
    if fields.has(Name::Connection) {
        if fields.nominated().any(|token| NEEDED.contains(&Name::of(token))) {
            return Err(Refusal::BadRequest("Connection must not nominate a header that every server needs"));
        }
        // Some servers read what stands beside it, others nothing of the line.
        if fields.nominated().any(|token| !is_token(token)) {
            return Err(Refusal::BadRequest("Connection lists names of headers, with commas between them"));
        }
    }
    Ok(())
}

/// A request as the replica gets it.
pub struct Upward<'r> {
    pub head: &'r Head,
    pub conn: &'r Conn,
    pub id: &'r RequestId,
    pub trace: &'r Trace,
    /// Begins with a slash.
    pub path: &'r str,
    pub query: Option<&'r str>,
    pub websocket: Option<Handshake>,
    /// The replica sees the client's `Authorization`.
    pub pass_token: bool,
}

impl Upward<'_> {
    fn method(&self) -> &Method {
        self.websocket.as_ref().map_or(&self.head.method, |handshake| handshake.method())
    }

    /// Each header but those of the framing.
    fn each(&self, mut put: impl FnMut(&[u8], &[u8])) {
        let fields = &self.head.fields;
        let nominates = fields.has(Name::Connection);
        let cookies = tidied(self.head);
        for (name, text, value) in fields.iter() {
            let dropped = match name {
                Name::Other => false,
                Name::Authorization => !self.pass_token,
                // Those that were there say nothing that is true of this trace.
                Name::Tracestate => self.trace.is_new,
                Name::Traceparent => self.trace.parent().is_some(),
                Name::Cookie => cookies.is_some(),
                Name::SecWebsocketKey => self.websocket.as_ref().is_some_and(Handshake::drops_key),
                // The engine answers the expectation itself, with the first byte of the body that is asked for.
                Name::Expect | Name::XRequestId => true,
                _ => name.is_hop() || name.is_framing() || name.is_not_trusted(),
            };
            let nominated = || nominates && fields.nominated().any(|token| token.eq_ignore_ascii_case(text));
            if !dropped && !nominated() {
                put(text, value);
            }
        }
        put(b"x-forwarded-for", self.conn.peer_value.as_bytes());
        put(b"x-forwarded-proto", self.conn.scheme.as_str().as_bytes());
        if let Some(host) = fields.first(Name::Host) {
            put(b"x-forwarded-host", host);
        }
        put(b"x-request-id", self.id.as_bytes());
        if let Some(parent) = self.trace.parent() {
            put(b"traceparent", parent);
        }
        if let Some(cookies) = cookies.filter(|cookies| !cookies.is_empty()) {
            put(b"cookie", &cookies);
        }
        if let Some(handshake) = &self.websocket {
            handshake.for_upstream(&mut put);
        }
    }

    /// The head of an HTTP/1.1 request, all but what says how long its body is and the empty line.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.method().as_str().as_bytes());
        out.push(b' ');
        out.extend_from_slice(self.path.as_bytes());
        if let Some(query) = self.query {
            out.push(b'?');
            out.extend_from_slice(query.as_bytes());
        }
        out.extend_from_slice(b" HTTP/1.1\r\n");
        if !self.head.fields.has(Name::Host) {
            // An HTTP/1.0 client may have named none.
            out.extend_from_slice(b"host: localhost\r\n");
        }
        self.each(|name, value| crate::http1::respond::field(out, name, value));
    }

    /// The same as HTTP/2 has it: the host is part of the request line. `None` if that is no address.
    pub fn http2(&self, trailers: bool) -> Option<Request<()>> {
        let mut headers = HeaderMap::with_capacity(16);
        self.each(|name, value| {
            if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value))
                && name != http::header::HOST
            {
                headers.append(name, value);
            }
        });
        if trailers {
            headers.insert(http::header::TE, HeaderValue::from_static("trailers"));
        }
        let authority = self.head.fields.first(Name::Host).and_then(|host| Authority::try_from(host).ok());
        let path = match self.query {
            None => PathAndQuery::try_from(self.path),
            Some(query) => PathAndQuery::try_from(format!("{}?{query}", self.path)),
        };
        let mut uri = http::uri::Parts::default();
        uri.scheme = Some(http::uri::Scheme::HTTP);
        uri.authority = Some(authority.unwrap_or_else(|| Authority::from_static("localhost")));
        uri.path_and_query = Some(path.ok()?);
        let mut request = Request::new(());
        *request.method_mut() = self.method().clone();
        *request.uri_mut() = Uri::from_parts(uri).ok()?;
        *request.version_mut() = Version::HTTP_2;
        *request.headers_mut() = headers;
        if self.websocket.is_some() {
            request.extensions_mut().insert(hyper::ext::Protocol::from_static("websocket"));
        }
        Some(request)
    }
}

/// The cookies in one line, if they cannot stay as they are. Browsers send a host's cookies to all of its ports, so a
/// console on the same host gives its session away to the gateway; it is nothing for models. HTTP/2 clients send a
/// field for each; HTTP/1.1 servers expect one.
fn tidied(head: &Head) -> Option<Vec<u8>> {
    const OWN: [&[u8]; 2] = [b"inference-gateway=", b"__Host-inference-gateway="];
    let fields = &head.fields;
    if !fields.has(Name::Cookie) {
        return None;
    }
    let own = |pair: &[u8]| OWN.iter().any(|name| pair.starts_with(name));
    let pairs = || fields.all(Name::Cookie).flat_map(|value| value.split(|byte| *byte == b';')).map(<[u8]>::trim_ascii);
    if !fields.is_repeated(Name::Cookie) && !pairs().any(own) {
        return None;
    }
    Some(pairs().filter(|pair| !own(pair)).collect::<Vec<_>>().join(&b"; "[..]))
}
