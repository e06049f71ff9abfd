//! Interfaces: a listener that is bound to one is not reached through another, whoever has a route.

mod common;

use common::world::{World, has_dig};
use common::{records, side};
use dns::Options;
use domain::snapshot::dns::DnsListener;
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::fs::File;
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::process::Command;

/// A server with two interfaces and a client at each. Gone when it is dropped.
struct Networks {
    prefix: String,
}

impl Networks {
    /// `None` where that is not allowed; says so.
    fn new() -> Option<Self> {
        let networks = Self { prefix: format!("dns-{}", std::process::id()) };
        if !networks.ip("netns add {server}") {
            println!("skipped: no network namespaces here; run as root, with Debian's iproute2");
            return None;
        }
        for commands in [
            "netns add {a}",
            "netns add {b}",
            "-n {server} link add to-a type veth peer name out netns {a}",
            "-n {server} link add to-b type veth peer name out netns {b}",
            "-n {server} addr add 10.71.1.1/24 dev to-a",
            "-n {server} addr add 10.71.2.1/24 dev to-b",
            "-n {a} addr add 10.71.1.2/24 dev out",
            "-n {b} addr add 10.71.2.2/24 dev out",
            "-n {server} link set to-a up",
            "-n {server} link set to-b up",
            "-n {a} link set out up",
            "-n {b} link set out up",
            "-n {b} route add 10.71.1.0/24 via 10.71.2.1",
        ] {
            assert!(networks.ip(commands), "ip {commands}");
        }
        Some(networks)
    }

    fn name(&self, of: &str) -> String {
        format!("{}-{of}", self.prefix)
    }

    fn ip(&self, words: &str) -> bool {
        let mut words = words.to_owned();
        for each in ["server", "a", "b"] {
            words = words.replace(&format!("{{{each}}}"), &self.name(each));
        }
        Command::new("ip").args(words.split(' ')).status().is_ok_and(|status| status.success())
    }

    fn dig(&self, at: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name(at), "dig"]);
        command
    }
}

impl Drop for Networks {
    fn drop(&mut self) {
        for each in ["{server}", "{a}", "{b}"] {
            self.ip(&format!("netns del {each}"));
        }
    }
}

#[test]
fn a_listener_is_reached_through_its_interfaces_only() {
    if !has_dig() {
        return;
    }
    let Some(networks) = Networks::new() else { return };
    let namespace = File::open(format!("/var/run/netns/{}", networks.name("server"))).expect("made");
    let world = World::start_after(records(), Options::default(), move || {
        move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network)).expect("root may");
    });
    let listener = |address: &str, devices: &[&str], on: &str| DnsListener {
        address: SocketAddr::new(address.parse().expect("address"), world.port),
        devices: devices.iter().map(|device| (*device).to_owned()).collect(),
        vpc: side(on),
    };
    let ask = |at: &str, address: &str| {
        ["+notcp", "+tcp"].map(|transport| {
            let words = format!("{transport} +tries=1 +time=1 +short gw-2.local.gw.example.org");
            let said = world.dig_by(networks.dig(at), address, &words);
            said.lines().filter(|line| !line.starts_with(';')).collect::<String>()
        })
    };
    let (inside, public, none) = (["10.0.0.9", "10.0.0.9"], ["192.0.2.9", "192.0.2.9"], ["", ""]);

    let report = world.apply(vec![listener("10.71.1.1", &["to-a"], "x"), listener("10.71.2.1", &["to-b"], "y")]);
    assert!(report.len() == 2 && report.iter().all(|each| each.open), "{report:?}");
    assert_eq!(ask("a", "10.71.1.1"), inside);
    assert_eq!(ask("b", "10.71.2.1"), public);
    assert_eq!(ask("b", "10.71.1.1"), none, "it has a route there, but comes in by the other interface");

    let report = world.apply(vec![listener("10.71.1.1", &["to-a", "to-b"], "x")]);
    assert!(report.len() == 2 && report.iter().all(|each| each.open), "{report:?}");
    assert_eq!([ask("a", "10.71.1.1"), ask("b", "10.71.1.1")], [inside, inside]);
    assert_eq!(ask("b", "10.71.2.1"), none, "closed");

    let report = world.apply(vec![listener("10.71.1.1", &[], "x")]);
    assert!(report.len() == 1 && report[0].open, "{report:?}");
    assert_eq!([ask("a", "10.71.1.1"), ask("b", "10.71.1.1")], [inside, inside]);
}
