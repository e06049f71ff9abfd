//! The head of a request.

use super::fields::{Fields, Place};
use super::name::Name;
use domain::snapshot::Scheme;
use http::request::Parts;
use http::{Method, Version};

pub struct Head {
    pub method: Method,
    pub version: Version,
    pub fields: Fields,
    pub target: Target,
    /// `:protocol` of HTTP/2 (RFC 8441): whether it is `websocket`.
    pub connects_to: Option<bool>,
}

/// The parts of a request's target, in the head's memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Target {
    pub scheme: Option<Scheme>,
    pub authority: Option<Place>,
    pub path: Place,
    pub query: Option<Place>,
}

impl Target {
    /// Of the text that begins at `start` of the head: a path, an address, `*`. What RFC 3986 has no place for is
    /// refused: a server behind here may stop at a `#`, or turn a `\` round.
    pub fn parse(text: &[u8], start: usize) -> Result<Self, &'static str> {
        if text.contains(&b'#') {
            return Err("a fragment is the client's own; do not send it");
        }
        // What is not ASCII should be escaped, but everybody takes it as it is, and so does the replica.
        if !text.iter().all(|byte| matches!(byte, 0x21..=0x7e | 0x80..)) || std::str::from_utf8(text).is_err() {
            return Err("write the address in printable characters, others as %XX");
        }
        let place = |from: usize, len: usize| Place::new(start + from, len).ok_or("the address is too long");
        let (scheme, authority, path_at) = match text {
            [b'/', ..] | b"*" => (None, None, 0),
            _ => {
                let (scheme, skipped) = scheme_of(text).ok_or("begin the address with a slash")?;
                let rest = &text[skipped..];
                let len = rest.iter().position(|byte| matches!(byte, b'/' | b'?')).unwrap_or(rest.len());
                (Some(scheme), Some(place(skipped, len)?), skipped + len)
            }
        };
        let rest = &text[path_at..];
        let path_len = rest.iter().position(|byte| *byte == b'?').unwrap_or(rest.len());
        // Of the others some are decoded, some are turned round, and some end what they are in.
        let (path, query) = rest.split_at(path_len);
        if path.iter().any(|byte| matches!(byte, b'<' | b'>' | b'`')) || query.iter().any(|byte| b"<>\"".contains(byte))
        {
            return Err("write the address's special characters as %XX");
        }
        let query = (path_len < rest.len()).then(|| place(path_at + path_len + 1, rest.len() - path_len - 1));
        Ok(Self { scheme, authority, path: place(path_at, path_len)?, query: query.transpose()? })
    }
}

fn scheme_of(text: &[u8]) -> Option<(Scheme, usize)> {
    let is = |name: &[u8]| text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    if is(b"http://") { Some((Scheme::Http, 7)) } else { is(b"https://").then_some((Scheme::Https, 8)) }
}

fn text(bytes: &[u8]) -> &str {
    // It was looked at when it was read.
    std::str::from_utf8(bytes).unwrap_or_default()
}

