//! What the engine's own DNS server answers, and where it listens.

use super::policy::is_default;
use crate::cidr::Cidr;
use crate::id::VpcId;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};

/// The server as such. Names are without the dot at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsConfig {
    /// The base domain, as `gw.localhost` or `gw.example.org`; names below it belong to one DNS zone.
    pub zone: String,
    /// What the server is called in NS records. If it lies in the base domain and nothing else is said about it, each
    /// side is told the addresses of that side's listeners.
    pub name_server: String,
    /// Whom to write to: a mail address, or the same with a dot for the `@`.
    pub contact: String,
    /// For how long an answer may be kept, seconds.
    pub ttl: u32,
    /// For how long it may be kept that there is no answer, seconds.
    pub negative_ttl: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub listeners: Vec<DnsListener>,
    /// Which clients are near which addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<ZoneBlock>,
}

/// One address, UDP and TCP. Who asks there sees the names of its side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsListener {
    /// An address of the host's own, never a wildcard: answers over UDP must leave by the address that was asked.
    pub address: SocketAddr,
    /// Network interfaces on which it can be reached; none: on any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<String>,
    /// The network whose names are seen before the public ones; `None`: public ones only.
    #[serde(default, skip_serializing_if = "is_default")]
    pub vpc: Option<VpcId>,
}

impl DnsListener {
    /// Of the public side, on any interface.
    pub fn new(address: SocketAddr) -> Self {
        Self { address, devices: Vec::new(), vpc: None }
    }
}

/// Clients of one side with these addresses are in this zone (of the region, not of the DNS). The narrowest block that
/// has an address decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneBlock {
    pub zone: String,
    pub block: Cidr,
    #[serde(default, skip_serializing_if = "is_default")]
    pub vpc: Option<VpcId>,
}

/// What is known about one name on one side; the two together are its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameConfig {
    /// Lower case, without the dot at the end; `*.` in front for all names below that have nothing of their own.
    pub name: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub vpc: Option<VpcId>,
    pub data: NameData,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameData {
    /// A and AAAA.
    Addresses(Vec<NameAddress>),
    /// CNAME: the other name, without the dot at the end.
    Alias(String),
    /// TXT, a record each.
    Text(Vec<String>),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameAddress {
    pub address: IpAddr,
    /// Where it is: clients of the same zone are told it first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub zone: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_used_is_not_said() {
        let config = DnsConfig {
            zone: "gw.example.org".into(),
            name_server: "ns.gw.example.org".into(),
            contact: "hostmaster@example.org".into(),
            ttl: 30,
            negative_ttl: 5,
            listeners: vec![DnsListener::new(([127, 0, 0, 1], 53).into())],
            blocks: vec![],
        };
        let text = serde_json::to_string(&config).expect("serialises");
        for late in ["devices", "vpc", "blocks"] {
            assert!(!text.contains(late), "{text}");
        }
        assert_eq!(serde_json::from_str::<DnsConfig>(&text).expect("parses"), config);

        let address = NameAddress { address: [10, 0, 0, 1].into(), zone: None };
        let name = NameConfig { name: "a.b".into(), vpc: None, data: NameData::Addresses(vec![address]) };
        let text = serde_json::to_string(&name).expect("serialises");
        assert_eq!(text, r#"{"name":"a.b","data":{"addresses":[{"address":"10.0.0.1"}]}}"#);
        assert_eq!(serde_json::from_str::<NameConfig>(&text).expect("parses"), name);
    }
}
