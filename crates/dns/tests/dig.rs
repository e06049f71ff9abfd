//! The server as `dig` sees it, over UDP and TCP.

mod common;

use common::world::{World, has_dig, within};
use common::{addresses, name, records, side};
use dns::{Options, Zones};
use domain::snapshot::dns::DnsListener;
use std::net::{TcpListener, UdpSocket};
use std::time::Duration;

const PUBLIC: &str = "127.0.0.1";
const PRIVATE: &str = "127.88.1.53";

/// `None` where there is no `dig`.
fn world() -> Option<World> {
    has_dig().then(|| {
        let world = World::start(records(), Options::default());
        world.listen();
        world
    })
}

#[test]
fn both_transports_answer_the_same() {
    let Some(world) = world() else { return };
    for transport in ["+notcp", "+tcp"] {
        let dig = |words: &str| world.dig(PUBLIC, &format!("{transport} {words}"));
        assert_eq!(dig("+short gw-1.local.gw.example.org A"), "192.0.2.1\n192.0.2.2\n");
        assert_eq!(dig("+short gw-1.local.gw.example.org AAAA"), "2001:db8::1\n");
        assert_eq!(dig("+short _acme-challenge.gw.example.org TXT"), "\"token-1\"\n\"token-2\"\n");
        assert_eq!(dig("+short gw.example.org NS"), "ns.gw.example.org.\n");
        assert_eq!(dig("+short x.wild.gw.example.org"), "192.0.2.7\n");
        let soa = dig("+short gw.example.org SOA");
        assert!(soa.starts_with("ns.gw.example.org. host\\.master.example.org. "), "{soa}");
        let chain = "hop.gw.example.org.\ngw-1.local.gw.example.org.\n192.0.2.1\n192.0.2.2\n";
        assert_eq!(dig("+short www.gw.example.org"), chain);

        let full = dig("gw-1.local.gw.example.org A");
        assert!(full.contains("status: NOERROR") && full.contains(";; flags: qr aa rd; QUERY: 1, ANSWER: 2"), "{full}");
        assert!(full.contains("EDNS: version: 0, flags:; udp: 1232"), "{full}");
        assert!(full.contains("gw-1.local.gw.example.org. 30 IN A 192.0.2.1"), "{full}");
        let missing = dig("no.gw.example.org A");
        assert!(missing.contains("status: NXDOMAIN") && missing.contains("gw.example.org. 5 IN SOA"), "{missing}");
        for nothing in ["gw-1.local.gw.example.org TXT", "local.gw.example.org A", "gw-1.local.gw.example.org TYPE999"]
        {
            let nothing = dig(nothing);
            assert!(nothing.contains("status: NOERROR") && nothing.contains("ANSWER: 0, AUTHORITY: 1"), "{nothing}");
        }
        for refused in ["www.google.com A", "gw.example.org -c CH TXT"] {
            let refused = dig(refused);
            assert!(refused.contains("status: REFUSED") && refused.contains("ANSWER: 0"), "{refused}");
        }
        assert!(dig("gw-1.local.gw.example.org +edns=1 +noednsneg").contains("status: BADVERS"));
        assert!(dig("gw-1.local.gw.example.org ANY").contains("ANSWER: 2"));
        assert!(dig("gw.example.org +opcode=NOTIFY SOA").contains("status: REFUSED"));
        assert!(dig("gw.example.org +opcode=UPDATE SOA").contains("status: REFUSED"));
    }
    for transfer in ["AXFR", "IXFR=1", "+notcp IXFR=1"] {
        let transfer = world.dig(PUBLIC, &format!("+onesoa gw.example.org {transfer}"));
        assert!(!transfer.contains("IN SOA") && !transfer.contains("IN A"), "{transfer}");
    }
    assert!(world.dig(PUBLIC, "gw.example.org AXFR").contains("; Transfer failed."));
    assert_eq!(world.dig(PUBLIC, "+short +noedns gW-1.LOCAL.gw.example.ORG"), "192.0.2.1\n192.0.2.2\n");
}

#[test]
fn a_vpc_sees_its_names_first_and_nearest_addresses_first() {
    let Some(world) = world() else { return };
    let inside = |words: &str| world.dig(PRIVATE, words);
    assert_eq!(inside("+short gw-2.local.gw.example.org"), "10.0.0.9\n");
    assert_eq!(inside("+short gw-1.local.gw.example.org"), "192.0.2.1\n192.0.2.2\n");
    assert_eq!(world.dig(PUBLIC, "+short gw-2.local.gw.example.org"), "192.0.2.9\n");
    assert!(world.dig(PUBLIC, "gw-1-vpc.local.gw.example.org").contains("status: NXDOMAIN"));
    assert!(world.dig(PUBLIC, "api.example.com").contains("status: REFUSED"));
    let (a, b) = ("127.88.1.10\n127.88.2.10\n127.88.3.10\n", "127.88.2.10\n127.88.1.10\n127.88.3.10\n");
    for transport in ["+notcp", "+tcp"] {
        let ask = |client: &str| inside(&format!("-b {client} {transport} +short gw-1-vpc.local.gw.example.org A"));
        assert_eq!((ask("127.88.1.77").as_str(), ask("127.88.2.77").as_str()), (a, b));
    }
    let custom = inside("-b 127.88.2.77 +short api.example.com");
    assert_eq!(custom, format!("gw-1-vpc.local.gw.example.org.\n{b}"));
    world.records.set_unhealthy(["127.88.2.10".parse().expect("address")]);
    assert_eq!(inside("-b 127.88.2.77 +short gw-1-vpc.local.gw.example.org"), "127.88.1.10\n127.88.3.10\n");
}

