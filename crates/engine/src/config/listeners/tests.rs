use crate::config::trial::{next, table};
use crate::config::{Changes, EndpointBook, Gateway, Table};
use domain::id::{GatewayId, RANDOM_LEN, VpcId};
use domain::snapshot::{Delta, GatewayConfig, ListenerConfig, PrivateDoor, PublicDoor, Resource, Scheme, Snapshot};
use proptest::prelude::*;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What takes a look at all takes many times as long with a hundred times as many.
const FACTOR: u32 = 6;
/// Below it, others on the machine are what is measured.
const NOISE: Duration = Duration::from_micros(500);

fn vpc() -> VpcId {
    VpcId::from_random([1; RANDOM_LEN])
}

fn id(number: u32) -> GatewayId {
    let mut bytes = [30; RANDOM_LEN];
    for (byte, digit) in bytes.iter_mut().zip([1, 36, 36 * 36, 36 * 36 * 36]) {
        *byte = (number / digit % 36) as u8;
    }
    GatewayId::from_random(bytes)
}

fn address(number: u32, port: u16) -> SocketAddr {
    let [.., high, low] = number.to_be_bytes();
    ([10, 1, high, low], port).into()
}

/// With a door and a listener of its own in the VPC, and a port of its own.
fn gateway(number: u32) -> Resource {
    Resource::Gateway(GatewayConfig {
        id: id(number),
        name: "g".into(),
        public: Some(PublicDoor {
            hosts: vec![format!("gw-{number}.example")],
            own: Some(address(number, 81)),
            whitelist: vec![],
            drop_strangers: false,
        }),
        private: vec![PrivateDoor {
            vpc_id: vpc(),
            hosts: vec![format!("gw-{number}-vpc.example")],
            whitelist: vec![],
            drop_strangers: false,
        }],
        capacity: Default::default(),
        tls: Default::default(),
        trusted_proxies: Vec::new(),
    })
}

fn listener(number: u32, devices: &[&str]) -> Resource {
    Resource::Listener(ListenerConfig {
        vpc: Some(vpc()),
        gateway: Some(id(number)),
        devices: devices.iter().map(|device| (*device).into()).collect(),
        ..ListenerConfig::new(address(number, 80), Scheme::Http)
    })
}

fn snapshot(gateways: u32) -> Snapshot {
    Snapshot::from_resources(1, (0..gateways).flat_map(|number| [gateway(number), listener(number, &[])]))
}

fn compiled(snapshot: &Snapshot) -> Table {
    table(&Table::default(), &Snapshot::default(), snapshot, &EndpointBook::default()).expect("a table")
}

#[test]
fn a_change_leaves_all_others_as_they_are() {
    let old = snapshot(500);
    let before = compiled(&old);
    let mut new = old.clone();
    new.put(listener(7, &["eth0", "eth1", "eth0"]));
    let after = table(&before, &old, &new, &EndpointBook::default()).expect("a table");
    for number in 0..500 {
        for address in [address(number, 80), address(number, 81)] {
            let of = |table: &Table| table.listeners.get(&address).cloned().expect("a listener");
            assert_eq!(Arc::ptr_eq(&of(&before), &of(&after)), number != 7, "{address}");
        }
        let named = |table: &Table| table.sides.named(Some(&vpc()), &format!("gw-{number}-vpc.example")).cloned();
        let (one, other) = (named(&before).expect("a name"), named(&after).expect("a name"));
        assert_eq!(Arc::ptr_eq(&one, &other), number != 7);
        assert_eq!(*other.listeners, [address(number, 80)]);
    }
    assert_eq!((before.listeners.doors().len(), after.listeners.doors().len()), (1_000, 1_001));
    // And back, to nothing in the end.
    let back = table(&after, &new, &old, &EndpointBook::default()).expect("a table");
    assert_eq!(back.listeners.doors(), before.listeners.doors());
    let nothing = table(&back, &old, &Snapshot::default(), &EndpointBook::default()).expect("a table");
    assert!(nothing.listeners.doors().is_empty() && nothing.sides.names(Some(&vpc())).next().is_none());
}

/// The least of several, for a change of the listener of one gateway.
fn time(table: &Table, old: &Snapshot) -> Duration {
    let times = (0..30).map(|turn| {
        let mut new = old.clone();
        new.put(listener(turn, &["eth0"]));
        let delta = Delta::between(old, &new);
        let start = Instant::now();
        let changes = Changes::of(&delta, old, &new);
        let next = next(table, &changes, &new, &EndpointBook::default()).expect("a table");
        let took = start.elapsed();
        assert!(!next.has_doors_of(table, &changes));
        took
    });
    times.min().expect("times")
}

