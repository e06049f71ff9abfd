use super::*;
use crate::config::trial;
use domain::id::{RANDOM_LEN, VpcId};
use domain::snapshot::dns::{NameAddress, NameData};
use domain::snapshot::{Delta, ListenerConfig, Scheme};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

fn config(listeners: &[&str]) -> DnsConfig {
    let listener = |address: &&str| DnsListener::new(address.parse().expect("address"));
    DnsConfig {
        zone: "gw.example".into(),
        name_server: "ns.gw.example".into(),
        contact: "hostmaster@gw.example".into(),
        ttl: 1,
        negative_ttl: 1,
        listeners: listeners.iter().map(listener).collect(),
        blocks: Vec::new(),
    }
}

fn name(name: &str, vpc: Option<u8>, last: u8) -> Resource {
    let vpc = vpc.map(|vpc| VpcId::from_random([vpc; RANDOM_LEN]));
    let data = NameData::Addresses(vec![NameAddress { address: [10, 0, 0, last].into(), zone: None }]);
    Resource::Name(NameConfig { name: name.into(), vpc, data })
}

fn names() -> Names {
    Names::new(mpsc::unbounded_channel().0)
}

fn step(names: &Names, old: &Snapshot, new: &Snapshot) -> Result<Option<Zones>, ConfigError> {
    names.next(&Changes::of(&Delta::between(old, new), old, new), new)
}

fn snapshot(version: u64, resources: impl IntoIterator<Item = Resource>) -> Snapshot {
    Snapshot::from_resources(version, resources)
}

/// Taken by whoever has nothing yet.
fn taken(new: &Snapshot) -> Names {
    let mut names = names();
    let zones = step(&names, &Snapshot::default(), new).expect("valid").expect("a server");
    names.records = Some(Arc::new(Records::new(zones)));
    names
}

#[test]
fn what_cannot_be_served_is_refused_with_a_reason() {
    let refused = |resources: Vec<Resource>| {
        let new = snapshot(1, resources);
        step(&names(), &Snapshot::default(), &new).expect_err("wrong").to_string()
    };
    let device = |device: &str| {
        let mut config = config(&["127.0.0.1:53"]);
        config.listeners[0].devices = vec![device.into()];
        Resource::Dns(config)
    };
    for (resources, reason) in [
        (vec![Resource::Dns(config(&["0.0.0.0:53"]))], "name each address"),
        (vec![Resource::Dns(config(&["127.0.0.1:0"]))], "has no port"),
        (vec![Resource::Dns(config(&["127.0.0.1:53", "127.0.0.1:53"]))], "give it each address once"),
        (vec![device("")], "cannot be the name of a network interface"),
        (vec![Resource::Dns(DnsConfig { contact: "@".into(), ..config(&[]) })], "mail address"),
        (vec![Resource::Dns(config(&[])), name("Upper.example", None, 1)], "is no DNS name"),
    ] {
        let said = refused(resources);
        assert!(said.contains(reason), "{said}");
    }
    // The same while a server answers already; nothing of it is taken.
    let old = snapshot(1, [Resource::Dns(config(&[])), name("a.gw.example", None, 1)]);
    let names = taken(&old);
    let mut new = old.clone();
    new.put(name("b.gw.example", None, 1));
    new.put(name("-- b", None, 1));
    assert!(matches!(step(&names, &old, &new), Err(ConfigError::Dns(_))));
    assert_eq!(names.records.expect("still there").zones().len(), 1);
    // Nobody asks for them.
    assert!(matches!(step(&self::names(), &Snapshot::default(), &snapshot(1, [name("Upper", None, 1)])), Ok(None)));
}

#[test]
fn an_address_is_for_questions_or_for_requests() {
    let address: SocketAddr = "127.0.0.1:5300".parse().expect("address");
    let listener = Resource::Listener(ListenerConfig::new(address, Scheme::Http));
    let (empty, with_it) = (Snapshot::default(), snapshot(1, [listener]));
    let table = trial::table(&Table::default(), &empty, &with_it, &Default::default()).expect("valid");
    let asked = |address: &str| snapshot(1, [Resource::Dns(config(&[address]))]);
    assert!(check_apart(&table, &asked("127.0.0.1:5301")).is_ok());
    assert!(check_apart(&table, &asked("127.0.0.2:5300")).is_ok());
    assert!(check_apart(&table, &empty).is_ok());
    let said = check_apart(&table, &asked("127.0.0.1:5300")).expect_err("shared").to_string();
    assert!(said.contains("127.0.0.1:5300") && said.contains("another port"), "{said}");
}

/// A look at all of them would take a hundred times as long with a hundred times as many.
#[test]
fn one_name_more_costs_the_same_with_many_and_with_few() {
    let cost = |count: u32| {
        let many = (0..count).map(|n| name(&format!("n{n}.gw.example"), n.is_multiple_of(2).then_some(1), 1));
        let mut old = snapshot(1, many.chain([Resource::Dns(config(&[]))]));
        let names = taken(&old);
        let least = (0..20u8).map(|n| {
            let mut new = old.clone();
            new.version += 1;
            new.put(name("one-more.gw.example", Some(1), n));
            let changes = Changes::of(&Delta::between(&old, &new), &old, &new);
            assert!(!changes.touch_table() && !changes.dns);
            let started = Instant::now();
            let zones = names.next(&changes, &new).expect("valid").expect("a server");
            let took = started.elapsed();
            assert_eq!(zones.len(), count as usize + 1);
            old = new;
            took
        });
        least.min().expect("some")
    };
    let (few, many) = (cost(500), cost(50_000));
    println!("one name of 500: {few:?}, of 50,000: {many:?}");
    assert!(many < few * 10 + Duration::from_micros(200), "{few:?} {many:?}");
}
