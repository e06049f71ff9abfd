//! Host names as they are compared: lower case, no port, no dot behind.

use crate::answer::Refusal;
use crate::message::{Head, Name};
use domain::snapshot::Scheme;
use http::Version;
use std::borrow::Cow;

/// `None` if this is no host.
pub fn normalise(host: &str) -> Option<Cow<'_, str>> {
    let (name, _) = split_port(host)?;
    let name = name.strip_suffix('.').unwrap_or(name);
    let sane = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'[' | b']' | b':');
    if name.is_empty() || name.ends_with('.') || name.len() > 253 || !name.bytes().all(sane) {
        return None;
    }
    Some(if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    })
}

/// Name and port; an IPv6 address stays in its brackets.
fn split_port(host: &str) -> Option<(&str, Option<u16>)> {
    let name_end = if host.starts_with('[') { host.find(']')? + 1 } else { host.find(':').unwrap_or(host.len()) };
    let (name, rest) = host.split_at(name_end);
    match rest.strip_prefix(':') {
        None if rest.is_empty() => Some((name, None)),
        Some("") => Some((name, None)),
        Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => Some((name, Some(port.parse().ok()?))),
        _ => None,
    }
}

/// The Host of a request that came over `scheme`, checked so that no two servers read another one out of it.
pub fn of(head: &Head, scheme: Scheme) -> Result<Option<&str>, Refusal> {
    let mut values = head.fields.all(Name::Host);
    let (first, more) = (values.next(), values.next().is_some());
    let host = match first {
        _ if more => return Err(Refusal::BadRequest("send exactly one Host header")),
        None if head.version == Version::HTTP_10 => None,
        None => return Err(Refusal::BadRequest("HTTP/1.1 needs a Host header")),
        Some(value) => {
            let host = std::str::from_utf8(value).ok();
            let host = host.filter(|host| host.is_empty() || normalise(host).is_some());
            Some(host.ok_or(Refusal::BadRequest("the Host header holds no host name"))?)
        }
    };
    match (head.authority(), host) {
        (None, host) => Ok(host),
        (Some(authority), Some(host)) if same(head.target.scheme, scheme, authority, host) => Ok(Some(host)),
        _ => Err(Refusal::BadRequest("the request line and the Host header name different hosts")),
    }
}

fn same(named: Option<Scheme>, scheme: Scheme, authority: &str, host: &str) -> bool {
    let usual = if scheme == Scheme::Http { 80 } else { 443 };
    let full = |text| -> Option<_> { Some((normalise(text)?, split_port(text)?.1.unwrap_or(usual))) };
    named == Some(scheme) && full(authority).is_some() && full(authority) == full(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_same_host_in_other_clothes() {
        for text in ["gw.example", "GW.example", "gw.example.", "gw.example:80", "Gw.Example.:8080", "gw.example:"] {
            assert_eq!(normalise(text).as_deref(), Some("gw.example"), "{text}");
        }
        assert_eq!(normalise("[::1]:8080").as_deref(), Some("[::1]"));
    }

    #[test]
    fn what_is_no_host() {
        for text in [
            "",
            ".",
            "..",
            "a..",
            ":80",
            "a b",
            "a/b",
            "a:b",
            "user@host",
            "a:1:2",
            "[::1",
            "[::1]x",
            "a:99999",
            "ä.example",
        ] {
            assert_eq!(normalise(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_normal_host_stays_and_nothing_panics(text in "\\PC{0,40}", name in "[a-z0-9][a-z0-9.-]{0,20}[a-z0-9]") {
            if let Some(host) = normalise(&text) {
                prop_assert!(!host.bytes().any(|byte| byte.is_ascii_uppercase()));
            }
            let shouted = format!("{}.:443", name.to_ascii_uppercase());
            for text in [&name, &shouted] {
                let host = normalise(text);
                prop_assert_eq!(host.as_deref(), Some(name.as_str()));
            }
        }
    }
}
