//! From a path to the service and to what the replica sees of it.
//!
//! Nothing is decoded or normalised: a path means here what its bytes say, and the replica gets the same bytes. So a
//! path that servers read differently is refused: what one resolves to another directory, or decodes to another number
//! of segments, may lead past a rule of somebody on the way. (nginx, Envoy and HAProxy resolve some of these by
//! default, WSGI and ASGI servers decode before they route, Tomcat cuts off `;…`.) Empty segments stay: they are as
//! good as others (RFC 3986, 3.3), and addresses within paths have them.

use crate::answer::Refusal;

const PREFIX: &str = "/api/predict/";

#[derive(Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// The bare root of the gateway.
    Root,
    Service {
        name: &'a str,
        /// Behind the name: empty, or `/…`.
        rest: &'a str,
    },
}

pub fn target(path: &str) -> Result<Target<'_>, Refusal> {
    if path == "/" {
        return Ok(Target::Root);
    }
    let Some(inner) = path.strip_prefix(PREFIX) else { return Err(Refusal::NoSuchService) };
    let (name, rest) = inner.split_at(inner.find('/').unwrap_or(inner.len()));
    // Another server could decode or resolve these to another service.
    if matches!(name, "." | "..") || name.contains(['%', '\\', ';']) {
        return Err(Refusal::BadRequest("write the service's name as it is, without escapes or dot segments"));
    }
    if name.is_empty() {
        return Err(Refusal::NoSuchService);
    }
    if !is_clear(rest) {
        return Err(Refusal::BadRequest(
            "write the path without dot segments and backslashes; what is escaped must not be a slash or a zero byte",
        ));
    }
    Ok(Target::Service { name, rest })
}

/// Whether everybody reads the same out of it.
fn is_clear(rest: &str) -> bool {
    let bytes = rest.as_bytes();
    let escapes = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'%');
    let is_plain = |at: usize| {
        let digits = bytes.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        byte.is_some_and(|byte| !matches!(byte, b'/' | b'\\' | 0))
    };
    !bytes.contains(&b'\\') && escapes.map(|(at, _)| at).all(is_plain) && !rest.split('/').any(is_dots)
}

/// `.` or `..`, also escaped, and with parameters, which some cut off first.
fn is_dots(segment: &str) -> bool {
    let mut dots = 0;
    let mut left = segment.split(';').next().unwrap_or_default();
    while let Some(rest) = left.strip_prefix('.').or(left.strip_prefix("%2e")).or(left.strip_prefix("%2E")) {
        (dots, left) = (dots + 1, rest);
    }
    left.is_empty() && matches!(dots, 1 | 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_prefix_is_cut_off() {
        assert_eq!(target("/"), Ok(Target::Root));
        for (path, rest) in [
            ("/api/predict/m", ""),
            ("/api/predict/m/", "/"),
            ("/api/predict/m/v1/chat", "/v1/chat"),
            ("/api/predict/m//a/...//.b/c../%41%25%C3%A4;x=..", "//a/...//.b/c../%41%25%C3%A4;x=.."),
            ("/api/predict/m/https://a:1/~b@c!$&'()*+,=", "/https://a:1/~b@c!$&'()*+,="),
        ] {
            assert_eq!(target(path), Ok(Target::Service { name: "m", rest }), "{path}");
        }
    }

    #[test]
    fn what_leads_nowhere() {
        for path in ["", "//", "/api/predict", "/api/predict/", "/api/predict//m", "/API/predict/m", "/api//predict/m"]
        {
            assert_eq!(target(path), Err(Refusal::NoSuchService), "{path}");
        }
        for path in ["/api/predict/../m", "/api/predict/.", "/api/predict/a%2Fb", "/api/predict/%2e%2e/m"] {
            assert!(matches!(target(path), Err(Refusal::BadRequest(_))), "{path}");
        }
    }

    #[test]
    fn what_servers_read_differently() {
        for rest in [
            "/.",
            "/..",
            "/../",
            "/a/./b",
            "/a/..",
            "/%2e",
            "/%2E%2e/a",
            "/.%2e",
            "/..;/a",
            "/.;x=y/a",
            "/a/..;",
            "/%2fa",
            "/a%2Fb",
            "/%5ca",
            "/a%5C..%5Cb",
            "/a\\b",
            "\\..",
            "/%00",
            "/a%00.txt",
            "/%",
            "/%2",
            "/%2g",
            "/a%%32%66",
        ] {
            let path = format!("/api/predict/m{rest}");
            if rest.starts_with('/') {
                assert!(matches!(target(&path), Err(Refusal::BadRequest(_))), "{path}");
            } else {
                assert!(target(&path).is_err(), "{path}");
            }
        }
    }

    proptest! {
        #[test]
        fn the_rest_is_byte_identical(name in "[a-z][a-z0-9_]{0,20}", rest in "(/[!-~]{0,20})?") {
            let path = format!("/api/predict/{name}{rest}");
            if is_clear(&rest) {
                prop_assert_eq!(target(&path), Ok(Target::Service { name: &name, rest: &rest }));
            } else {
                prop_assert!(matches!(target(&path), Err(Refusal::BadRequest(_))));
            }
        }

        /// Decoded once and resolved, a path that is passed on has the segments that it shows.
        #[test]
        fn resolving_and_decoding_change_no_segment(rest in "(/|\\.|%2e|%2f|%5C|%00|%61|;|\\\\|a|%){0,12}") {
            let rest = format!("/{rest}");
            if is_clear(&rest) {
                // `%` and two letters after it are an escape as well.
                let decoded = rest.replace("%aa", "\u{aa}").replace("%2e", ".").replace("%61", "a");
                prop_assert_eq!(decoded.split('/').count(), rest.split('/').count());
                prop_assert!(!decoded.contains(['%', '\\', '\0']));
                for segment in decoded.split('/') {
                    prop_assert!(!matches!(segment.split(';').next(), Some("." | "..")), "{}", rest);
                }
            }
        }

        #[test]
        fn a_name_is_one_plain_segment(path in "/(api/predict/)?[!-~]{0,30}") {
            if let Ok(Target::Service { name, rest }) = target(&path) {
                prop_assert!(!name.contains(['/', '%']) && !name.is_empty() && name != "..");
                prop_assert_eq!(format!("/api/predict/{name}{rest}"), path);
            }
        }
    }
}
