//! What a certificate says of itself, and what can be wrong with one. `certs` reads them; this is what travels.

mod covers;
mod defect;
mod failure;
mod order;

pub use covers::{covers, is_dns_name};
pub use defect::{CertificateDefect, CertificateDefects, CertificateWarning};
pub use failure::{ChallengeKind, IssueFailure, Unreachable};
pub use order::{
    AccountDraft, AccountEdit, AcmeFailure, AcmeOrder, MAX_NAMES, OrderDraft, PUBLIC_DIRECTORIES, parse_names,
};

use crate::name::is_unseen;
use crate::secret::Digest256;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Bytes of an upload, certificate and key together. A chain with ten certificates and a key of RSA 4096 has a tenth of
/// it.
pub const MAX_UPLOAD: usize = 256 * 1024;

/// Everything about a server's certificate that may be shown: nothing of its key but its size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateFacts {
    /// DNS names, lower case, wildcards among them, in the certificate's order and each once.
    pub names: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<IpAddr>,
    /// Distinguished names as text (`CN=…, O=…`), for people only.
    pub subject: String,
    pub issuer: String,
    pub not_before: DateTime<Utc>,
    pub not_after: DateTime<Utc>,
    /// SHA-256 of the certificate's DER, what browsers and `openssl x509 -fingerprint -sha256` show.
    pub fingerprint: Digest256,
    pub key: KeyKind,
    /// Of the RSA modulus, or of the curve's field.
    pub key_bits: u16,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub self_signed: bool,
    /// Who issued the last certificate of the chain, unless that one is self-signed or its issuer is a publicly trusted
    /// root. Whether an intermediate is missing there, nobody can tell from the file alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_issuer: Option<String>,
}

impl CertificateFacts {
    /// Whether a client that asks for `name` (a host name, an IP address, or a wildcard as a domain of its own) accepts
    /// this certificate's names.
    pub fn covers(&self, name: &str) -> bool {
        match name.parse::<IpAddr>() {
            Ok(address) => self.addresses.contains(&address),
            Err(_) => self.names.iter().any(|own| covers(own, name)),
        }
    }

    /// The chain is known to lead to a root.
    pub fn chain_complete(&self) -> bool {
        self.open_issuer.is_none()
    }

    pub fn warnings(&self) -> Vec<CertificateWarning> {
        let open = self.open_issuer.clone().map(|issuer| CertificateWarning::IssuerUnknown { issuer });
        self.self_signed.then_some(CertificateWarning::SelfSigned).into_iter().chain(open).collect()
    }

    /// Whole days until it expires: 0 on its last day, negative afterwards.
    pub fn days_left(&self, now: DateTime<Utc>) -> i64 {
        (self.not_after - now).num_seconds().div_euclid(24 * 60 * 60)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    Rsa,
    Ecdsa,
    Ed25519,
    /// None that the engine can sign with.
    Other,
}

impl std::fmt::Display for KeyKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            KeyKind::Rsa => "RSA",
            KeyKind::Ecdsa => "ECDSA",
            KeyKind::Ed25519 => "Ed25519",
            KeyKind::Other => "unknown",
        })
    }
}

/// Text of a stranger (a subject, a server's explanation) as it may be shown and logged: without control characters and
/// those that reorder others, and not longer than 300 characters.
pub fn tame(text: &str) -> String {
    const MOST: usize = 300;
    let mut tame: String = text.chars().map(|c| if is_unseen(c) { ' ' } else { c }).take(MOST).collect();
    if text.chars().nth(MOST).is_some() {
        tame.push('…');
    }
    tame
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn facts() -> CertificateFacts {
        let start = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        CertificateFacts {
            names: vec!["*.example.com".into(), "example.com".into()],
            addresses: vec!["192.0.2.1".parse().unwrap()],
            subject: "CN=example.com".into(),
            issuer: "CN=Authority".into(),
            not_before: start,
            not_after: start + TimeDelta::days(90),
            fingerprint: Digest256::of(b"der"),
            key: KeyKind::Ecdsa,
            key_bits: 256,
            self_signed: false,
            open_issuer: None,
        }
    }

    #[test]
    fn days_left_is_what_a_calendar_says() {
        let facts = facts();
        let left = |before: TimeDelta| facts.days_left(facts.not_after - before);
        assert_eq!(left(TimeDelta::days(30)), 30);
        assert_eq!(left(TimeDelta::hours(47)), 1);
        assert_eq!(left(TimeDelta::seconds(1)), 0);
        assert_eq!(left(TimeDelta::seconds(-1)), -1);
        assert_eq!(left(TimeDelta::days(-3)), -3);
    }

    #[test]
    fn names_and_addresses_are_not_confused() {
        let facts = facts();
        assert!(facts.covers("example.com") && facts.covers("a.EXAMPLE.com.") && facts.covers("192.0.2.1"));
        assert!(!facts.covers("192.0.2.2") && !facts.covers("a.b.example.com") && !facts.covers(""));
    }

    #[test]
    fn an_open_chain_is_a_warning() {
        let mut facts = facts();
        assert!(facts.chain_complete() && facts.warnings().is_empty());
        facts.open_issuer = Some("CN=R9".into());
        assert!(!facts.chain_complete() && facts.warnings()[0].to_string().contains("below CN=R9"));
    }

    #[test]
    fn facts_travel() {
        let text = serde_json::to_string(&facts()).unwrap();
        assert_eq!(serde_json::from_str::<CertificateFacts>(&text).unwrap(), facts());
    }

    #[test]
    fn strangers_words_are_tamed() {
        assert_eq!(tame("a\nb\u{202e}c"), "a b c");
        assert_eq!(tame(&"x".repeat(1000)).chars().count(), 301);
    }
}
