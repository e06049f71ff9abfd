//! Certificates, and the domains that use them.

use crate::certificate::CertificateFacts;
use crate::custom_domain::{CustomDomain, DomainSide};
use crate::domain_check::DomainCheck;
use crate::id::{CertificateId, GatewayId};
use crate::name::GatewayName;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateView {
    pub id: CertificateId,
    pub name: String,
    pub facts: CertificateFacts,
    /// Whole days; 0 on its last one, negative afterwards.
    pub days_left: i64,
    /// The installation's key does not open its own: it cannot be shown to clients.
    pub is_sealed: bool,
    pub used_by: Vec<UsedBy>,
    pub revision: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedBy {
    pub host: String,
    pub side: DomainSide,
    pub gateway_id: GatewayId,
    pub gateway_name: GatewayName,
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
}
