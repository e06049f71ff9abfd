//! Certificates, and the domains that use them.

use crate::certificate::{AcmeOrder, CertificateFacts, IssueFailure};
use crate::custom_domain::{CustomDomain, DomainSide};
use crate::domain_check::DomainCheck;
use crate::id::{AcmeAccountId, CertificateId, GatewayId};
use crate::name::GatewayName;
use crate::view::Unanswered;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateView {
    pub id: CertificateId,
    pub name: String,
    /// `None` while it is ordered for the first time.
    pub facts: Option<CertificateFacts>,
    /// Whole days; 0 on its last one, negative afterwards.
    pub days_left: Option<i64>,
    /// Of one that an ACME server issues.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acme: Option<AcmeView>,
    /// The installation's key does not open its own: it cannot be shown to clients.
    pub is_sealed: bool,
    pub used_by: Vec<UsedBy>,
    pub revision: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// How an order stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcmeView {
    pub directory: String,
    pub order: AcmeOrder,
    /// Some console talks to the server about it now.
    pub under_way: bool,
    /// For DNS-01: records by which a domain's owner lets this installation prove it, where the owner's DNS is another's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Alias>,
}

/// A CNAME record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alias {
    pub name: String,
    pub target: String,
}

/// An account with an ACME server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcmeAccountView {
    pub id: AcmeAccountId,
    pub directory: String,
    /// What people call it; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    pub contact: Vec<String>,
    /// Names of the certificates that are ordered with it; told where one account is asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub used_by: Vec<String>,
    pub revision: i64,
    pub created_at: DateTime<Utc>,
}

/// What an order begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcmeStart {
    pub accounts: Vec<AcmeAccountView>,
    /// Public names of gateways that have no certificate.
    pub domains: Vec<String>,
    /// Of the directory that was asked about, where there is no account with it yet.
    pub server: Option<AcmeServerView>,
    /// Why it said nothing.
    pub failure: Option<IssueFailure>,
}

/// What a directory says about its server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcmeServerView {
    pub has_terms: bool,
    /// Where to read them, if that is a link.
    pub terms: Option<String>,
    pub external_account_required: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedBy {
    pub host: String,
    pub side: DomainSide,
    pub gateway_id: GatewayId,
    pub gateway_name: GatewayName,
    /// The gateway's own name, not a domain that it was given.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_own: bool,
}

/// A domain of a gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainView {
    pub domain: CustomDomain,
    pub certificate_name: Option<String>,
    pub days_left: Option<i64>,
    /// The gateway's own name on that side: what a CNAME record has to say.
    pub points_to: String,
    /// What DNS was seen to say last; `None` before it was asked, and for private names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<DomainCheck>,
    /// Of a private one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unanswered: Option<Unanswered>,
}
