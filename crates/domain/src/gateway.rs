//! Dedicated gateways.

use crate::alb::AlbInstance;
use crate::arrival::ArrivalSettings;
use crate::error::{FieldErrors, Invalid};
use crate::id::{AccountId, GatewayId, WorkspaceId};
use crate::label::Labels;
use crate::name::GatewayName;
use crate::network::VpcLink;
use crate::spec::{Spec, parse_nodes};
use crate::traffic::TrafficSettings;
use crate::whitelist::Whitelist;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// How a fully managed gateway is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChargeType {
    /// Pay-as-you-go.
    PostPaid,
    /// Subscription.
    PrePaid,
}

impl ChargeType {
    pub fn as_str(self) -> &'static str {
        match self {
            ChargeType::PostPaid => "PostPaid",
            ChargeType::PrePaid => "PrePaid",
        }
    }

    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match text {
            "PostPaid" => Ok(ChargeType::PostPaid),
            "PrePaid" => Ok(ChargeType::PrePaid),
            _ => Err(Invalid::Choice),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum GatewayKind {
    /// A logical object until network access is enabled; scales by itself.
    Alb,
    FullyManaged {
        spec: Spec,
        nodes: u32,
        charge: ChargeType,
    },
}

impl GatewayKind {
    /// The word in URLs, filters and the store.
    pub fn tag(&self) -> &'static str {
        match self {
            GatewayKind::Alb => "alb",
            GatewayKind::FullyManaged { .. } => "fully_managed",
        }
    }
}

/// The public side. Turning the portal off keeps the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InternetAccess {
    pub enabled: bool,
    pub whitelist: Whitelist,
    /// The gateway's own public port, assigned when the portal is first turned on and kept.
    pub port: Option<u16>,
}

/// What a gateway asks of clients' TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TlsSettings {
    /// Requests in clear are sent to HTTPS.
    pub redirect: bool,
    /// Browsers are told to use nothing but HTTPS, for this many seconds.
    pub hsts_seconds: Option<u64>,
    /// Clients must show a certificate signed by one of these authorities. PEM.
    pub client_authorities: Option<String>,
}

fn is_default<T: Default + PartialEq>(settings: &T) -> bool {
    *settings == T::default()
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gateway {
    pub id: GatewayId,
    pub account_id: AccountId,
    pub workspace_id: WorkspaceId,
    pub name: GatewayName,
    pub kind: GatewayKind,
    pub internet: InternetAccess,
    /// VPCs that reach it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vpcs: Vec<VpcLink>,
    /// Of an ALB gateway that has an access.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alb: Option<AlbInstance>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub tls: TlsSettings,
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
    /// Deleting it is refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub protected: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub traffic: TrafficSettings,
    #[serde(default, skip_serializing_if = "is_default")]
    pub arrival: ArrivalSettings,
    pub is_default: bool,
    /// Counts the writes to this gateway; an edit names the one it saw.
    pub revision: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What somebody typed to create an ALB gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlbDraft {
    pub name: String,
}

impl AlbDraft {
    pub fn validate(&self) -> Result<GatewayName, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.take("name", GatewayName::parse(&self.name));
        errors.finish(name)
    }
}

/// What somebody typed on the purchase page of a fully managed gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedDraft {
    pub name: String,
    pub spec: String,
    pub nodes: String,
    pub charge: String,
}

impl ManagedDraft {
    pub fn validate(&self) -> Result<(GatewayName, GatewayKind), FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.take("name", GatewayName::parse(&self.name));
        let spec = errors.take("spec", Spec::parse(&self.spec));
        let nodes = errors.take("nodes", parse_nodes(&self.nodes));
        let charge = errors.take("charge", ChargeType::parse(&self.charge));
        let value = (|| Some((name?, GatewayKind::FullyManaged { spec: spec?, nodes: nodes?, charge: charge? })))();
        errors.finish(value)
    }
}

/// What somebody typed to give a fully managed gateway another size.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SizeDraft {
    pub spec: String,
    pub nodes: String,
}

impl SizeDraft {
    pub fn validate(&self) -> Result<(Spec, u32), FieldErrors> {
        let mut errors = FieldErrors::default();
        let spec = errors.take("spec", Spec::parse(&self.spec));
        let nodes = errors.take("nodes", parse_nodes(&self.nodes));
        errors.finish(spec.zip(nodes))
    }
}

/// What somebody typed on a gateway's settings page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsDraft {
    pub name: String,
    /// One in a line.
    pub labels: String,
    pub protected: bool,
}

impl SettingsDraft {
    pub fn validate(&self) -> Result<(GatewayName, Labels), FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.take("name", GatewayName::parse(&self.name));
        let labels = errors.take("labels", Labels::parse(&self.labels));
        errors.finish(name.zip(labels))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_errors_of_a_purchase_at_once() {
        let draft = ManagedDraft { name: "a b".into(), spec: "x".into(), nodes: "0".into(), charge: "PostPaid".into() };
        let errors = draft.validate().expect_err("three fields are wrong");
        assert!(errors.get("name").is_some() && errors.get("spec").is_some() && errors.get("nodes").is_some());
        assert!(errors.get("charge").is_none());
    }
}