#[test]
fn what_a_change_costs_does_not_grow_with_the_others() {
    let (small, large) = (snapshot(100), snapshot(10_000));
    let (of_small, of_large) = (time(&compiled(&small), &small), time(&compiled(&large), &large));
    println!("a change of one of 100: {of_small:?}; of 10000: {of_large:?}");
    assert!(of_large < (of_small * FACTOR).max(NOISE), "{of_small:?} and {of_large:?}");
}

/// What a gateway is in a step: its own port, of the places below, and in which of two VPCs it is.
type Plan = (Option<u8>, [bool; 2]);
/// What listens at a place: on which side, and whose it is alone.
type Place = (u8, Option<u8>);

fn network(number: u8) -> VpcId {
    VpcId::from_random([number; RANDOM_LEN])
}

fn place(number: u8) -> SocketAddr {
    ([127, 0, 0, 1], 9000 + u16::from(number)).into()
}

fn planned((plans, places): &(Vec<Option<Plan>>, Vec<Option<Place>>)) -> Vec<Resource> {
    let door = |number: u8, vpc: u8| PrivateDoor {
        vpc_id: network(vpc),
        hosts: vec![format!("gw-{number}.example")],
        whitelist: vec![],
        drop_strangers: vpc == 1,
    };
    let gateways = (0u8..).zip(plans).filter_map(|(number, plan)| {
        let (own, linked) = plan.as_ref()?;
        let Resource::Gateway(mut config) = gateway(number.into()) else { return None };
        if let Some(public) = &mut config.public {
            public.own = own.map(place);
        }
        config.private =
            [1, 2].into_iter().zip(linked).filter(|(_, is)| **is).map(|(vpc, _)| door(number, vpc)).collect();
        Some(Resource::Gateway(config))
    });
    let listeners = (0u8..).zip(places).filter_map(|(number, planned)| {
        let (side, alone) = planned.as_ref()?;
        let vpc = Some(network(*side)).filter(|_| *side > 0);
        let gateway = alone.map(|number| id(number.into()));
        Some(Resource::Listener(ListenerConfig { vpc, gateway, ..ListenerConfig::new(place(number), Scheme::Http) }))
    });
    gateways.chain(listeners).collect()
}

/// All that somebody at a door could find out.
fn told(table: &Table) -> String {
    let mut told = format!("{:?}", table.listeners.doors());
    for door in table.listeners.doors() {
        let listener = table.listeners.get(&door.address).expect("a listener");
        told += &format!("{:?} {:?}", listener.vpc, listener.gateway.as_ref().map(|gateway| &gateway.id));
        for host in ["gw-0.example", "gw-1.example"] {
            let named = table.sides.named(listener.vpc.as_ref(), host);
            told += &format!("{:?}", named.map(|gateway| &gateway.id));
            // One state of a gateway everywhere.
            let of = |gateway: &Arc<Gateway>| Arc::ptr_eq(gateway, table.gateways.get(&gateway.id).expect("known"));
            assert!(named.into_iter().chain(&listener.gateway).all(of));
        }
        told += &format!("{}", table.sides.looks_ahead(listener.vpc.as_ref()));
    }
    told
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    /// Whatever listeners and gateways exchange among each other.
    #[test]
    fn changed_is_as_built_anew(steps in prop::collection::vec((
        prop::collection::vec(prop::option::weighted(0.9, (prop::option::of(0u8..4), any::<[bool; 2]>())), 2),
        prop::collection::vec(prop::option::of((0u8..3, prop::option::weighted(0.3, 0u8..2))), 4),
    ), 1..6)) {
        let book = EndpointBook::default();
        let (mut now, mut snapshot) = (Table::default(), Snapshot::default());
        for step in steps {
            let next = Snapshot::from_resources(snapshot.version + 1, planned(&step));
            let anew = table(&Table::default(), &Snapshot::default(), &next, &book);
            match (table(&now, &snapshot, &next, &book), anew) {
                (Ok(table), Ok(anew)) => {
                    prop_assert_eq!(told(&table), told(&anew));
                    (now, snapshot) = (table, next);
                }
                (Err(_), Err(_)) => {}
                (one, other) => prop_assert!(false, "{:?} and {:?}", one.err(), other.err()),
            }
        }
    }
}
