//! What to order, checked before anybody is asked.

use domain::certificate::{ChallengeKind, IssueFailure, is_dns_name, tame};
use std::time::Duration;

/// Let's Encrypt's limit; others have fewer or more.
pub const MAX_NAMES: usize = 100;

/// What to order.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// DNS names, internationalised ones in their `xn--` form. Wildcards with DNS-01 only.
    pub names: Vec<String>,
    pub challenge: ChallengeKind,
    /// For all of it, the server's work included; a few minutes are usual.
    pub deadline: Duration,
}

impl Wanted {
    /// Lower case, without final dots, each once.
    pub(super) fn checked(&self) -> Result<Vec<String>, IssueFailure> {
        let mut names: Vec<String> = Vec::new();
        for text in &self.names {
            let name = text.trim().trim_end_matches('.').to_ascii_lowercase();
            if !is_dns_name(&name) || name.parse::<std::net::IpAddr>().is_ok() {
                return Err(IssueFailure::Name { name: tame(text) });
            }
            if name.starts_with("*.") && self.challenge != ChallengeKind::Dns01 {
                return Err(IssueFailure::WildcardNeedsDns { name });
            }
            if !names.contains(&name) {
                names.push(name);
            }
        }
        match names.len() {
            1..=MAX_NAMES => Ok(names),
            count => Err(IssueFailure::NameCount { max: MAX_NAMES, count }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(names: &[&str], challenge: ChallengeKind) -> Wanted {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Wanted { names, challenge, deadline: Duration::from_secs(1) }
    }

    #[test]
    fn names_are_checked_before_anybody_is_asked() {
        let good = wanted(&["A.example.com.", "a.example.com", "*.b.example.com"], ChallengeKind::Dns01);
        assert_eq!(good.checked().unwrap(), ["a.example.com", "*.b.example.com"]);
        for name in ["", "bücher.example", "a b", "192.0.2.1", "::1", "*.com", "a..b", "../x", "*"] {
            let checked = wanted(&[name], ChallengeKind::Dns01).checked();
            assert!(matches!(checked, Err(IssueFailure::Name { .. })), "{name:?}: {checked:?}");
        }
        for challenge in [ChallengeKind::Http01, ChallengeKind::TlsAlpn01] {
            let checked = wanted(&["*.example.com"], challenge).checked();
            assert!(matches!(checked, Err(IssueFailure::WildcardNeedsDns { .. })));
        }
        assert!(matches!(wanted(&[], ChallengeKind::Dns01).checked(), Err(IssueFailure::NameCount { count: 0, .. })));
        let many: Vec<String> = (0..101).map(|at| format!("a{at}.example.com")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(matches!(
            wanted(&many, ChallengeKind::Dns01).checked(),
            Err(IssueFailure::NameCount { count: 101, .. })
        ));
    }
}
