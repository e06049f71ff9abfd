//! What a client may say behind its request's body. Some servers put trailers among the headers, where nothing may come
//! late that decides about the request: who asks, for what, how long it is, or what a proxy in front has vouched for.

use super::name::{Name, is_double};
use http::HeaderMap;

/// Of RFC 9110's kinds that have no place in a trailer, besides the names that somebody here looks at.
const TOO_LATE: [&str; 12] = [
    "trailer",
    "cache-control",
    "pragma",
    "range",
    "max-forwards",
    "accept",
    "accept-encoding",
    "from",
    "origin",
    "referer",
    "set-cookie",
    "www-authenticate",
];
const TOO_LATE_OF_A_KIND: [&str; 6] = ["content-", "if-", "proxy-", "sec-", "x-forwarded-", "x-real-"];

/// Those that go up; `None` if nothing is left.
pub fn of_request(mut trailers: HeaderMap) -> Option<HeaderMap> {
    let forbidden: Vec<_> = trailers.keys().filter(|name| !may_follow(name.as_str())).cloned().collect();
    for name in forbidden {
        trailers.remove(name);
    }
    (!trailers.is_empty()).then_some(trailers)
}

/// `name` in lower case.
fn may_follow(name: &str) -> bool {
    Name::of(name.as_bytes()) == Name::Other
        && !is_double(name.as_bytes())
        && !TOO_LATE.contains(&name)
        && !TOO_LATE_OF_A_KIND.iter().any(|kind| name.starts_with(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_decides_comes_before_the_body() {
        for name in ["authorization", "x_forwarded_for", "cookie", "host", "content-type", "x-forwarded-port", "te"] {
            assert!(!may_follow(name), "{name}");
        }
        for name in ["x-checksum", "grpc-status", "server-timing", "digest"] {
            assert!(may_follow(name), "{name}");
        }
        let mut trailers = HeaderMap::new();
        trailers.insert("host", http::HeaderValue::from_static("a"));
        assert_eq!(of_request(trailers.clone()), None);
        trailers.insert("x-sum", http::HeaderValue::from_static("1"));
        assert_eq!(of_request(trailers).map(|left| left.len()), Some(1));
    }
}
