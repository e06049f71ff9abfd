//! What the console shows: answers of the use cases, as the browser gets them.

mod account;
mod alb;
mod billing;
mod certificate;
mod deploy;
mod host;
mod life;
mod monitoring;
mod names;
mod network;
mod node;
mod service_list;
mod structure;

pub use account::AccountView;
pub use alb::{AlbChoice, AlbListener, AlbLoad, AlbScaling, AlbView, AlbZone};
pub use billing::{CostLine, CostView, OrderView, PriceHistory, PricesView, SubscriptionView};
pub use certificate::{
    AcmeAccountView, AcmeServerView, AcmeStart, AcmeView, Alias, CertificateView, DomainView, UsedBy,
};
pub use deploy::{
    DeployChoices, DeployQuery, DeployStart, GatewayChoice, ParameterView, Preview, ServiceDocument, ServiceVpc,
    TemplateView, VSwitchChoice, VpcChoice,
};
pub use host::{HostStatus, HostView, HostsView, JoinTokenView, Loaded};
pub use life::{OutputView, ReplicaView, RolloutView, VersionChange, VersionView};
pub use monitoring::{MonitoringRange, Percentiles, ReplicaPoint, ReplicaSeries, ServiceMonitoring, TrafficPoint};
pub use names::Unanswered;
pub use network::{LinkAddress, LinkView, NetworksView, VSwitchView, VpcView};
pub use node::{Effect, NodeUsage, NodeView};
pub use service_list::{ServiceQuery, ServiceRow, ServiceSort};
pub use structure::{COLUMNS, Node, Part, Seen, Structure};

use crate::arrival::ArrivalSettings;
use crate::gateway::{GatewayKind, TlsSettings};
use crate::id::{CertificateId, EngineId, GatewayId, GroupId, ServiceId, TokenId};
use crate::label::Labels;
use crate::name::{GatewayName, ServiceName};
use crate::service::{Autoscaler, Place, Weights, Workload};
use crate::status::{Condition, GatewayStatus, PortalStatus, ServiceStatus};
use crate::traffic::TrafficSettings;
use crate::whitelist::Whitelist;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// How many there are that match.
    pub total: u64,
    /// How many there are at all: an empty list and a filter that finds nothing are not the same.
    pub unfiltered: u64,
    /// From 1.
    pub number: u32,
    pub size: u32,
}

