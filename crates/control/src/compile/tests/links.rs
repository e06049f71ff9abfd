//! Access from VPCs.

use super::*;

#[test]
fn listeners_inside_vpcs() {
    let desired = |gateways: &[u8]| {
        let mut desired = fresh();
        desired.apply(&Touched::Networks(networks("10.1.0.0/16")));
        for n in gateways {
            let gateway = gateway(*n, true);
            desired.apply(&Touched::Gateway(gateway.id.clone(), Some(gateway)));
        }
        desired
    };
    let listeners = |gateways: &[u8], host: &[HostAddress]| {
        let desired = desired(gateways);
        let mut compiler = Compiler::new(&desired, Installation::default());
        compiler.set_host(&desired, &a_host(0), host);
        let snapshot = seen(&compiler);
        let private = snapshot.resources().filter_map(|resource| match resource {
            Resource::Listener(listener) if listener.vpc.is_some() => Some(listener.clone()),
            _ => None,
        });
        private.collect::<Vec<_>>()
    };
    // The second has a loopback address and one of an interface, for HTTP and HTTPS each. The host is not there yet.
    assert_eq!(listeners(&[2], &[]).len(), 2);
    let both = listeners(&[2], &host(2));
    assert_eq!(both.len(), 4);
    for listener in &both {
        let devices = if listener.address.ip().is_loopback() { vec![] } else { vec!["eth1".to_owned()] };
        assert_eq!((&listener.devices, &listener.gateway), (&devices, &Some(gateway(2, true).id.clone())));
    }
    // One address for two gateways: neither has it alone.
    assert!(listeners(&[2, 5], &host(2)).iter().all(|listener| listener.gateway.is_none()));
}

#[test]
fn an_interface_leads_into_a_vpc_while_it_has_an_address_of_it() {
    let of = |interface: &str, address: &str| HostAddress {
        interface: interface.into(),
        address: address.parse().expect("an address"),
        prefix: 24,
    };
    let mut desired = fresh();
    desired.apply(&Touched::Networks(networks("10.1.0.0/16")));
    desired.apply(&Touched::Gateway(gateway(2, true).id.clone(), Some(gateway(2, true))));
    let mut compiler = Compiler::new(&desired, Installation::default());
    let mut devices = |host: &[HostAddress]| {
        compiler.set_host(&desired, &a_host(0), host);
        let snapshot = seen(&compiler);
        let found = snapshot.resources().find_map(|resource| match resource {
            Resource::Listener(listener) if listener.address.ip().to_string() == "10.1.1.2" => Some(&listener.devices),
            _ => None,
        });
        found.map(|devices| devices.join(" "))
    };
    let (first, second) = (of("eth1", "10.1.1.2"), of("eth2", "10.1.9.1"));
    assert_eq!(devices(&[first.clone(), second.clone()]).as_deref(), Some("eth1 eth2"));
    // It has nothing at the moment, or what every interface has.
    assert_eq!(devices(std::slice::from_ref(&first)).as_deref(), Some("eth1 eth2"));
    assert_eq!(devices(&[first.clone(), of("eth2", "fe80::1")]).as_deref(), Some("eth1 eth2"));
    // It has another network's.
    assert_eq!(devices(&[first.clone(), of("eth2", "10.7.0.1")]).as_deref(), Some("eth1"));
    assert_eq!(devices(std::slice::from_ref(&first)).as_deref(), Some("eth1"), "which is not forgotten");
    assert_eq!(devices(&[of("eth1", "10.7.0.2")]), None, "no way in at all");
    assert_eq!(devices(&[second, of("eth3", "10.1.1.2")]).as_deref(), Some("eth2 eth3"), "the address moved");
}

#[test]
fn a_peer_gets_in_through_its_own_interface() {
    let mut desired = fresh();
    desired.apply(&Touched::Networks(networks("10.1.0.0/16")));
    desired.apply(&Touched::Gateway(gateway(2, true).id.clone(), Some(gateway(2, true))));
    let mut compiler = Compiler::new(&desired, Installation::default());
    let devices = |snapshot: &Snapshot| {
        let at = |listener: &&domain::snapshot::ListenerConfig| listener.address.ip().to_string() == "10.1.1.2";
        let listeners = snapshot.resources().filter_map(|resource| match resource {
            Resource::Listener(listener) => Some(listener),
            _ => None,
        });
        listeners.filter(at).map(|listener| listener.devices.join(" ")).next()
    };
    compiler.set_host(&desired, &a_host(0), &host(3));
    assert_eq!(devices(&seen(&compiler)).as_deref(), Some("eth1 eth2"));
    // It alone leads nowhere: the host is not in the VPC that is linked.
    let away = HostAddress { interface: "eth2".into(), address: [10, 2, 1, 1].into(), prefix: 24 };
    let elsewhere = HostAddress { interface: "eth1".into(), address: [10, 9, 1, 1].into(), prefix: 24 };
    compiler.set_host(&desired, &a_host(0), &[away, elsewhere]);
    assert_eq!(devices(&seen(&compiler)), None);
}

#[test]
fn a_link_is_served_as_long_as_it_is_granted() {
    let mut desired = fresh();
    desired.apply(&Touched::Gateway(gateway(5, true).id.clone(), Some(gateway(5, true))));
    let mut compiler = Compiler::new(&desired, Installation::default());
    compiler.set_host(&desired, &a_host(0), &host(2));
    let mut with = |blocks: &str| {
        let step = [Touched::Networks(networks(blocks))];
        step.iter().for_each(|step| desired.apply(step));
        compiler.apply(&desired, &step);
        let snapshot = seen(&compiler);
        let count = |is_it: fn(&Resource) -> usize| snapshot.resources().map(is_it).sum::<usize>();
        let doors = count(|resource| if let Resource::Gateway(gateway) = resource { gateway.private.len() } else { 0 });
        let listeners = count(|each| matches!(each, Resource::Listener(listener) if listener.vpc.is_some()).into());
        let names = count(|each| matches!(each, Resource::Name(name) if name.vpc.is_some()).into());
        (doors, listeners, names)
    };
    assert_eq!(with("10.1.0.0/16"), (2, 4, 1));
    // The first VPC is granted no more: neither its door nor its name is there.
    assert_eq!(with("10.0.0.0/8"), (1, 2, 0));
    assert_eq!(with("10.1.0.0/16"), (2, 4, 1));
}
