//! Domain names that a gateway's owner gives it.

use crate::certificate::is_dns_name;
use crate::cidr::excerpt;
use crate::error::Invalid;
use crate::id::{AccountId, CertificateId, DomainId, GatewayId, WorkspaceId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// On which side a name is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DomainSide {
    /// Resolved by the owner's public DNS, by a CNAME record.
    Public,
    /// In linked VPCs, by the built-in DNS server.
    Private,
}

impl DomainSide {
    pub fn as_str(self) -> &'static str {
        match self {
            DomainSide::Public => "public",
            DomainSide::Private => "private",
        }
    }

    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match text {
            "public" => Ok(DomainSide::Public),
            "private" => Ok(DomainSide::Private),
            _ => Err(Invalid::Choice),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomDomain {
    pub id: DomainId,
    pub account_id: AccountId,
    pub workspace_id: WorkspaceId,
    pub gateway_id: GatewayId,
    /// As [`parse_host`] gives it.
    pub host: String,
    pub side: DomainSide,
    /// HTTPS only with one.
    pub certificate_id: Option<CertificateId>,
    pub revision: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl CustomDomain {
    /// The name as people write it, where it is international.
    pub fn is_wildcard(&self) -> bool {
        self.host.starts_with("*.")
    }

    /// A name of two labels is mostly its owner's whole domain, which cannot carry a CNAME record.
    pub fn may_be_apex(&self) -> bool {
        !self.is_wildcard() && self.host.split('.').count() == 2
    }
}

/// What somebody typed to give a gateway a domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainDraft {
    pub host: String,
    pub side: String,
    /// Empty for none.
    pub certificate: String,
}

/// Lower case, without a final dot, ASCII. `to_ascii` turns an international name into that (`idna` on the server; the
/// browser leaves it to the server).
pub fn parse_host(typed: &str, to_ascii: impl Fn(&str) -> Option<String>) -> Result<String, Invalid> {
    let wrong = || Invalid::DomainName { entry: excerpt(typed) };
    let trimmed = typed.trim();
    if trimmed.is_empty() {
        return Err(Invalid::Required);
    }
    if trimmed.len() > 1024 {
        return Err(wrong());
    }
    let plain = trimmed.strip_suffix('.').unwrap_or(trimmed);
    let (star, rest) = plain.strip_prefix("*.").map_or(("", plain), |rest| ("*.", rest));
    let ascii = if rest.is_ascii() { Some(rest.to_ascii_lowercase()) } else { to_ascii(rest) };
    let host = format!("{star}{}", ascii.ok_or_else(wrong)?);
    let is_address = host.parse::<std::net::IpAddr>().is_ok();
    let has_dot = host.trim_start_matches("*.").contains('.');
    if is_dns_name(&host) && has_dot && !is_address && !host.contains('_') { Ok(host) } else { Err(wrong()) }
}

/// Whether a name is the product's own: it would shadow gateways' names.
pub fn is_own(host: &str, base: &str) -> bool {
    let host = host.strip_prefix("*.").unwrap_or(host);
    host == base || host.strip_suffix(base).is_some_and(|front| front.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let parse =
            |typed| parse_host(typed, |name| (name == "bücher.example").then(|| "xn--bcher-kva.example".into()));
        for (typed, host) in [
            ("Models.Example.COM", "models.example.com"),
            (" *.example.com. ", "*.example.com"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("*.bücher.example", "*.xn--bcher-kva.example"),
        ] {
            assert_eq!(parse(typed).as_deref(), Ok(host));
        }
        for typed in [
            "",
            "localhost",
            "127.0.0.1",
            "::1",
            "a_b.example.com",
            "-a.example.com",
            "a..b",
            "http://a.b",
            "a.b:80",
            "*.*.example.com",
            "*.com",
            "*",
            "a.b/c",
            "bücher..example",
            "a b.c",
            "<script>.example",
            "a.example.com\0",
        ] {
            assert!(parse(typed).is_err(), "{typed}");
        }
        assert!(parse(&"a.".repeat(10_000)).is_err());
    }

    #[test]
    fn own_names() {
        assert!(is_own("gw-x.local.gw.localhost", "gw.localhost") && is_own("*.gw.localhost", "gw.localhost"));
        assert!(is_own("gw.localhost", "gw.localhost"));
        assert!(!is_own("agw.localhost", "gw.localhost") && !is_own("gw.localhost.example.com", "gw.localhost"));
    }
}