impl<T> Page<T> {
    pub fn last(&self) -> u32 {
        u32::try_from(self.total.div_ceil(u64::from(self.size.max(1)))).unwrap_or(u32::MAX).max(1)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GatewaySort {
    #[default]
    Created,
    Name,
    Status,
    Services,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayQuery {
    /// Part of the name or the id.
    pub search: String,
    /// `alb` or `fully_managed`.
    pub kind: Option<String>,
    /// `key` or `key=value` of a label; empty for any.
    #[serde(default)]
    pub label: String,
    pub status: Option<GatewayStatus>,
    pub sort: GatewaySort,
    pub descending: bool,
    /// From 1; 0 counts as 1.
    pub page: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewaySummary {
    pub id: GatewayId,
    pub name: GatewayName,
    pub kind: GatewayKind,
    pub status: GatewayStatus,
    pub portal: PortalStatus,
    pub is_default: bool,
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
    pub services: u32,
    pub created_at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayDetail {
    pub summary: GatewaySummary,
    pub revision: i64,
    pub updated_at: DateTime<Utc>,
    pub conditions: Vec<Condition>,
    pub internet: InternetView,
    pub vpcs: Vec<LinkView>,
    pub domains: Vec<DomainView>,
    pub tls: TlsSettings,
    /// Deleting it is refused.
    pub protected: bool,
    /// What it says for its services.
    pub settings: TrafficSettings,
    #[serde(default)]
    pub arrival: ArrivalSettings,
    pub engines: Vec<EngineView>,
    /// Of a fully managed one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<NodeView>,
    #[serde(default)]
    pub resized: Effect,
    /// Of an ALB gateway that has an access.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alb: Option<AlbView>,
    /// The installation has no DNS server, so that nobody but other servers answers for names inside VPCs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dns_off: bool,
    pub bound: Vec<BoundService>,
    pub traffic: Traffic,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoundService {
    pub id: ServiceId,
    pub name: ServiceName,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InternetView {
    pub enabled: bool,
    pub status: PortalStatus,
    pub conditions: Vec<Condition>,
    /// By port first: that door needs no DNS.
    pub endpoints: Vec<EndpointView>,
    pub whitelist: Whitelist,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointView {
    pub url: String,
    pub door: Door,
    /// Of a name inside VPCs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unanswered: Option<Unanswered>,
    /// Shown there instead of the local authority's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<ShownCertificate>,
}

/// One of the workspace's certificates, where it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownCertificate {
    pub id: CertificateId,
    pub name: String,
}

impl EndpointView {
    pub fn new(url: String, door: Door) -> Self {
        Self { url, door, unanswered: None, certificate: None }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// The gateway's own port.
    Port,
    /// The shared port; the gateway is told from the host name.
    Name,
    /// The same over TLS.
    NameTls,
    /// A domain that the gateway was given.
    Custom,
}

/// An engine as a gateway sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineView {
    pub id: EngineId,
    /// Name of its host.
    #[serde(default)]
    pub host: String,
    pub connected: bool,
    pub since: DateTime<Utc>,
    pub software: String,
    /// The version of the configuration that every worker of it has loaded.
    pub loaded: Option<u64>,
    pub newest: u64,
}

/// Totals since the engine was started; not stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    pub requests: u64,
    pub status_2xx: u64,
    pub status_4xx: u64,
    pub status_5xx: u64,
    pub in_flight: u64,
}

/// The answer of "would this address pass?".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressVerdict {
    pub address: String,
    /// The first entry that lets it in.
    pub entry: Option<String>,
}

/// What became of a request to a gateway's root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connectivity {
    pub outcome: ConnectivityOutcome,
    pub url: String,
    /// The address the request came from.
    pub from: String,
    /// Whether that is the network in question; elsewhere an answer proves little.
    pub from_there: bool,
    pub micros: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum ConnectivityOutcome {
    /// The gateway answered and named itself.
    Reached,
    /// It answered that the source is not on its list.
    SourceNotAllowed,
    /// Something else answered, or the gateway said something else.
    Unexpected {
        status: u16,
    },
    /// No connection.
    Refused {
        detail: String,
    },
    TimedOut,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceSummary {
    pub id: ServiceId,
    pub name: ServiceName,
    pub gateway_id: GatewayId,
    pub gateway_name: GatewayName,
    pub status: ServiceStatus,
    pub ready: u32,
    pub wanted: u32,
    pub created_at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceDetail {
    pub summary: ServiceSummary,
    pub revision: i64,
    pub running: bool,
    pub replicas_wanted: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scaling: Option<Autoscaler>,
    /// The group that it is in, and its place there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<(GroupName, Place)>,
    pub workload: Workload,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc: Option<ServiceVpc>,
    pub replicas: Vec<ReplicaView>,
    /// The number of the version that is wanted.
    #[serde(default)]
    pub version: u32,
    /// The version that its replicas shall be of.
    #[serde(default)]
    pub replica_version: u32,
    /// The newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollout: Option<RolloutView>,
    pub conditions: Vec<Condition>,
    pub traffic: Traffic,
    pub invocation: Invocation,
}

impl ServiceDetail {
    /// Nothing is started here: there are as many replicas as addresses.
    pub fn is_elsewhere(&self) -> bool {
        matches!(self.workload.runtime, crate::service::Runtime::External { .. })
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupName {
    pub id: GroupId,
    pub name: ServiceName,
}

/// A group of services in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupSummary {
    pub id: GroupId,
    pub name: ServiceName,
    pub gateway_id: GatewayId,
    pub gateway_name: String,
    pub weights: Weights,
    pub services: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupDetail {
    pub summary: GroupSummary,
    pub revision: i64,
    /// By name.
    pub members: Vec<GroupMember>,
    pub internet: Vec<EndpointView>,
    pub vpc: Vec<EndpointView>,
    /// Newest first.
    pub tokens: Vec<TokenView>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupMember {
    pub service: ServiceSummary,
    pub revision: i64,
    pub place: Place,
    /// Of the group's requests, those without a canary header; `None` while nobody can take any.
    pub share_percent: Option<f64>,
}

/// How a service is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invocation {
    /// Empty while the gateway's Access Portal is off.
    pub internet: Vec<EndpointView>,
    /// Empty while no VPC is linked.
    pub vpc: Vec<EndpointView>,
    pub tokens: Vec<TokenView>,
    /// Who is let in from the Internet.
    #[serde(default)]
    pub whitelist: Whitelist,
    /// The gateway that new services are bound to where nobody chooses another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_gateway: Option<BoundGateway>,
    /// It says that its answers have the shape of OpenAI's API.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub openai: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub grpc: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoundGateway {
    pub id: GatewayId,
    pub name: GatewayName,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenView {
    pub id: TokenId,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    #[serde(default)]
    pub revision: i64,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub expired: bool,
    /// As engines recorded it; up to some minutes are forgotten when the console ends without warning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used: Option<DateTime<Utc>>,
}