#[test]
fn ipv6_is_answered_too() {
    if UdpSocket::bind("[::1]:0").is_err() {
        println!("skipped: there is no IPv6 loopback here");
        return;
    }
    let Some(world) = world() else { return };
    let report = world.apply(vec![DnsListener::new(world.at("::1"))]);
    assert!(report[0].open, "{report:?}");
    for transport in ["+notcp", "+tcp"] {
        assert_eq!(world.dig("::1", &format!("{transport} +short gw-2.local.gw.example.org")), "192.0.2.9\n");
    }
}

#[test]
fn changes_are_answered_within_a_second() {
    let Some(world) = world() else { return };
    let asked = || world.dig(PUBLIC, "+short new.gw.example.org");
    assert_eq!(asked(), "");
    let mut zones = Zones::clone(&world.records.zones());
    zones.put(&name("new.gw.example.org", "", addresses(&["192.0.2.50"]))).expect("valid");
    world.records.set_zones(zones.clone());
    assert!(within(Duration::from_secs(1), || asked() == "192.0.2.50\n"));
    assert!(zones.remove("new.gw.example.org", None));
    world.records.set_zones(zones);
    assert!(within(Duration::from_secs(1), || asked().is_empty()));
}

#[test]
fn large_answers_come_over_tcp() {
    let Some(world) = world() else { return };
    let many: Vec<String> = (0..200).map(|number| format!("192.0.2.{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let mut zones = Zones::clone(&world.records.zones());
    zones.put(&name("many.gw.example.org", "", addresses(&many))).expect("valid");
    world.records.set_zones(zones);
    let cut = world.dig(PUBLIC, "+ignore many.gw.example.org");
    assert!(cut.contains("flags: qr aa tc rd") && cut.contains("ANSWER: 0"), "{cut}");
    let whole = world.dig(PUBLIC, "many.gw.example.org");
    assert!(whole.contains("ANSWER: 200") && whole.contains("(TCP)"), "{whole}");
}

#[test]
fn doors_open_and_close_and_say_why_not() {
    let Some(world) = world() else { return };
    let public = DnsListener::new(world.at(PUBLIC));
    let taken = TcpListener::bind(world.at("127.0.0.2")).expect("binds");
    let on = |devices: &[&str], address: &str| DnsListener {
        devices: devices.iter().map(|device| (*device).to_owned()).collect(),
        ..DnsListener::new(world.at(address))
    };
    let wanted = vec![
        public.clone(),
        on(&[], "127.0.0.2"),
        on(&["lo", "no-such-if"], "127.0.0.3"),
        on(&[], "192.0.2.1"),
        on(&[], "0.0.0.0"),
    ];
    let report = world.apply(wanted);
    let state = |address: &str, device: Option<&str>| {
        let is_it = |each: &&dns::ListenerReport| each.address == world.at(address) && each.device.as_deref() == device;
        let found = report.iter().find(is_it).expect("reported");
        assert_eq!(found.open, found.error.is_none());
        found.error.clone().unwrap_or_default()
    };
    assert_eq!(report.len(), 6);
    assert_eq!((state(PUBLIC, None), state("127.0.0.3", Some("lo"))), (String::new(), String::new()));
    let said = state("127.0.0.2", None);
    assert!(said.starts_with("TCP 127.0.0.2:") && said.ends_with("or choose another port"), "{said}");
    let said = state("127.0.0.3", Some("no-such-if"));
    assert!(said.contains("create the network interface"), "{said}");
    let said = state("192.0.2.1", None);
    assert!(said.contains("give the address to one of the host's interfaces"), "{said}");
    assert!(state("0.0.0.0", None).contains("name each address"));
    assert_eq!(world.dig("127.0.0.3", "+short gw-1.local.gw.example.org"), "192.0.2.1\n192.0.2.2\n");
    assert!(world.dig(PRIVATE, "+tries=1 +time=1 gw-1.local.gw.example.org").contains("refused"), "no longer wanted");

    // What could not be had is had when it is free; until then nothing of it is kept open.
    assert!(within(Duration::from_secs(5), || UdpSocket::bind(world.at("127.0.0.2")).is_ok()));
    drop(taken);
    let healed = || world.retry().iter().any(|each| each.address == world.at("127.0.0.2") && each.open);
    assert!(within(Duration::from_secs(5), healed));
    assert_eq!(world.dig("127.0.0.2", "+tcp +short gw-2.local.gw.example.org"), "192.0.2.9\n");

    // The same address for another side.
    let report = world.apply(vec![DnsListener { vpc: side("x"), ..public }]);
    assert!(report.len() == 1 && report[0].open, "{report:?}");
    assert_eq!(world.dig(PUBLIC, "+short gw-2.local.gw.example.org"), "10.0.0.9\n");
    world.apply(vec![]);
    // Not at once: a `dig` that another test starts at this moment has our descriptors until it is dig.
    let is_free = || TcpListener::bind(world.at(PUBLIC)).is_ok() && UdpSocket::bind(world.at(PUBLIC)).is_ok();
    assert!(within(Duration::from_secs(5), is_free));
}
