//! Names as people configure them, and as trees compare them.

use crate::error::DnsError;
use hickory_proto::rr::{LowerName, Name};

/// Of a name as text; on the wire it is two bytes longer.
const MAX_LEN: usize = 253;

fn is_label(label: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    (1..=63).contains(&label.len()) && label.bytes().all(allowed)
}

/// What an error shows: enough to find it, never a megabyte.
pub fn excerpt(text: &str) -> String {
    text.chars().take(64).collect()
}

/// A lower-case name without the dot at the end, `*.` in front allowed.
pub fn parse(text: &str) -> Result<Name, DnsError> {
    let wrong = || DnsError::Name { name: excerpt(text) };
    let below = text.strip_prefix("*.").unwrap_or(text);
    if text.len() > MAX_LEN || !below.split('.').all(is_label) {
        return Err(wrong());
    }
    Name::from_labels(text.split('.').map(str::as_bytes)).map_err(|_| wrong())
}

/// A mail address as the SOA record has it: the part before the `@` is one label. Without `@` it is a name already.
pub fn contact(text: &str) -> Result<Name, DnsError> {
    let wrong = || DnsError::Contact { contact: excerpt(text) };
    let Some((local, domain)) = text.split_once('@') else { return parse(text).map_err(|_| wrong()) };
    if !local.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(wrong());
    }
    let domain = parse(domain).map_err(|_| wrong())?;
    domain.prepend_label(local.as_bytes()).map_err(|_| wrong())
}

pub fn labels(name: &Name) -> usize {
    // `num_labels` would not count a `*`.
    name.iter().len()
}

/// Labels that both end in, counted from the root.
pub fn shared_labels(one: &LowerName, other: &LowerName) -> usize {
    one.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count()
}

/// The name's last labels.
pub fn ancestor(name: &Name, labels: usize) -> LowerName {
    LowerName::from(name.trim_to(labels))
}

/// `*.` in front of it; `None` where that would be too long.
pub fn wildcard_of(name: &Name) -> Option<LowerName> {
    name.prepend_label(&b"*"[..]).ok().map(LowerName::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_lower_case_and_short() {
        for good in ["a", "gw.localhost", "*.example.org", "_acme-challenge.xn--mnchen-3ya.de", "1.2.3.4"] {
            assert_eq!(parse(good).map(|name| name.to_ascii()).ok(), Some(format!("{good}.")));
        }
        let long = ["abcdefghi"; 26].join(".");
        let label = "a".repeat(64);
        for bad in ["", ".", "a.", ".a", "a..b", "A.b", "a b", "a.*.b", "*", "**.a", "ä.de", "a\\.b", &long, &label] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_contact_is_a_mail_address_or_its_name() {
        let dotted = contact("first.last@example.org").expect("mail address");
        assert_eq!(labels(&dotted), 3, "{dotted}");
        assert_eq!(contact("hostmaster.example.org").expect("name"), contact("hostmaster@example.org").expect("mail"));
        for bad in ["", "@", "a@", "@b", "a b@c", "a@b@c"] {
            assert!(contact(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn shared_labels_are_those_at_the_end() {
        let name = |text| LowerName::from(parse(text).expect("name"));
        assert_eq!(shared_labels(&name("a.b.c"), &name("x.b.c")), 2);
        assert_eq!(shared_labels(&name("b.c"), &name("a.b.c")), 2);
        assert_eq!(shared_labels(&name("ab.c"), &name("b.c")), 1);
        assert_eq!(shared_labels(&name("c"), &name("d")), 0);
    }
}
