//! Certificates that an ACME server issues: who orders, and how an order stands.

use super::{ChallengeKind, IssueFailure};
use crate::custom_domain::parse_host;
use crate::error::{FieldErrors, Invalid};
use crate::id::AcmeAccountId;
use crate::name::is_unseen;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// ACME directories of authorities that everybody may use, by name.
pub const PUBLIC_DIRECTORIES: [(&str, &str); 3] = [
    ("Let’s Encrypt", "https://acme-v02.api.letsencrypt.org/directory"),
    ("Let’s Encrypt (staging)", "https://acme-staging-v02.api.letsencrypt.org/directory"),
    ("ZeroSSL", "https://acme.zerossl.com/v2/DV90"),
];

/// As many as Let's Encrypt takes; others take fewer or more.
pub const MAX_NAMES: usize = 100;

/// Where a certificate comes from that nobody uploaded, and how that goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcmeOrder {
    pub account_id: AcmeAccountId,
    /// As [`parse_names`] gives them.
    pub names: Vec<String>,
    pub challenge: ChallengeKind,
    /// When it is ordered, or ordered again; `None`: not before somebody changes something.
    pub next_attempt: Option<DateTime<Utc>>,
    /// Attempts since the last that succeeded.
    #[serde(default)]
    pub failed: u32,
    #[serde(default)]
    pub last: Option<AcmeFailure>,
}

/// The last attempt, if it failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcmeFailure {
    pub failure: IssueFailure,
    pub at: DateTime<Utc>,
}

/// What somebody typed to order a certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderDraft {
    pub name: String,
    /// Separated by blanks, commas or lines.
    pub names: String,
    pub challenge: String,
}

impl OrderDraft {
    /// What can be said before anybody is asked, also in the browser: only DNS-01 proves wildcards.
    pub fn check(&self) -> Result<(), FieldErrors> {
        let wildcard = parts(&self.names).find(|each| each.starts_with("*.") && self.challenge != "dns_01");
        wildcard.map_or(Ok(()), |name| {
            let failure = IssueFailure::WildcardNeedsDns { name: name.into() };
            Err(FieldErrors::one("names", failure.into()))
        })
    }
}

fn parts(typed: &str) -> impl Iterator<Item = &str> {
    typed.split([' ', ',', ';', '\n', '\r', '\t']).filter(|each| !each.is_empty())
}

/// What somebody typed to register with an ACME server.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountDraft {
    pub directory: String,
    /// Mail addresses, separated by blanks or commas; may be empty.
    pub contact: String,
    pub terms_agreed: bool,
    /// Of an external account; both or none.
    pub key_id: String,
    pub hmac_key: String,
}

impl std::fmt::Debug for AccountDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountDraft").field("directory", &self.directory).finish_non_exhaustive()
    }
}

/// What somebody typed to change an account with an ACME server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountEdit {
    /// What people call it; may be empty.
    pub name: String,
    /// As in [`AccountDraft`].
    pub contact: String,
}

/// Characters of an account's name.
const LONGEST_NAME: usize = 63;

impl AccountEdit {
    pub fn name(&self) -> Result<String, Invalid> {
        let name = self.name.trim();
        match name.chars().count() {
            len if len > LONGEST_NAME => Err(Invalid::TooLong { max: LONGEST_NAME, len }),
            _ if name.chars().any(is_unseen) => Err(Invalid::ControlCharacter),
            _ => Ok(name.to_owned()),
        }
    }
}

impl ChallengeKind {
    pub const ALL: [Self; 3] = [Self::Http01, Self::TlsAlpn01, Self::Dns01];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http01 => "http_01",
            Self::TlsAlpn01 => "tls_alpn_01",
            Self::Dns01 => "dns_01",
        }
    }

    pub fn parse(text: &str) -> Result<Self, Invalid> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(Invalid::Choice)
    }
}

/// Names as an ACME server wants them: lower case, ASCII, each once. See [`parse_host`] for `to_ascii`.
pub fn parse_names(
    typed: &str,
    challenge: ChallengeKind,
    to_ascii: impl Fn(&str) -> Option<String>,
) -> Result<Vec<String>, Invalid> {
    let mut names: Vec<String> = Vec::new();
    for each in parts(typed) {
        let name = parse_host(each, &to_ascii)?;
        if name.starts_with("*.") && challenge != ChallengeKind::Dns01 {
            return Err(IssueFailure::WildcardNeedsDns { name }.into());
        }
        if !names.contains(&name) {
            names.push(name);
        }
        if names.len() > MAX_NAMES {
            return Err(IssueFailure::NameCount { max: MAX_NAMES, count: names.len() }.into());
        }
    }
    if names.is_empty() { Err(Invalid::Required) } else { Ok(names) }
}

impl From<IssueFailure> for Invalid {
    fn from(failure: IssueFailure) -> Self {
        Self::Acme { failure }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_one_by_one_and_wildcards_over_dns_only() {
        let parse = |typed, kind| parse_names(typed, kind, |_| None);
        let names = parse("A.example.com, b.example.com\r\n  a.example.com.", ChallengeKind::Http01);
        assert_eq!(names, Ok(vec!["a.example.com".into(), "b.example.com".into()]));
        for kind in [ChallengeKind::Http01, ChallengeKind::TlsAlpn01] {
            let Err(Invalid::Acme { failure }) = parse("*.example.com", kind) else { panic!("accepted") };
            assert_eq!(failure.code(), "wildcard_needs_dns");
        }
        assert!(parse("*.example.com", ChallengeKind::Dns01).is_ok());
        for typed in ["", " , ", "192.0.2.1", "a_b.example.com", "localhost", "a.example.com <script>"] {
            assert!(parse(typed, ChallengeKind::Dns01).is_err(), "{typed}");
        }
        let many: String = (0..101).map(|at| format!("a{at}.example.com ")).collect();
        assert!(parse(&many, ChallengeKind::Dns01).is_err());
    }

    #[test]
    fn wildcards_are_seen_before_they_are_sent() {
        let draft = |names: &str, challenge: &str| OrderDraft {
            names: names.into(),
            challenge: challenge.into(),
            ..OrderDraft::default()
        };
        assert!(draft("a.b\n*.example.com", "http_01").check().is_err());
        assert!(draft("a.b\n*.example.com", "dns_01").check().is_ok() && draft("a.b", "http_01").check().is_ok());
    }

    #[test]
    fn kinds_are_read_as_they_are_said() {
        assert!(ChallengeKind::ALL.iter().all(|kind| ChallengeKind::parse(kind.as_str()) == Ok(*kind)));
        assert!(ChallengeKind::parse("HTTP-01").is_err());
    }

    #[test]
    fn accounts_are_called_what_people_like() {
        let name = |name: &str| AccountEdit { name: name.into(), ..AccountEdit::default() }.name();
        assert_eq!((name(" Let’s Encrypt "), name("")), (Ok("Let’s Encrypt".into()), Ok(String::new())));
        assert_eq!(name("a\nb"), Err(Invalid::ControlCharacter));
        assert!(name(&"ü".repeat(63)).is_ok() && name(&"ü".repeat(64)).is_err());
    }

    #[test]
    fn a_key_that_was_typed_is_not_printed() {
        let draft = AccountDraft { hmac_key: "c2VjcmV0".into(), ..AccountDraft::default() };
        assert!(!format!("{draft:?}").contains("c2Vj"));
    }
}
