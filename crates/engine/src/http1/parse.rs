//! Heads of HTTP/1.1 messages. httparse finds the fields; what two servers could read differently is found here, and
//! refused rather than mended (request smuggling): lines that end in LF alone, a length beside an encoding, several
//! lengths, encodings that are not `chunked` alone.

use crate::message::{Fields, Head, LONGEST, Name, Target, tokens};
use http::{Method, StatusCode, Version};
use httparse::Status;
use std::mem::MaybeUninit;

/// Fields of a head.
const FIELDS: usize = 100;

/// How the body behind a head ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// 0 is no body.
    Length(u64),
    Chunked,
    /// With its connection; of answers.
    UntilClose,
}

#[derive(Debug, PartialEq, Eq)]
pub enum BadHead {
    Unclear(&'static str),
    TooLong(StatusCode),
}

pub enum Parsed<T> {
    Whole {
        message: T,
        /// Bytes of its head.
        len: usize,
    },
    More,
    Bad(BadHead),
}

pub struct RequestHead {
    pub head: Head,
    /// A head that can be read, but whose end is unclear, is refused with all that is known of it.
    pub framing: Result<Framing, &'static str>,
    pub keep_alive: bool,
}

pub struct ResponseHead {
    pub status: StatusCode,
    pub fields: Fields,
    /// Of an answer that has a body.
    pub framing: Framing,
    pub keep_alive: bool,
    /// It says so, or the protocol of its day means it.
    pub says_close: bool,
}

/// Clients that send an empty line behind a body are borne by everybody; no two do.
const EMPTY_LINES: usize = 4;

fn empty_lines(bytes: &[u8]) -> usize {
    let mut skipped = 0;
    while skipped < EMPTY_LINES && bytes[skipped..].starts_with(b"\r\n") {
        skipped += 2;
    }
    skipped
}

fn too_long(bytes: &[u8]) -> StatusCode {
    if bytes.contains(&b'\n') { StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE } else { StatusCode::URI_TOO_LONG }
}

pub fn request(bytes: &[u8]) -> Parsed<RequestHead> {
    let skipped = empty_lines(bytes);
    let bytes = &bytes[skipped..];
    // httparse would pass over any number of them, and over a bare LF.
    match bytes {
        [b'\r'] if skipped < EMPTY_LINES => return Parsed::More,
        [b'\r' | b'\n', ..] => return Parsed::Bad(BadHead::Unclear("begin with the request line")),
        _ => {}
    }
    let mut headers = [const { MaybeUninit::uninit() }; FIELDS];
    let mut request = httparse::Request::new(&mut []);
    let len = match request.parse_with_uninit_headers(bytes, &mut headers) {
        Ok(Status::Complete(len)) if len <= LONGEST => len,
        Ok(Status::Partial) if bytes.len() <= LONGEST => return Parsed::More,
        Ok(_) => return Parsed::Bad(BadHead::TooLong(too_long(bytes))),
        Err(httparse::Error::TooManyHeaders) => {
            return Parsed::Bad(BadHead::TooLong(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE));
        }
        Err(error) => return Parsed::Bad(BadHead::Unclear(said(error))),
    };
    let head = &bytes[..len];
    match understood(head, &request) {
        Ok(message) => Parsed::Whole { message, len: skipped + len },
        Err(what) => Parsed::Bad(BadHead::Unclear(what)),
    }
}

fn understood(bytes: &[u8], request: &httparse::Request<'_, '_>) -> Result<RequestHead, &'static str> {
    let path = request.path.unwrap_or_default();
    let start = (path.as_ptr() as usize).wrapping_sub(bytes.as_ptr() as usize);
    let method = request.method.unwrap_or_default();
    let version = if request.version == Some(1) { Version::HTTP_11 } else { Version::HTTP_10 };
    let fields = Fields::of_parsed(bytes, request.headers).ok_or("the head is too long")?;
    let lines = if bare_line_end(bytes) { Err("lines end in CR LF") } else { Ok(()) };
    let framing = lines.and_then(|()| request_framing(&fields, version));
    let keep_alive = keeps_alive(&fields, version);
    let head = Head {
        method: Method::from_bytes(method.as_bytes()).map_err(|_| "no such method")?,
        version,
        target: if method == "CONNECT" { Target::default() } else { Target::parse(path.as_bytes(), start)? },
        fields,
        connects_to: None,
    };
    Ok(RequestHead { head, framing, keep_alive })
}

