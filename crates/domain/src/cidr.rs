//! CIDR blocks, IPv4 and IPv6.

use crate::error::Invalid;
use crate::name::is_unseen;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv6Addr};

/// A block of addresses with its host bits zero. A single address is a block of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cidr(IpNet);

/// An IPv4 address that arrived in IPv6 clothes (`::ffff:192.0.2.1`) is that IPv4 address.
pub fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// What a refused entry shows of itself: enough to find it, never a megabyte.
pub(crate) fn excerpt(text: &str) -> String {
    let mut shown: String = text.chars().filter(|c| !is_unseen(*c)).take(48).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

impl Cidr {
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let wrong = || Invalid::Cidr { entry: excerpt(text) };
        let trimmed = text.trim();
        if trimmed.len() > 64 {
            return Err(wrong());
        }
        let net = match trimmed.parse::<IpNet>() {
            Ok(net) => net,
            Err(_) => IpNet::from(trimmed.parse::<IpAddr>().map_err(|_| wrong())?),
        };
        Ok(Self(unmapped(net).trunc()))
    }

    pub fn everyone_v4() -> Self {
        Self(IpNet::V4(Default::default()))
    }

    pub fn everyone_v6() -> Self {
        Self(IpNet::V6(Default::default()))
    }

    pub fn is_ipv6(&self) -> bool {
        matches!(self.0, IpNet::V6(_))
    }

    /// All addresses of its family.
    pub fn is_everyone(&self) -> bool {
        self.0.prefix_len() == 0
    }

    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&canonical(address))
    }

    pub fn contains_block(&self, other: &Cidr) -> bool {
        self.0.contains(&other.0)
    }

    pub fn overlaps(&self, other: &Cidr) -> bool {
        self.contains_block(other) || other.contains_block(self)
    }

    pub fn network(&self) -> IpNet {
        self.0
    }
}

/// `::ffff:192.0.2.0/120` means `192.0.2.0/24`; clients are compared in canonical form, so blocks must be too.
fn unmapped(net: IpNet) -> IpNet {
    if let IpNet::V6(v6) = net {
        let mapped: Ipv6Addr = v6.addr();
        let v4 = mapped.to_ipv4_mapped().zip(v6.prefix_len().checked_sub(96));
        if let Some(Ok(v4)) = v4.map(|(address, len)| ipnet::Ipv4Net::new(address, len)) {
            return IpNet::V4(v4);
        }
    }
    net
}

impl std::fmt::Display for Cidr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<String> for Cidr {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<Cidr> for String {
    fn from(cidr: Cidr) -> String {
        cidr.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn host_bits_are_normalised() {
        assert_eq!(Cidr::parse("192.0.2.77/24").map(|c| c.to_string()), Ok("192.0.2.0/24".into()));
        assert_eq!(Cidr::parse("2001:db8::1/32").map(|c| c.to_string()), Ok("2001:db8::/32".into()));
        assert_eq!(Cidr::parse("203.0.113.9").map(|c| c.to_string()), Ok("203.0.113.9/32".into()));
        assert_eq!(Cidr::parse("::ffff:192.0.2.1/120").map(|c| c.to_string()), Ok("192.0.2.0/24".into()));
    }

    #[test]
    fn what_is_no_block_is_refused() {
        for text in ["", "192.0.2.0/33", "300.1.1.1", "example.com", "1.2.3", "1.2.3.4/", "1.2.3.4/24/8", "٣.2.3.4"] {
            assert!(Cidr::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_mapped_client_is_the_ipv4_client() {
        let block = Cidr::parse("192.0.2.0/24").expect("valid");
        assert!(block.contains("::ffff:192.0.2.5".parse().expect("address")));
        assert!(!block.contains("::ffff:192.0.3.5".parse().expect("address")));
        assert!(!block.contains("2001:db8::1".parse().expect("address")));
    }

    proptest! {
        #[test]
        fn a_block_contains_itself_and_round_trips(a: [u8; 4], len in 0u8..=32) {
            let text = format!("{}/{len}", IpAddr::from(a));
            let block = Cidr::parse(&text).expect("valid");
            prop_assert!(block.contains(IpAddr::from(a)));
            prop_assert_eq!(Cidr::parse(&block.to_string()), Ok(block));
        }
    }
}
