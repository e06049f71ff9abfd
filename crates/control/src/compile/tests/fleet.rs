//! Several hosts.

use super::*;
use domain::snapshot::Capacity;
use domain::snapshot::dns::{NameConfig, NameData};

fn two(states: [(bool, bool); 2], gateways: &[(u8, u32)]) -> Desired {
    let mut desired = with_gateways(&[]);
    desired.apply(&hosts(&states));
    for (n, nodes) in gateways {
        let kind = GatewayKind::FullyManaged { spec: Spec::C2G4, nodes: *nodes, charge: ChargeType::PostPaid };
        let gateway = Arc::new(Gateway { kind, ..(*gateway(*n, true)).clone() });
        desired.apply(&Touched::Gateway(gateway.id.clone(), Some(gateway)));
    }
    desired
}

fn capacity(compiler: &Compiler, n: u8) -> [Capacity; 2] {
    let key = ResourceKey::Gateway(gateway(n, true).id.clone());
    [0, 1].map(|host| match compiler.configurations().of(&a_host(host)).get(&key).map(Arc::as_ref) {
        Some(Resource::Gateway(config)) => config.capacity,
        other => panic!("{other:?}"),
    })
}

/// Where the public name of the gateway leads, the same on both.
fn leads(compiler: &Compiler, n: u8) -> Vec<String> {
    let host = Installation::default().public_host(&gateway(n, true).id);
    let key = ResourceKey::Name { vpc: None, name: host };
    let all = compiler.configurations();
    let [one, two] = [0, 1].map(|host| all.of(&a_host(host)).get(&key).cloned());
    assert_eq!(one, two);
    match one.as_deref() {
        Some(Resource::Name(NameConfig { data: NameData::Addresses(addresses), .. })) => {
            addresses.iter().map(|each| each.address.to_string()).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn nodes_are_spread_and_move_away_from_a_host_that_is_drained_or_lost() {
    let working = [(false, false); 2];
    let workers = |compiler: &Compiler| capacity(compiler, 0).map(|each| each.workers);
    let mut desired = two(working, &[(0, 3)]);
    let http = vec!["192.0.2.9:8080".parse().expect("an address")];
    let mut compiler = Compiler::new(&desired, Installation { http, ..Installation::default() });
    let mut spread = workers(&compiler);
    spread.sort();
    assert_eq!(spread, [2, 4], "three nodes of two cores");
    assert_eq!(leads(&compiler, 0), ["192.0.2.1", "192.0.2.9"]);
    let spread = workers(&compiler);

    let drained = [hosts(&[(false, false), (true, false)])];
    desired.apply(&drained[0]);
    compiler.apply(&desired, &drained);
    assert_eq!((workers(&compiler), leads(&compiler, 0)), ([6, 0], vec!["192.0.2.9".to_owned()]));
    // Whoever comes there all the same is served.
    assert_eq!(capacity(&compiler, 0)[1].connections, Some(40_000));
    let resumed = [hosts(&working)];
    desired.apply(&resumed[0]);
    compiler.apply(&desired, &resumed);
    assert_eq!(workers(&compiler), spread);

    let lost = Lost { engines: [a_host(0)].into(), ..Lost::default() };
    assert!(compiler.set_lost(&desired, &lost) && !compiler.set_lost(&desired, &lost));
    assert_eq!((workers(&compiler), leads(&compiler, 0)), ([0, 6], vec!["192.0.2.1".to_owned()]));
    // Nobody is left: better where somebody may still be than nowhere.
    compiler.set_lost(&desired, &Lost { engines: [a_host(0), a_host(1)].into(), ..Lost::default() });
    assert_eq!(workers(&compiler), spread);
    compiler.set_lost(&desired, &Lost::default());
    assert_eq!(workers(&compiler), spread);

    // The one that works is gone: better the one that is drained, which answers.
    desired.apply(&drained[0]);
    compiler.apply(&desired, &drained);
    compiler.set_lost(&desired, &lost);
    assert_eq!(workers(&compiler), [0, 6]);
    compiler.set_lost(&desired, &Lost::default());
    desired.apply(&resumed[0]);
    compiler.apply(&desired, &resumed);

    let removed = [hosts(&[(false, false), (true, true)])];
    desired.apply(&removed[0]);
    compiler.apply(&desired, &removed);
    assert!(compiler.configurations().of(&a_host(1)).is_empty(), "nothing is left there");
}

#[test]
fn what_only_one_host_reaches_is_no_way_for_others() {
    // The first has loopback alone.
    let desired = two([(false, false); 2], &[(0, 2)]);
    let compiler = Compiler::new(&desired, Installation::default());
    assert_eq!(capacity(&compiler, 0).map(|each| each.workers), [2, 2]);
    assert_eq!(leads(&compiler, 0), ["192.0.2.1"]);
}

#[test]
fn a_host_that_joins_is_given_something_when_it_is_there() {
    let working = [(false, false); 2];
    let mut desired = two(working, &[(0, 2)]);
    desired.apply(&hosts(&working[..1]));
    let mut compiler = Compiler::new(&desired, Installation::default());
    let joined = [hosts(&working)];
    desired.apply(&joined[0]);
    compiler.apply(&desired, &joined);
    let workers = |compiler: &Compiler| capacity(compiler, 0).map(|each| each.workers);
    assert_eq!(workers(&compiler), [4, 0]);
    assert!(compiler.hear(&desired, &a_host(1), true) && !compiler.hear(&desired, &a_host(1), true));
    assert_eq!(workers(&compiler), [2, 2]);
}

#[test]
fn a_host_listens_where_it_is() {
    // The second gateway has an address of loopback and 10.1.1.2.
    let desired = two([(false, false); 2], &[(2, 1)]);
    let mut compiler = Compiler::new(&desired, Installation::default());
    let listeners = |compiler: &Compiler, n: u8| {
        let all = compiler.configurations();
        let addresses = all.of(&a_host(n)).resources().filter_map(|resource| match resource {
            Resource::Listener(listener) if listener.scheme == domain::snapshot::Scheme::Http => {
                Some(listener.address.to_string())
            }
            _ => None,
        });
        addresses.collect::<Vec<_>>()
    };
    let at = |address: &str| HostAddress {
        interface: "eth1".into(),
        address: address.parse().expect("an address"),
        prefix: 24,
    };
    compiler.set_host(&desired, &a_host(0), &[at("10.1.1.1")]);
    assert_eq!(listeners(&compiler, 0), ["10.1.1.2:8080", "127.0.0.1:8080", "127.88.1.2:8080"]);
    // Another host has the address: it is listened on there alone, and the node is there.
    compiler.set_host(&desired, &a_host(1), &[at("10.1.1.2")]);
    assert_eq!(listeners(&compiler, 0), ["127.0.0.1:8080", "127.88.1.2:8080"]);
    assert_eq!(listeners(&compiler, 1), ["10.1.1.2:80", "127.88.1.2:80", "192.0.2.1:80"]);
    assert_eq!(capacity(&compiler, 2).map(|each| each.workers), [0, 2]);
}
