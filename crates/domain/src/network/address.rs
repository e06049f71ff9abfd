//! Addresses on which engines can listen.

use crate::cidr::Cidr;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// An address of a host on which an engine runs, as that engine sees it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct HostAddress {
    /// The network interface that has it.
    pub interface: String,
    pub address: IpAddr,
    /// Bits of its network.
    pub prefix: u8,
}

impl HostAddress {
    /// An address that means nothing without naming the link: no client can be given it.
    pub fn is_link_local(&self) -> bool {
        match self.address {
            IpAddr::V4(address) => address.is_link_local(),
            IpAddr::V6(address) => address.is_unicast_link_local(),
        }
    }

    /// Whether its host answers on `address`: on loopback on every address of the network, elsewhere on its own.
    pub fn serves(&self, address: IpAddr) -> bool {
        if self.address.is_loopback() && self.address.is_ipv4() {
            return Cidr::parse(&format!("{}/{}", self.address, self.prefix)).is_ok_and(|net| net.contains(address));
        }
        self.address == address
    }
}

/// Where the first gateway of a loopback network listens: people expect routers and such below.
const FIRST_HOST: usize = 10;
/// Looked at in a loopback network, which may be large.
const LOOKED_AT: usize = 4096;

/// The addresses of `block` on which a host with these addresses can listen, in order. Of loopback, the first few
/// thousand.
pub fn usable<'a>(block: Cidr, host: impl IntoIterator<Item = &'a HostAddress>) -> Vec<IpAddr> {
    let (loopback, others): (Vec<_>, Vec<_>) = host.into_iter().partition(|each| each.address.is_loopback());
    let mut found: BTreeSet<IpAddr> =
        others.iter().map(|each| each.address).filter(|address| block.contains(*address)).collect();
    let network = block.network();
    if loopback.iter().any(|each| each.serves(network.addr()) && each.serves(network.broadcast())) {
        found.extend(network.hosts().skip(FIRST_HOST - 1).take(LOOKED_AT));
    }
    found.into_iter().collect()
}

/// The first that nobody has, or else the first: gateways share it then. `None` where there is none at all.
pub fn first_free(usable: &[IpAddr], taken: &BTreeSet<IpAddr>) -> Option<IpAddr> {
    usable.iter().find(|address| !taken.contains(address)).or(usable.first()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(interface: &str, address: &str, prefix: u8) -> HostAddress {
        HostAddress { interface: interface.into(), address: address.parse().expect("address"), prefix }
    }

    #[test]
    fn loopback_has_a_whole_block_and_an_interface_what_it_has() {
        let host = [host("lo", "127.0.0.1", 8), host("eth1", "10.1.2.3", 24), host("eth1", "10.1.9.3", 24)];
        let block = |text| Cidr::parse(text).expect("block");
        let found = usable(block("127.88.1.0/24"), &host);
        assert_eq!((found.len(), found[0].to_string()), (245, "127.88.1.10".into()));
        assert_eq!(usable(block("10.1.2.0/24"), &host), ["10.1.2.3".parse::<IpAddr>().expect("address")]);
        assert!(usable(block("10.7.0.0/16"), &host).is_empty());
        assert_eq!(usable(block("127.0.0.0/8"), &host).len(), LOOKED_AT);
        // Small networks have few hosts, and one address has none above the tenth.
        assert!(usable(block("127.88.1.4/32"), &host).is_empty());
    }

    #[test]
    fn an_address_of_ones_own_while_there_are_some() {
        let two: Vec<IpAddr> = ["10.0.0.1", "10.0.0.2"].map(|text| text.parse().expect("address")).into();
        let mut taken = BTreeSet::new();
        assert_eq!(first_free(&two, &taken), Some(two[0]));
        taken.insert(two[0]);
        assert_eq!(first_free(&two, &taken), Some(two[1]));
        taken.insert(two[1]);
        assert_eq!((first_free(&two, &taken), first_free(&[], &taken)), (Some(two[0]), None));
    }
}
