//! What the operator decided for this installation.

use crate::Resolver;
use domain::cidr::Cidr;
use domain::money::Currency;
use domain::snapshot::Scheme;
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
    /// In front of the shared public listeners: they say with the PROXY protocol whose connection they bring.
    pub trusted_proxies: Vec<Cidr>,
    /// Where the DNS server is asked on the public side, explicit addresses; none: it is off. Inside VPCs it has the
    /// first one's port.
    pub dns: Vec<SocketAddr>,
    /// Gateways' own public ports, on the address of the first shared listener.
    pub own_ports: RangeInclusive<u16>,
    /// How much of the capacity table is enforced.
    pub capacity_scale: Scale,
    /// Threads that an ALB gateway may have on all engines together. It is the installation's and not a gateway's: a
    /// number to choose for each would be the specification that ALB gateways do not have.
    pub alb_max_workers: u16,
    /// Who is asked where public domains lead.
    pub resolver: Resolver,
    /// Of all prices and amounts.
    pub currency: Currency,
    /// PEM: what ACME servers' own certificates are checked against, besides the public roots; empty for none.
    pub acme_roots: String,
}

/// A factor, exact to a millionth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale(u64);

impl Scale {
    pub const ONE: Self = Self(1_000_000);

    /// A positive decimal number such as `0.01`.
    pub fn parse(text: &str) -> Option<Self> {
        let factor: f64 = text.trim().parse().ok()?;
        let millionths = (factor * 1_000_000.0).round();
        (1.0..=1e12).contains(&millionths).then_some(Self(millionths as u64))
    }

    /// At least 1: a limit of nothing would be no small gateway but a closed one.
    pub fn of(self, number: u64) -> u64 {
        let scaled = u128::from(number) * u128::from(self.0) / u128::from(Self::ONE.0);
        u64::try_from(scaled).unwrap_or(u64::MAX).max(1)
    }
}

impl Installation {
    pub fn own_address(&self) -> IpAddr {
        self.http.first().map_or(IpAddr::from([127, 0, 0, 1]), SocketAddr::ip)
    }

    /// What the names of all gateways match.
    pub fn any_public_host(&self) -> String {
        format!("*.{}.{}", self.region, self.base_domain)
    }

    /// A gateway's name inside VPCs.
    pub fn private_host(&self, gateway: &domain::id::GatewayId) -> String {
        format!("{gateway}-vpc.{}.{}", self.region, self.base_domain)
    }

    /// Ports of listeners inside VPCs: those of the public side.
    pub fn private_ports(&self) -> impl Iterator<Item = (Scheme, u16)> {
        let of = |scheme, addresses: &[SocketAddr]| addresses.first().map(|address| (scheme, address.port()));
        of(Scheme::Https, &self.https).into_iter().chain(of(Scheme::Http, &self.http))
    }

    /// Port of the DNS server inside VPCs; `None` while it is off.
    pub fn dns_port(&self) -> Option<u16> {
        self.dns.first().map(SocketAddr::port)
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
            trusted_proxies: Vec::new(),
            dns: vec![SocketAddr::from(([127, 0, 0, 1], 8053))],
            own_ports: 18_100..=18_999,
            capacity_scale: Scale::ONE,
            alb_max_workers: 16,
            resolver: Resolver::System,
            currency: Currency::USD,
            acme_roots: String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales() {
        let of = |text: &str, number| Scale::parse(text).map(|scale| scale.of(number));
        assert_eq!(of("1", 40_000), Some(40_000));
        assert_eq!((of("0.01", 40_000), of("2.5", 400), of("0.000001", 400)), (Some(400), Some(1000), Some(1)));
        for text in ["", "0", "-1", "x", "NaN", "inf", "0.0000001", "1e30"] {
            assert_eq!(Scale::parse(text), None, "{text}");
        }
    }
}
