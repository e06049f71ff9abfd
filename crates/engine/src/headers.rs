//! What one connection says and the next one must not hear, and what the engine adds.

use crate::answer::Refusal;
use crate::worker::Conn;
use http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, EXPECT, FORWARDED, HOST, PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION, TE, TRANSFER_ENCODING, UPGRADE,
};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, Version};

pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");
const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");

/// Besides `Connection` and what it nominates.
const HOP_BY_HOP: [HeaderName; 6] =
    [KEEP_ALIVE, PROXY_CONNECTION, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, UPGRADE];
/// What a client says of its way here is not known to be true.
const NOT_TRUSTED: [HeaderName; 3] = [FORWARDED, X_REAL_IP, X_FORWARDED_FOR];

/// Refuses what two servers could read differently. (hyper has refused different lengths, unknown final encodings,
/// encodings in HTTP/1.0 and folded lines already. What it mends in silence, `worker::io::Heads` has found.)
pub fn check(parts: &Parts) -> Result<(), Refusal> {
    let plain_connect = parts.method == Method::CONNECT && parts.extensions.get::<hyper::ext::Protocol>().is_none();
    if plain_connect || parts.method == Method::TRACE {
        return Err(Refusal::BadRequest("CONNECT and TRACE are not served here"));
    }
    let headers = &parts.headers;
    if headers.get_all(CONTENT_LENGTH).iter().nth(1).is_some() {
        return Err(Refusal::BadRequest("send one Content-Length"));
    }
    if let Some(encoding) = headers.get(TRANSFER_ENCODING) {
        let only = headers.get_all(TRANSFER_ENCODING).iter().nth(1).is_none();
        if !only || !encoding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked") {
            return Err(Refusal::BadRequest("no Transfer-Encoding but chunked is understood here"));
        }
    }
    if headers.keys().any(is_double) {
        return Err(Refusal::BadRequest("a header's name is another one's with other hyphens"));
    }
    if headers.get_all(AUTHORIZATION).iter().nth(1).is_some() {
        return Err(Refusal::BadRequest("send one Authorization header"));
    }
    let nominated = |name: &HeaderName| tokens(headers).any(|token| token.eq_ignore_ascii_case(name.as_str()));
    if headers.contains_key(CONNECTION)
        && [HOST, AUTHORIZATION, CONTENT_LENGTH, TRANSFER_ENCODING].iter().any(nominated)
    {
        return Err(Refusal::BadRequest("Connection must not nominate a header that every server needs"));
    }
    Ok(())
}

fn tokens(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all(CONNECTION).iter();
    values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).map(str::trim)
}

/// HTTP/2 clients name the host in the request line only.
pub fn name_host(parts: &mut Parts) {
    if parts.version == Version::HTTP_2
        && !parts.headers.contains_key(HOST)
        && let Some(authority) = parts.uri.authority()
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        parts.headers.insert(HOST, host);
    }
}

pub fn is_grpc(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"))
}

/// The request line as HTTP/2 has it; the host goes there. `trailers` as the client wants them.
pub fn for_http2(parts: &mut Parts, trailers: bool) {
    if trailers {
        parts.headers.insert(TE, HeaderValue::from_static("trailers"));
    }
    let authority = parts.headers.remove(HOST).and_then(|host| Authority::try_from(host.as_bytes()).ok());
    let mut uri = std::mem::take(&mut parts.uri).into_parts();
    uri.scheme = Some(http::uri::Scheme::HTTP);
    // An HTTP/1.0 client may have named none.
    uri.authority = Some(authority.unwrap_or_else(|| Authority::from_static("localhost")));
    // A path is there already; what has all three parts is an address.
    parts.uri = Uri::from_parts(uri).unwrap_or_default();
}

