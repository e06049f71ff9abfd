//! Why a certificate was not issued. Kept with the order and shown, so it is data: codes, and the server's own words.

use super::CertificateDefects;
use serde::{Deserialize, Serialize};

/// How an ACME server convinces itself that a name is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChallengeKind {
    Http01,
    TlsAlpn01,
    Dns01,
}

impl std::fmt::Display for ChallengeKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            ChallengeKind::Http01 => "HTTP-01",
            ChallengeKind::TlsAlpn01 => "TLS-ALPN-01",
            ChallengeKind::Dns01 => "DNS-01",
        })
    }
}

/// What kept us from talking to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unreachable {
    /// Its name has no address, nobody listens there, or no route leads to it.
    Connect,
    /// Its certificate is not trusted, or does not name it.
    Untrusted,
    /// It did not answer in time, or broke off.
    Silent,
}

impl Unreachable {
    fn advice(self) -> &'static str {
        match self {
            Unreachable::Connect => {
                "can't be reached; check its URL, that it runs, and that this host may connect to it"
            }
            Unreachable::Untrusted => {
                "has a certificate that is not trusted; give the root certificate of the ACME server, or correct its host name"
            }
            Unreachable::Silent => "did not answer in time or broke off; try again later",
        }
    }
}

/// One reason, complete with what to do. Texts of servers are tamed (`super::tame`); nothing here is secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum IssueFailure {
    #[error("{name} is not a domain name that a certificate can be issued for; correct it")]
    Name { name: String },
    #[error("a certificate is for 1 to {max} names; there are {count}")]
    NameCount { max: usize, count: usize },
    #[error("a wildcard such as {name} can be proven over DNS only; choose DNS-01")]
    WildcardNeedsDns { name: String },
    #[error("{url} is not the address of an ACME directory; it starts with https:// and has a host name")]
    DirectoryUrl { url: String },
    #[error("the root certificate for the ACME server can't be read; give it as PEM")]
    Root,
    #[error("agree to the terms of service first{}", .terms.as_ref().map(|url| format!(": {url}")).unwrap_or_default())]
    TermsNotAgreed { terms: Option<String> },
    #[error("this ACME server wants an external account; enter the key id and the key that its operator gave you")]
    ExternalAccountRequired,
    #[error("the external account's key is not base64url; copy it again from where it was given to you")]
    ExternalAccountKey,
    #[error("the stored ACME account can't be read or is another server's; register a new one")]
    Account,
    #[error("the ACME server {host} {}", .how.advice())]
    Unreachable { host: String, how: Unreachable },
    /// `status` is the HTTP status of the answer.
    #[error(
        "{host} does not answer as an ACME server does (HTTP {status}); check the directory URL, or try again later"
    )]
    NotAcme { host: String, status: u16 },
    /// A problem document (RFC 7807). `kind` is its type without `urn:ietf:params:acme:error:`.
    #[error("the ACME server refused ({kind}): “{detail}”; {}", advice(.kind))]
    Refused {
        kind: String,
        detail: String,
        status: u16,
        #[serde(default)]
        retry_after: Option<u64>,
    },
    #[error(
        "the ACME server limits how often it is asked: “{detail}”; it is tried again{}",
        .retry_after.map(|seconds| format!(" in {seconds} s")).unwrap_or_else(|| " later".into())
    )]
    RateLimited { detail: String, retry_after: Option<u64> },
    #[error("the ACME server does not offer {challenge} for {name}, only {offered}; choose one of these")]
    NotOffered { name: String, challenge: ChallengeKind, offered: String },
    /// The server looked and did not find the answer.
    #[error("{name} could not be proven with {challenge} ({kind}): “{detail}”; {}", proof_advice(*.challenge))]
    Unproven { name: String, challenge: ChallengeKind, kind: String, detail: String },
    #[error(
        "the answer to {challenge} for {name} could not be put in place; see the log of the console, then try again"
    )]
    NotPresented { name: String, challenge: ChallengeKind },
    #[error("the ACME server was not done after {seconds} s; try again later")]
    Deadline { seconds: u64 },
    #[error("the ACME server withdrew the order without a reason; try again later")]
    OrderInvalid,
    #[error("no key or request could be made for these names; check them, then try again")]
    Request,
    #[error("the certificate that was issued can't be used: {defects}; ask the operator of the ACME server")]
    Unusable { defects: CertificateDefects },
}

