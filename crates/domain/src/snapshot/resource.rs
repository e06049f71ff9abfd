//! What an engine's configuration consists of.

use super::challenge::ChallengeConfig;
use super::dns::{DnsConfig, NameConfig};
use super::group::Membership;
use super::policy::{Policy, is_default};
use crate::cidr::Cidr;
use crate::id::{CertificateId, GatewayId, ServiceId, TokenId, VpcId};
use crate::secret::{Digest256, Secret};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// The hash of a configuration is computed over this text by both sides, and they may be of different versions. So a
/// field that comes later has a default and is left out while it has it: then both agree until it is used, and an
/// engine that does not know it refuses the configuration instead of serving half of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Resource {
    Listener(ListenerConfig),
    Certificate(CertificateConfig),
    Gateway(GatewayConfig),
    Service(ServiceConfig),
    /// At most one. Without it names are known and nobody is answered.
    Dns(DnsConfig),
    Name(NameConfig),
    Challenge(ChallengeConfig),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResourceKey {
    Listener(SocketAddr),
    Certificate(CertificateId),
    Gateway(GatewayId),
    Service(ServiceId),
    Dns,
    /// One side's; what the other sides know under this name is theirs.
    Name {
        #[serde(default, skip_serializing_if = "is_default")]
        vpc: Option<VpcId>,
        name: String,
    },
    Challenge {
        host: String,
        #[serde(default, skip_serializing_if = "is_default")]
        token: Option<String>,
    },
}

impl Resource {
    pub fn key(&self) -> ResourceKey {
        match self {
            Resource::Listener(listener) => ResourceKey::Listener(listener.address),
            Resource::Certificate(certificate) => ResourceKey::Certificate(certificate.id.clone()),
            Resource::Gateway(gateway) => ResourceKey::Gateway(gateway.id.clone()),
            Resource::Service(service) => ResourceKey::Service(service.id.clone()),
            Resource::Dns(_) => ResourceKey::Dns,
            Resource::Name(name) => ResourceKey::Name { vpc: name.vpc.clone(), name: name.name.clone() },
            Resource::Challenge(challenge) => {
                ResourceKey::Challenge { host: challenge.host.clone(), token: challenge.token().map(str::to_owned) }
            }
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
            ResourceKey::Dns => f.write_str("DNS server"),
            ResourceKey::Name { vpc: None, name } => write!(f, "name {name}"),
            ResourceKey::Name { vpc: Some(vpc), name } => write!(f, "name {name} in {vpc}"),
            ResourceKey::Challenge { host, token: Some(token) } => write!(f, "challenge {token} for {host}"),
            ResourceKey::Challenge { host, token: None } => write!(f, "TLS challenge for {host}"),
        }
    }
}

/// A listener of one side: the public one, or a VPC. On a shared one the gateway is chosen by Host, over TLS by SNI,
/// among the names that gateways have on that side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListenerConfig {
    pub address: SocketAddr,
    pub scheme: Scheme,
    /// Proxies in front that say the client's address with the PROXY protocol; who else connects is the client itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trusted_proxies: Vec<Cidr>,
    /// The network that it is a listener of; `None`: the public side.
    #[serde(default, skip_serializing_if = "is_default")]
    pub vpc: Option<VpcId>,
    /// Network interfaces on which it can be reached; none: on any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<String>,
    /// The gateway whose it is alone; every Host is welcome there.
    #[serde(default, skip_serializing_if = "is_default")]
    pub gateway: Option<GatewayId>,
}

impl ListenerConfig {
    /// A shared one of the public side.
    pub fn new(address: SocketAddr, scheme: Scheme) -> Self {
        Self { address, scheme, trusted_proxies: Vec::new(), vpc: None, devices: Vec::new(), gateway: None }
    }
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
    /// At most one for each VPC.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub private: Vec<PrivateDoor>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub capacity: Capacity,
    #[serde(default, skip_serializing_if = "is_default")]
    pub tls: TlsPolicy,
    /// Believed, as [`ListenerConfig::trusted_proxies`], on its own port and on listeners that are its alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trusted_proxies: Vec<Cidr>,
}

/// What this engine's part of a gateway carries; `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Capacity {
    /// Threads of its own; 0: it shares the engine's.
    #[serde(skip_serializing_if = "is_default")]
    pub workers: u16,
    /// There are more of them while the load asks for it, up to so many; `None`: always as many as `workers`.
    #[serde(skip_serializing_if = "is_default")]
    pub most_workers: Option<u16>,
    /// Open connections; more are refused.
    #[serde(skip_serializing_if = "is_default")]
    pub connections: Option<u64>,
    /// New TLS handshakes; more are refused.
    #[serde(skip_serializing_if = "is_default")]
    pub handshakes_per_second: Option<u64>,
    /// Of answers; more is slowed down. Bytes.
    #[serde(skip_serializing_if = "is_default")]
    pub bytes_per_second: Option<u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TlsPolicy {
    /// Clients must show a certificate signed by one of these authorities, PEM.
    #[serde(skip_serializing_if = "is_default")]
    pub client_authorities: Option<String>,
    /// Requests in clear are sent to this HTTPS port.
    #[serde(skip_serializing_if = "is_default")]
    pub redirect_to_port: Option<u16>,
    /// `Strict-Transport-Security` for this long, seconds.
    #[serde(skip_serializing_if = "is_default")]
    pub hsts_seconds: Option<u64>,
}

