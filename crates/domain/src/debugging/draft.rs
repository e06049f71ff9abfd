//! What somebody typed into the request builder.

use crate::error::{FieldErrors, Invalid};
use serde::{Deserialize, Serialize};

/// Those that the builder offers.
pub const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];
/// Bytes of a request's body.
pub const MAX_BODY: usize = 256 * 1024;
/// Bytes of the path with its query.
const MAX_PATH: usize = 4096;
const MAX_HEADERS: usize = 50;
const MAX_HEADER: usize = 8192;
/// What belongs to the connection, which is the console's, and what would say where it goes.
const NOT_YOURS: [&str; 10] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "upgrade",
    "te",
    "trailer",
    "expect",
    "proxy-connection",
];

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DebugDraft {
    pub method: String,
    /// Behind the endpoint: empty, or `/…` with an optional query.
    pub path: String,
    /// One in a line, `Name: value`.
    pub headers: String,
    pub body: String,
    /// The body is JSON, and said to be.
    pub json: bool,
    /// Id of the token that the console adds; empty for none. A header `Authorization` goes before it.
    pub token: String,
    /// One of the service's own endpoints; empty for the first.
    pub endpoint: String,
}

/// A request that leads to the service and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedRequest {
    pub method: String,
    /// Behind the endpoint, in characters that an address has.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl CheckedRequest {
    pub fn has(&self, header: &str) -> bool {
        self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(header))
    }
}

impl DebugDraft {
    pub fn validate(&self) -> Result<CheckedRequest, FieldErrors> {
        let mut errors = FieldErrors::default();
        let method = errors.take("method", parse_method(&self.method));
        let path = errors.take("path", parse_path(&self.path));
        let headers = errors.take("headers", parse_headers(&self.headers));
        let body = errors.take("body", parse_body(&self.body, self.json));
        let request = (|| Some(CheckedRequest { method: method?, path: path?, headers: headers?, body: body? }))();
        let request = request.map(|mut request| {
            if self.json && !request.body.is_empty() && !request.has("content-type") {
                request.headers.push(("content-type".into(), "application/json".into()));
            }
            request
        });
        errors.finish(request)
    }
}

fn parse_method(typed: &str) -> Result<String, Invalid> {
    METHODS.iter().find(|method| **method == typed).map(|method| (*method).to_owned()).ok_or(Invalid::Choice)
}

/// Nothing that anybody on the way could take for another service's path: no dot segments, however they are written, no
/// backslashes, no escaped slashes. Characters that no address has are escaped.
fn parse_path(typed: &str) -> Result<String, Invalid> {
    let typed = typed.trim_matches(' ');
    if typed.len() > MAX_PATH {
        return Err(Invalid::TooLong { max: MAX_PATH, len: typed.len() });
    }
    let (path, query) = typed.split_once('?').map_or((typed, None), |(path, query)| (path, Some(query)));
    if !(path.is_empty() || path.starts_with('/')) {
        return Err(Invalid::Path);
    }
    let plain = path.to_ascii_lowercase().replace("%2e", ".");
    let climbs = plain.split('/').any(|segment| matches!(segment, "." | ".."));
    let hides = ["%2f", "%5c", "%00", "\\", ";", "%25"].iter().any(|part| plain.contains(part));
    if climbs || hides || typed.contains('#') || typed.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Invalid::DebugPath);
    }
    let mut written = escaped(path);
    if let Some(query) = query {
        written.push('?');
        written.push_str(&escaped(query));
    }
    Ok(written)
}

fn escaped(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'`' | b'{' | b'}' | b'|' | b'^') {
            written.push(char::from(byte));
        } else {
            written.push_str(&format!("%{byte:02X}"));
        }
    }
    written
}