impl IssueFailure {
    /// The stable name of this failure, for logs and programs.
    pub fn code(&self) -> String {
        serde_json::to_value(self)
            .ok()
            .and_then(|value| value.get("code")?.as_str().map(str::to_owned))
            .unwrap_or_default()
    }

    /// Seconds that the server asked to be left alone.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::RateLimited { retry_after, .. } | Self::Refused { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Another attempt fails the same way until somebody changes a setting.
    pub fn is_lasting(&self) -> bool {
        match self {
            Self::Name { .. }
            | Self::NameCount { .. }
            | Self::WildcardNeedsDns { .. }
            | Self::DirectoryUrl { .. }
            | Self::Root
            | Self::TermsNotAgreed { .. }
            | Self::ExternalAccountRequired
            | Self::ExternalAccountKey
            | Self::Account
            | Self::NotOffered { .. }
            | Self::Request => true,
            Self::Refused { kind, .. } => LASTING.contains(&kind.as_str()),
            _ => false,
        }
    }
}

/// RFC 8555, section 6.7: what does not heal by itself.
const LASTING: &[&str] = &[
    "accountDoesNotExist",
    "externalAccountRequired",
    "invalidContact",
    "malformed",
    "rejectedIdentifier",
    "unauthorized",
    "unsupportedContact",
    "unsupportedIdentifier",
    "userActionRequired",
];

fn advice(kind: &str) -> &'static str {
    match kind {
        "accountDoesNotExist" | "unauthorized" => "register the ACME account again",
        "caa" => "allow this authority in the domain's CAA record",
        "externalAccountRequired" => "enter the external account that its operator gave you",
        "invalidContact" | "unsupportedContact" => "correct the account's e-mail address",
        "rejectedIdentifier" | "unsupportedIdentifier" => "choose names that this authority issues certificates for",
        "userActionRequired" => "do what it asks for, then try again",
        _ => "try again later, and ask its operator if it stays so",
    }
}

fn proof_advice(challenge: ChallengeKind) -> &'static str {
    match challenge {
        ChallengeKind::Http01 => "check that the name leads to this gateway and that port 80 is open to the Internet",
        ChallengeKind::TlsAlpn01 => {
            "check that the name leads to this gateway and that port 443 is open to the Internet"
        }
        ChallengeKind::Dns01 => "check that the domain's _acme-challenge record is answered by this gateway's DNS",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_keeps_the_servers_words_and_travels() {
        let failure = IssueFailure::Refused {
            kind: "caa".into(),
            detail: "CAA forbids".into(),
            status: 403,
            retry_after: Some(7),
        };
        assert_eq!(
            failure.to_string(),
            "the ACME server refused (caa): “CAA forbids”; allow this authority in the domain's CAA record"
        );
        assert_eq!((failure.code().as_str(), failure.retry_after(), failure.is_lasting()), ("refused", Some(7), false));
        let text = serde_json::to_string(&failure).unwrap();
        assert_eq!(serde_json::from_str::<IssueFailure>(&text).unwrap(), failure);
    }

    #[test]
    fn settings_are_told_from_weather() {
        let refused = |kind: &str| IssueFailure::Refused {
            kind: kind.into(),
            detail: String::new(),
            status: 400,
            retry_after: None,
        };
        assert!(refused("rejectedIdentifier").is_lasting() && !refused("serverInternal").is_lasting());
        assert!(IssueFailure::WildcardNeedsDns { name: "*.a.b".into() }.is_lasting());
        assert!(!IssueFailure::Unreachable { host: "a".into(), how: Unreachable::Connect }.is_lasting());
    }
}
