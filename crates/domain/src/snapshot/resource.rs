//! What an engine's configuration consists of.

use crate::cidr::Cidr;
use crate::id::{CertificateId, GatewayId, ServiceId, TokenId};
use crate::secret::{Digest256, Secret};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Resource {
    Listener(ListenerConfig),
    Certificate(CertificateConfig),
    Gateway(GatewayConfig),
    Service(ServiceConfig),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResourceKey {
    Listener(SocketAddr),
    Certificate(CertificateId),
    Gateway(GatewayId),
    Service(ServiceId),
}

impl Resource {
    pub fn key(&self) -> ResourceKey {
        match self {
            Resource::Listener(listener) => ResourceKey::Listener(listener.address),
            Resource::Certificate(certificate) => ResourceKey::Certificate(certificate.id.clone()),
            Resource::Gateway(gateway) => ResourceKey::Gateway(gateway.id.clone()),
            Resource::Service(service) => ResourceKey::Service(service.id.clone()),
        }
    }
}

impl std::fmt::Display for ResourceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ResourceKey::Listener(address) => write!(f, "listener {address}"),
            ResourceKey::Certificate(id) => write!(f, "certificate {id}"),
            ResourceKey::Gateway(id) => write!(f, "gateway {id}"),
            ResourceKey::Service(id) => write!(f, "service {id}"),
        }
    }
}

/// A public listener that several gateways share; the gateway is chosen by Host, over TLS by SNI.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListenerConfig {
    pub address: SocketAddr,
    pub scheme: Scheme,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    Http,
    Https,
}

impl Scheme {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// What the engine shows on its TLS listeners.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateConfig {
    pub id: CertificateId,
    /// Server names that it is shown for: lower case, `*.` in front for any one label.
    pub names: Vec<String>,
    /// Shown where no other fits, and to clients that name no server. At most one certificate is.
    pub fallback: bool,
    /// PEM, the server's own certificate first.
    pub chain: String,
    /// PEM.
    pub key: Secret,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayConfig {
    pub id: GatewayId,
    pub name: String,
    /// `None` while the Access Portal is off: unknown by name, its own port closed.
    pub public: Option<PublicDoor>,
}

/// How a gateway is reached from outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicDoor {
    /// Host names, lower case, without port.
    pub hosts: Vec<String>,
    /// The gateway's own address and port: there every Host is welcome.
    pub own: Option<SocketAddr>,
    /// Empty means nobody.
    pub whitelist: Vec<Cidr>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceConfig {
    pub id: ServiceId,
    pub gateway_id: GatewayId,
    pub name: String,
    pub tokens: Vec<TokenConfig>,
    /// Largest request body, bytes.
    pub body_limit: u64,
    pub timeouts: Timeouts,
}

/// What a token is recognised by; the engine never holds the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenConfig {
    pub id: TokenId,
    pub digest: Digest256,
    pub expires_at: Option<DateTime<Utc>>,
}

/// Each timer is its own; none of them cuts a stream that moves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeouts {
    /// Until the replica accepted the connection.
    pub connect_ms: u64,
    /// Until the first byte of its answer; then 504.
    pub first_byte_ms: u64,
    /// Between two pieces of the answer.
    pub idle_ms: u64,
    /// Until the head of the answer; then 408 (`rpc.keepalive`, 10 minutes on a dedicated gateway).
    pub request_ms: u64,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect_ms: 5_000, first_byte_ms: 600_000, idle_ms: 600_000, request_ms: 600_000 }
    }
}