impl Head {
    /// Of a request that came over HTTP/2. `None` if it is too long.
    pub fn of_http2(parts: &Parts) -> Result<Self, &'static str> {
        const LONG: &str = "the request's head is too long";
        let target = parts.uri.path_and_query().map_or("/", |all| all.as_str());
        let mut bytes = Vec::with_capacity(512);
        bytes.extend_from_slice(target.as_bytes());
        // CONNECT names no path; it is refused elsewhere.
        let mut places = Target::parse(&bytes, 0)?;
        if let Some(authority) = parts.uri.authority() {
            places.authority = Place::new(bytes.len(), authority.as_str().len());
            bytes.extend_from_slice(authority.as_str().as_bytes());
        }
        places.scheme = match parts.uri.scheme_str() {
            Some("http") => Some(Scheme::Http),
            Some("https") => Some(Scheme::Https),
            _ => None,
        };
        let mut fields = Fields::of_map(bytes, &parts.headers).ok_or(LONG)?;
        // Clients name the host in the request line only.
        if let (false, Some(authority)) = (fields.has(Name::Host), parts.uri.authority()) {
            fields.push(b"host", authority.as_str().as_bytes()).ok_or(LONG)?;
        }
        Ok(Self {
            method: parts.method.clone(),
            version: Version::HTTP_2,
            fields,
            target: places,
            connects_to: parts
                .extensions
                .get::<hyper::ext::Protocol>()
                .map(|protocol| protocol.as_str() == "websocket"),
        })
    }

    /// What stands for a head that could not be read.
    pub fn unread() -> Self {
        Self {
            method: Method::from_bytes(b"-").unwrap_or_default(),
            version: Version::HTTP_11,
            fields: Fields::default(),
            target: Target::default(),
            connects_to: None,
        }
    }

    pub fn path(&self) -> &str {
        let path = text(self.fields.at(self.target.path));
        // An address without a path means the root.
        if path.is_empty() { "/" } else { path }
    }

    pub fn query(&self) -> Option<&str> {
        self.target.query.map(|query| text(self.fields.at(query)))
    }

    pub fn authority(&self) -> Option<&str> {
        self.target.authority.map(|authority| text(self.fields.at(authority)))
    }

    /// As text; empty where there is none, or where it is none.
    pub fn text(&self, name: Name) -> &str {
        self.fields.first(name).and_then(|value| std::str::from_utf8(value).ok()).unwrap_or_default()
    }

    pub fn is_grpc(&self) -> bool {
        self.fields.first(Name::ContentType).is_some_and(|value| value.starts_with(b"application/grpc"))
    }

    /// The one thing of `TE` that holds from end to end: gRPC servers insist on it.
    pub fn wants_trailers(&self) -> bool {
        super::tokens(self.fields.all(Name::Te)).any(|coding| coding.eq_ignore_ascii_case(b"trailers"))
    }
}

#[cfg(any(test, feature = "fuzzing"))]
impl Head {
    /// A POST.
    pub fn for_tests(target: &str, headers: &[(&[u8], &[u8])]) -> Self {
        let mut fields = Fields::of_map(target.as_bytes().to_vec(), &http::HeaderMap::new()).expect("room");
        headers.iter().for_each(|(name, value)| fields.push(name, value).expect("room"));
        let target = Target::parse(target.as_bytes(), 0).expect("a target");
        Self { method: Method::POST, version: Version::HTTP_11, fields, target, connects_to: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Parts<'t> = (Option<Scheme>, Option<&'t str>, &'t str, Option<&'t str>);

    fn parts(text: &str) -> Option<Parts<'_>> {
        let target = Target::parse(text.as_bytes(), 0).ok()?;
        let at = |place: Place| std::str::from_utf8(place.in_bytes(text.as_bytes())).expect("ASCII");
        Some((target.scheme, target.authority.map(at), at(target.path), target.query.map(at)))
    }

    #[test]
    fn the_forms_of_a_target() {
        assert_eq!(parts("/a/b?c=d?e"), Some((None, None, "/a/b", Some("c=d?e"))));
        assert_eq!(parts("/?"), Some((None, None, "/", Some(""))));
        assert_eq!(parts("*"), Some((None, None, "*", None)));
        assert_eq!(parts("http://a:1/b"), Some((Some(Scheme::Http), Some("a:1"), "/b", None)));
        assert_eq!(parts("HTTPS://a?b"), Some((Some(Scheme::Https), Some("a"), "", Some("b"))));
        assert!(Target::parse(b"/\xff", 0).is_err());
        for bad in ["", "a", "a:80", "ftp://a/", "/a#b", "/a b", "/<", "//\u{7f}", "http:/a"] {
            assert_eq!(parts(bad), None, "{bad}");
        }
    }
}
