//! What the operator decided for this installation.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    pub region: String,
    /// Gateways are named `<gateway>.<region>.<base domain>`.
    pub base_domain: String,
    /// Shared public listeners, explicit addresses.
    pub http: Vec<SocketAddr>,
    /// The same over TLS; may be none.
    pub https: Vec<SocketAddr>,
    /// Gateways' own public ports, on the address of the first shared listener.
    pub own_ports: RangeInclusive<u16>,
}

impl Installation {
    pub fn own_address(&self) -> IpAddr {
        self.http.first().map_or(IpAddr::from([127, 0, 0, 1]), SocketAddr::ip)
    }

    /// What the names of all gateways match.
    pub fn any_public_host(&self) -> String {
        format!("*.{}.{}", self.region, self.base_domain)
    }

    pub fn public_host(&self, gateway: &domain::id::GatewayId) -> String {
        format!("{gateway}.{}.{}", self.region, self.base_domain)
    }
}

impl Default for Installation {
    fn default() -> Self {
        Self {
            region: "local".into(),
            base_domain: "gw.localhost".into(),
            http: vec![SocketAddr::from(([127, 0, 0, 1], 8080))],
            https: vec![SocketAddr::from(([127, 0, 0, 1], 8443))],
            own_ports: 18_100..=18_999,
        }
    }
}
