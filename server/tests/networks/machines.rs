//! The machines of the table: the host of the product, and those that are joined to it.

use super::namespace::Namespace;
use std::collections::BTreeMap;

/// Interface of the host, its addresses, the client on the other end and what that one has. The host has two addresses in
/// the first zone, so that two gateways can have one each, and one in the second, which gateways share.
const WIRES: &[(&str, &[&str], &str, &[&str])] = &[
    (
        "inet",
        &["203.0.113.1/24", "2001:db8:f::1/64"],
        "internet",
        &["203.0.113.2/24", "203.0.113.3/24", "2001:db8:f::2/64", "2001:db8:f::3/64"],
    ),
    ("a1", &["10.101.1.1/24", "10.101.1.9/24"], "zone-1", &["10.101.1.2/24", "10.101.1.3/24"]),
    ("a2", &["10.101.2.1/24"], "zone-2", &["10.101.2.2/24"]),
    ("b1", &["10.102.0.1/24"], "vpc-b", &["10.102.0.2/24"]),
    ("other", &["10.103.0.1/24"], "account-b", &["10.103.0.2/24"]),
    ("s1", &["fd00:106:1::1/64"], "six-1", &["fd00:106:1::2/64", "fd00:106:1::3/64"]),
    ("s2", &["fd00:106:2::1/64"], "six-2", &["fd00:106:2::2/64"]),
];

pub struct Machines {
    clients: BTreeMap<&'static str, Namespace>,
    pub host: Namespace,
}

impl Machines {
    pub fn new() -> Self {
        let host = Namespace::new();
        // It passes packets on and asks nobody where they come from, as hosts with containers do: what is refused is
        // refused by listeners, not for lack of a way.
        host.within(|| {
            for (setting, value) in [
                ("ipv4/ip_forward", "1"),
                ("ipv4/conf/all/rp_filter", "0"),
                ("ipv4/conf/default/rp_filter", "0"),
                ("ipv6/conf/all/forwarding", "1"),
            ] {
                std::fs::write(format!("/proc/sys/net/{setting}"), value).unwrap();
            }
        });
        let wire = |(interface, here, client, there): &(&str, &[&str], &'static str, &[&str])| {
            (*client, host.neighbour(interface, here, there))
        };
        Self { clients: WIRES.iter().map(wire).collect(), host }
    }

    pub fn named(&self, name: &str) -> &Namespace {
        if name == "host" { &self.host } else { self.clients.get(name).unwrap_or_else(|| panic!("no machine {name}")) }
    }
}