fn said(error: httparse::Error) -> &'static str {
    match error {
        httparse::Error::HeaderName => "a header's name holds a character that it must not",
        httparse::Error::HeaderValue => "a header's value holds a character that it must not",
        httparse::Error::NewLine => "lines end in CR LF",
        httparse::Error::Version => "this version of HTTP is not spoken here; use HTTP/1.1",
        _ => "the request line cannot be read",
    }
}

/// httparse takes them for the end of a line as well.
pub fn bare_line_end(bytes: &[u8]) -> bool {
    memchr::memchr_iter(b'\n', bytes).any(|at| at == 0 || bytes[at - 1] != b'\r')
}

fn request_framing(fields: &Fields, version: Version) -> Result<Framing, &'static str> {
    if !fields.has(Name::TransferEncoding) {
        return match length(fields) {
            None => Ok(Framing::Length(0)),
            Some(length) => length.map(Framing::Length),
        };
    }
    if fields.has(Name::ContentLength) {
        return Err("send Content-Length or Transfer-Encoding, not both");
    }
    if version == Version::HTTP_10 {
        return Err("HTTP/1.0 knows no Transfer-Encoding");
    }
    match fields.only(Name::TransferEncoding) {
        Some(encoding) if encoding.trim_ascii().eq_ignore_ascii_case(b"chunked") => Ok(Framing::Chunked),
        _ => Err("no Transfer-Encoding but chunked is understood here"),
    }
}

fn length(fields: &Fields) -> Option<Result<u64, &'static str>> {
    let first = fields.first(Name::ContentLength)?;
    if fields.is_repeated(Name::ContentLength) {
        return Some(Err("send one Content-Length"));
    }
    Some(number(first).ok_or("Content-Length is not a number"))
}

/// Digits only: a sign or a space is read differently by others.
fn number(text: &[u8]) -> Option<u64> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn keeps_alive(fields: &Fields, version: Version) -> bool {
    let says = |word: &[u8]| tokens(fields.all(Name::Connection)).any(|token| token.eq_ignore_ascii_case(word));
    if version == Version::HTTP_11 {
        !fields.has(Name::Connection) || !says(b"close")
    } else {
        says(b"keep-alive") && !says(b"close")
    }
}

pub fn response(bytes: &[u8]) -> Parsed<ResponseHead> {
    let mut headers = [const { MaybeUninit::uninit() }; FIELDS];
    let mut response = httparse::Response::new(&mut []);
    let config = httparse::ParserConfig::default();
    let parsed = config.parse_response_with_uninit_headers(&mut response, bytes, &mut headers);
    let len = match parsed {
        Ok(Status::Complete(len)) if len <= LONGEST => len,
        Ok(Status::Partial) if bytes.len() <= LONGEST => return Parsed::More,
        _ => return Parsed::Bad(BadHead::Unclear("the replica's answer is not HTTP")),
    };
    match answered(&bytes[..len], &response) {
        Some(message) => Parsed::Whole { message, len },
        None => Parsed::Bad(BadHead::Unclear("the replica's answer has no clear end")),
    }
}