/// How a gateway is reached from outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicDoor {
    /// Host names, lower case, without port; `*.` in front for any one label. A name of its own goes before.
    pub hosts: Vec<String>,
    /// The gateway's own address and port: there every Host is welcome.
    pub own: Option<SocketAddr>,
    /// Empty means nobody.
    pub whitelist: Vec<Cidr>,
    /// A connection from an address that is not on the list is closed without an answer.
    #[serde(default, skip_serializing_if = "is_default")]
    pub drop_strangers: bool,
}

/// How a gateway is reached from inside a VPC, on the listeners of that VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivateDoor {
    pub vpc_id: VpcId,
    /// As those of the public side; a name is valid on its own side only.
    pub hosts: Vec<String>,
    /// Empty means nobody.
    pub whitelist: Vec<Cidr>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub drop_strangers: bool,
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
    #[serde(default, skip_serializing_if = "is_default")]
    pub policy: Policy,
    #[serde(default, skip_serializing_if = "is_default")]
    pub group: Option<Membership>,
}

/// What a token is recognised by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenConfig {
    pub id: TokenId,
    pub digest: Digest256,
    pub expires_at: Option<DateTime<Utc>>,
    /// The token itself, where requests signed with it are to be recognised.
    #[serde(default, skip_serializing_if = "is_default")]
    pub secret: Option<Secret>,
}

/// Each timer is its own; none of them cuts a stream that moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeouts {
    /// Until the replica accepted the connection.
    pub connect_ms: u64,
    /// From the last byte of the request until the first of its answer; then 504.
    pub first_byte_ms: u64,
    /// Between two pieces of the answer; and of the request's body on its way up, then 408.
    pub idle_ms: u64,
    /// Until the head of the answer; then 408 (`rpc.keepalive`, 10 minutes on a dedicated gateway).
    pub request_ms: u64,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect_ms: 5_000, first_byte_ms: 600_000, idle_ms: 600_000, request_ms: 600_000 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::RANDOM_LEN;
    use crate::snapshot::dns::NameData;

    #[test]
    fn what_is_not_used_is_not_said() {
        let gateway = GatewayConfig {
            id: GatewayId::from_random([1; RANDOM_LEN]),
            name: "g".into(),
            public: Some(PublicDoor { hosts: vec![], own: None, whitelist: vec![], drop_strangers: false }),
            private: vec![],
            capacity: Capacity::default(),
            tls: TlsPolicy::default(),
            trusted_proxies: Vec::new(),
        };
        let service = ServiceConfig {
            id: ServiceId::from_random([2; RANDOM_LEN]),
            gateway_id: gateway.id.clone(),
            name: "s".into(),
            tokens: vec![],
            body_limit: 1,
            timeouts: Timeouts::default(),
            policy: Policy::default(),
            group: None,
        };
        for resource in [Resource::Gateway(gateway), Resource::Service(service)] {
            let text = serde_json::to_string(&resource).expect("serialises");
            for late in ["policy", "capacity", "tls", "drop_strangers", "group", "private", "trusted_proxies"] {
                assert!(!text.contains(late), "{text}");
            }
            assert_eq!(serde_json::from_str::<Resource>(&text).expect("parses"), resource);
        }
    }

    #[test]
    fn a_name_is_another_one_on_each_side() {
        let vpc: VpcId = "vpc-a".parse().expect("id");
        let name = |vpc: Option<&VpcId>| {
            let data = NameData::Alias("b.example".into());
            Resource::Name(NameConfig { name: "a.example".into(), vpc: vpc.cloned(), data })
        };
        let (public, private) = (name(None), name(Some(&vpc)));
        assert_ne!(public.key(), private.key());
        let said = [public.key().to_string(), private.key().to_string(), ResourceKey::Dns.to_string()];
        assert_eq!(said, ["name a.example", "name a.example in vpc-a", "DNS server"]);
        for resource in [public, private] {
            let (key, text) = (resource.key(), serde_json::to_string(&resource.key()).expect("serialises"));
            assert_eq!(serde_json::from_str::<ResourceKey>(&text).expect("parses"), key);
            let text = serde_json::to_string(&resource).expect("serialises");
            assert!(text.starts_with(r#"{"type":"name","name":"a.example","#), "{text}");
            assert_eq!(serde_json::from_str::<Resource>(&text).expect("parses"), resource);
        }
    }
}