/// Whether somebody behind here could take this for a header that the engine looks at: CGI and WSGI write underscores
/// for hyphens.
fn is_double(name: &HeaderName) -> bool {
    const LOOKED_AT: [HeaderName; 11] = [
        HOST,
        AUTHORIZATION,
        CONTENT_LENGTH,
        TRANSFER_ENCODING,
        CONNECTION,
        X_FORWARDED_FOR,
        X_FORWARDED_PROTO,
        X_FORWARDED_HOST,
        X_REAL_IP,
        X_REQUEST_ID,
        COOKIE,
    ];
    fn letters(name: &HeaderName) -> impl Iterator<Item = u8> {
        name.as_str().bytes().filter(|byte| !matches!(byte, b'-' | b'_'))
    }
    let text = name.as_str();
    (text.contains('_') || text.contains("--")) && LOOKED_AT.iter().any(|other| letters(other).eq(letters(name)))
}

/// Removes `Connection`, what it nominates, and the other headers of a single hop.
fn strip_hop(headers: &mut HeaderMap) {
    if headers.contains_key(CONNECTION) {
        let nominated: Vec<HeaderName> = tokens(headers).filter_map(|token| token.parse().ok()).collect();
        headers.remove(CONNECTION);
        for name in nominated {
            // The framing is hyper's own; a replica that nominates it must not be able to break it.
            if name != CONTENT_LENGTH && name != TRANSFER_ENCODING {
                headers.remove(name);
            }
        }
    }
    for name in &HOP_BY_HOP {
        headers.remove(name);
    }
}

/// The request's headers as the replica gets them.
pub fn for_upstream(headers: &mut HeaderMap, conn: &Conn, request_id: &HeaderValue) {
    strip_hop(headers);
    for name in &NOT_TRUSTED {
        headers.remove(name);
    }
    tidy_cookies(headers);
    // The engine answers the expectation itself, with the first byte of the body that the replica's connection takes.
    headers.remove(EXPECT);
    headers.insert(X_FORWARDED_FOR, conn.peer_value.clone());
    headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static(conn.scheme.as_str()));
    match headers.get(HOST).cloned() {
        Some(host) => headers.insert(X_FORWARDED_HOST, host),
        None => headers.remove(X_FORWARDED_HOST),
    };
    headers.insert(X_REQUEST_ID, request_id.clone());
}

/// The one thing of `TE` that holds from end to end: gRPC servers insist on it.
pub fn wants_trailers(headers: &HeaderMap) -> bool {
    let values = headers.get_all(TE).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| coding.trim().eq_ignore_ascii_case("trailers"))
}

/// Browsers send a host's cookies to all of its ports, so a console on the same host gives its session away to the
/// gateway. It is nothing for models.
fn tidy_cookies(headers: &mut HeaderMap) {
    const OWN: [&str; 2] = ["inference-gateway=", "__Host-inference-gateway="];
    let own = |pair: &str| OWN.iter().any(|name| pair.trim().starts_with(name));
    let gives_away = |value: &HeaderValue| value.to_str().is_ok_and(|text| text.split(';').any(own));
    let cookies = || headers.get_all(COOKIE).iter();
    // HTTP/2 clients send a field for each; HTTP/1.1 servers expect one.
    if cookies().nth(1).is_none() && !cookies().any(gives_away) {
        return;
    }
    let kept: Vec<String> = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .filter(|pair| !own(pair))
        .map(|pair| pair.trim().to_owned())
        .collect();
    headers.remove(COOKIE);
    if let Ok(value) = HeaderValue::try_from(kept.join("; "))
        && !kept.is_empty()
    {
        headers.insert(COOKIE, value);
    }
}

/// The answer's headers as the client gets them.
pub fn for_client(headers: &mut HeaderMap, request_id: &HeaderValue) {
    strip_hop(headers);
    if headers.remove(TRANSFER_ENCODING).is_some() {
        // hyper went by the encoding; a length beside it would be believed by the client.
        headers.remove(CONTENT_LENGTH);
    }
    headers.insert(X_REQUEST_ID, request_id.clone());
}

/// The client's own id, if it can be shown anywhere without harm.
pub fn client_request_id(headers: &HeaderMap) -> Option<HeaderValue> {
    let value = headers.get(X_REQUEST_ID)?;
    let harmless = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    ((1..=64).contains(&value.len()) && value.as_bytes().iter().all(harmless)).then(|| value.clone())
}
