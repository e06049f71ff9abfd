//! Names of a certificate against names that clients ask for (RFC 6125, section 6.4, as browsers and webpki have it).

/// Whether `own`, a name in a certificate, covers `asked`. Case and a final dot do not matter; names are ASCII (an
/// internationalised name comes in its `xn--` form). A wildcard is the whole leftmost label, stands for exactly one
/// label, and has at least two labels after it. A wildcard that is asked for is covered by the same wildcard only.
pub fn covers(own: &str, asked: &str) -> bool {
    let own = own.strip_suffix('.').unwrap_or(own);
    let asked = asked.strip_suffix('.').unwrap_or(asked);
    if !is_dns_name(own) || !is_dns_name(asked) {
        return false;
    }
    if own.eq_ignore_ascii_case(asked) {
        return true;
    }
    match (own.strip_prefix("*."), asked.split_once('.')) {
        (Some(own), Some((label, asked))) => label != "*" && own.eq_ignore_ascii_case(asked),
        _ => false,
    }
}

/// Labels of letters, digits, `-` and `_`; `*` only as the first, with two labels after it. No final dot.
pub fn is_dns_name(name: &str) -> bool {
    let (wild, rest) = match name.strip_prefix("*.") {
        Some(rest) => (true, rest),
        None => (false, name),
    };
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && rest.split('.').all(label) && (!wild || rest.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn as_clients_match() {
        for (own, asked) in [
            ("example.com", "example.com"),
            ("example.com", "EXAMPLE.com."),
            ("*.example.com", "a.example.com"),
            ("*.example.com", "xn--bcher-kva.example.com"),
            ("*.Example.com", "_x.example.COM"),
            ("*.example.com", "*.example.com"),
            ("localhost", "localhost"),
        ] {
            assert!(covers(own, asked), "{own} covers {asked}");
        }
        for (own, asked) in [
            ("*.example.com", "example.com"),
            ("*.example.com", "a.b.example.com"),
            ("*.example.com", ".example.com"),
            ("*.*.example.com", "a.b.example.com"),
            ("a*.example.com", "ab.example.com"),
            ("a.*.example.com", "a.b.example.com"),
            ("*.com", "example.com"),
            ("*", "localhost"),
            ("a.example.com", "*.example.com"),
            ("*.b.example.com", "*.example.com"),
            ("example.com", "example.com.."),
            ("example.com\0.evil.org", "example.com"),
            ("", ""),
        ] {
            assert!(!covers(own, asked), "{own:?} must not cover {asked:?}");
        }
    }

    proptest! {
        #[test]
        fn one_label_more_or_less_is_never_covered(labels in proptest::collection::vec("[a-z0-9]{1,8}", 2..5)) {
            let zone = labels.join(".");
            let own = format!("*.{zone}");
            let one = format!("a.{}", zone);
            let two = format!("a.b.{}", zone);
            prop_assert!(covers(&own, &one));
            prop_assert!(!covers(&own, &two) && !covers(&own, &zone));
        }

        #[test]
        fn any_text_is_answered(own in ".{0,40}", asked in ".{0,40}") {
            let _ = covers(&own, &asked);
        }
    }
}