fn parse_headers(typed: &str) -> Result<Vec<(String, String)>, Invalid> {
    let mut headers = Vec::new();
    for (at, line) in typed.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = || Invalid::HeaderLine { line: at + 1 };
        let (name, value) = line.split_once(':').ok_or_else(wrong)?;
        let (name, value) = (name.trim(), value.trim());
        let is_name = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.!#$%&'*+^`|~".contains(&byte));
        let is_value = value.bytes().all(|byte| byte == b' ' || byte == b'\t' || byte.is_ascii_graphic());
        if !is_name || !is_value || line.len() > MAX_HEADER || headers.len() == MAX_HEADERS {
            return Err(wrong());
        }
        if NOT_YOURS.contains(&name.to_ascii_lowercase().as_str()) {
            return Err(Invalid::HeaderForbidden { name: name.to_ascii_lowercase() });
        }
        headers.push((name.to_owned(), value.to_owned()));
    }
    Ok(headers)
}

fn parse_body(typed: &str, json: bool) -> Result<String, Invalid> {
    if typed.len() > MAX_BODY {
        return Err(Invalid::TooLong { max: MAX_BODY, len: typed.len() });
    }
    if json
        && !typed.trim().is_empty()
        && let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(typed)
    {
        return Err(Invalid::BodyJson { line: error.line(), column: error.column() });
    }
    Ok(typed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(typed: &str) -> Result<String, Invalid> {
        parse_path(typed)
    }

    #[test]
    fn paths_stay_behind_the_endpoint() {
        assert_eq!(path(""), Ok(String::new()));
        assert_eq!(path("?a=1"), Ok("?a=1".into()));
        assert_eq!(path("/v1/models?x=推&y=\"").as_deref(), Ok("/v1/models?x=%E6%8E%A8&y=%22"));
        assert_eq!(path("/a..b/...").as_deref(), Ok("/a..b/..."));
        for out in [
            "/../other",
            "/..",
            "/a/../../other",
            "/%2e%2e/other",
            "/%2E./other",
            "/.%2e/other",
            "/a%2f..%2f..%2fother",
            "/a\\..\\other",
            "/%5c..",
            "/%252e%252e/other",
            "/a;/../b",
            "/a b",
            "/a\r\nHost: evil",
            "/a#b",
            "/\u{85}",
            "/a%00",
        ] {
            assert_eq!(path(out), Err(Invalid::DebugPath), "{out:?}");
        }
        for other in ["2/other", "http://evil.example/", "@evil.example", "//../x".trim_start_matches('/')] {
            assert!(path(other).is_err(), "{other:?}");
        }
        assert!(matches!(path(&format!("/{}", "a".repeat(5000))), Err(Invalid::TooLong { .. })));
    }

    #[test]
    fn headers_are_lines() {
        assert_eq!(parse_headers("X-A: 1\n\n b :  2 "), Ok(vec![("X-A".into(), "1".into()), ("b".into(), "2".into())]));
        for (typed, wrong) in [
            ("no colon", Invalid::HeaderLine { line: 1 }),
            ("a: 1\n: 2", Invalid::HeaderLine { line: 2 }),
            ("a b: 1", Invalid::HeaderLine { line: 1 }),
            ("a: \u{7f}", Invalid::HeaderLine { line: 1 }),
            ("a: 推", Invalid::HeaderLine { line: 1 }),
            ("HOST: evil", Invalid::HeaderForbidden { name: "host".into() }),
            ("Content-Length: 0", Invalid::HeaderForbidden { name: "content-length".into() }),
        ] {
            assert_eq!(parse_headers(typed), Err(wrong), "{typed:?}");
        }
    }

    #[test]
    fn json_is_looked_at_where_it_is_said_to_be() {
        let draft = DebugDraft { method: "POST".into(), body: "{\"a\": }".into(), json: true, ..DebugDraft::default() };
        let errors = draft.validate().expect_err("is none");
        assert_eq!(errors.get("body"), Some(&Invalid::BodyJson { line: 1, column: 7 }));
        let text = DebugDraft { json: false, ..draft.clone() }.validate().expect("is text");
        assert!(!text.has("content-type"));
        let json = DebugDraft { body: "[1]".into(), ..draft }.validate().expect("is JSON");
        assert!(json.has("Content-Type"));
    }
}