fn answered(bytes: &[u8], response: &httparse::Response<'_, '_>) -> Option<ResponseHead> {
    let version = if response.version == Some(1) { Version::HTTP_11 } else { Version::HTTP_10 };
    let fields = Fields::of_parsed(bytes, response.headers)?;
    let framing = if fields.has(Name::TransferEncoding) {
        // What else was done to it nobody asked for, and the client could not undo it.
        let encoding = fields.only(Name::TransferEncoding)?;
        if !encoding.trim_ascii().eq_ignore_ascii_case(b"chunked") {
            return None;
        }
        Framing::Chunked
    } else {
        let mut lengths = fields.all(Name::ContentLength).map(number);
        match lengths.next() {
            None => Framing::UntilClose,
            // The same one twice is borne: the answer goes on with one.
            Some(first) => Framing::Length(first.filter(|_| lengths.all(|other| other == first))?),
        }
    };
    // Who says two lengths, or chunks in a protocol that knows none, is not asked again (RFC 9112, 6.1 and 6.3).
    let is_odd = framing == Framing::Chunked && (version == Version::HTTP_10 || fields.has(Name::ContentLength));
    let says_close = is_odd || !keeps_alive(&fields, version);
    let keep_alive = !says_close && framing != Framing::UntilClose;
    Some(ResponseHead { status: StatusCode::from_u16(response.code?).ok()?, fields, framing, keep_alive, says_close })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn framing(headers: &str) -> Option<Result<Framing, &'static str>> {
        match request(format!("POST /a HTTP/1.1\r\nHost: a\r\n{headers}\r\n").as_bytes()) {
            Parsed::Whole { message, .. } => Some(message.framing),
            _ => None,
        }
    }

    #[test]
    fn where_a_request_ends() {
        assert_eq!(framing(""), Some(Ok(Framing::Length(0))));
        assert_eq!(framing("Content-Length: 5\r\n"), Some(Ok(Framing::Length(5))));
        assert_eq!(framing("TRANSFER-encoding: Chunked \r\n"), Some(Ok(Framing::Chunked)));
        for unclear in [
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            "Content-Length: 5\r\nContent-Length: 5\r\n",
            "Content-Length: +5\r\n",
            "Content-Length: 5, 5\r\n",
            "Content-Length:\r\n",
            "Content-Length: 18446744073709551616\r\n",
            "Transfer-Encoding: gzip, chunked\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: xchunked\r\n",
            "A: b\n",
        ] {
            assert!(matches!(framing(unclear), Some(Err(_))), "{unclear:?}");
        }
        for no_head in ["Content-Length : 5\r\n", "A: b\r\n c\r\n", "A\r\n", "A: \0\r\n", " A: b\r\n", "A: b\rc\r\n"] {
            assert!(framing(no_head).is_none(), "{no_head:?}");
        }
    }

    #[test]
    fn heads_that_are_no_heads() {
        let of = |text: &str| match request(text.as_bytes()) {
            Parsed::Bad(bad) => Some(bad),
            _ => None,
        };
        for bad in ["GET  / HTTP/1.1\r\n\r\n", "GET / HTTP/2.0\r\n\r\n", "GET /#a HTTP/1.1\r\n\r\n", "GET\r\n\r\n"] {
            assert!(matches!(of(bad), Some(BadHead::Unclear(_))), "{bad:?}");
        }
        let long = format!("GET /{} HTTP/1.1\r\n", "a".repeat(LONGEST));
        assert_eq!(of(&long[..LONGEST + 1]), Some(BadHead::TooLong(StatusCode::URI_TOO_LONG)));
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(FIELDS + 1));
        assert!(matches!(of("\r\n\r\n\r\nGET / HTTP/1.1\r\n"), Some(BadHead::Unclear(_))));
        assert_eq!(of(&many), Some(BadHead::TooLong(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)));
    }

    #[test]
    fn where_an_answer_ends() {
        let of = |headers: &str| match response(format!("HTTP/1.1 200 OK\r\n{headers}\r\n").as_bytes()) {
            Parsed::Whole { message, .. } => Some((message.framing, message.keep_alive)),
            _ => None,
        };
        assert_eq!(of(""), Some((Framing::UntilClose, false)));
        assert_eq!(of("content-length: 3\r\ncontent-length: 3\r\n"), Some((Framing::Length(3), true)));
        assert_eq!(of("content-length: 3\r\nconnection: close\r\n"), Some((Framing::Length(3), false)));
        assert_eq!(of("transfer-encoding: chunked\r\n"), Some((Framing::Chunked, true)));
        assert_eq!(of("transfer-encoding: chunked\r\ncontent-length: 3\r\n"), Some((Framing::Chunked, false)));
        for bad in [
            "transfer-encoding: gzip\r\n",
            "transfer-encoding: gzip, chunked\r\n",
            "content-length: 3\r\ncontent-length: 4\r\n",
            "content-length: x\r\n",
            "a\r\n",
        ] {
            assert_eq!(of(bad), None, "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn pieces_change_nothing_and_nothing_panics(
            parts in prop::collection::vec(prop::sample::select(vec![
                "GET ", "POST ", "/", "/a?b", "http://a/", " HTTP/1.1\r\n", " HTTP/1.0\r\n", "Host: a\r\n", "a: b\r\n",
                "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "\r\n", "\n", "\r", ":", " ", "\0", "#",
            ]), 0..14),
        ) {
            let text = parts.concat();
            if let Parsed::Whole { len, .. } = request(text.as_bytes()) {
                prop_assert!(text[..len].ends_with('\n') && len <= text.len());
                for shorter in 0..len {
                    prop_assert!(matches!(request(&text.as_bytes()[..shorter]), Parsed::More));
                }
            }
            let _ = response(text.as_bytes());
        }
    }
}
