//! The inventory of networks, and gateways' access from VPCs.

mod house;

use control::{ControlError, Missing, hub};
use domain::error::{FieldErrors, Invalid};
use domain::id::VpcId;
use domain::network::{HostAddress, LinkDraft, VSwitchDraft, VpcDraft};
use domain::snapshot::{Resource, Snapshot};
use domain::status::{LinkStatus, Reason};
use domain::view::{NetworksView, VpcView};
use house::{Engine, House, house, loopback, until};
use link::message::{DoorReport, EngineUp};
use std::net::SocketAddr;

fn code(result: Result<impl Sized, ControlError>, field: &str) -> String {
    match result.err() {
        Some(ControlError::Invalid(errors)) => errors.get(field).map(Invalid::code).unwrap_or_default(),
        other => panic!("{other:?}"),
    }
}

fn networks(house: &House) -> NetworksView {
    house.control.networks(&house.principal).expect("lists")
}

fn vpc(house: &House, name: &str) -> VpcView {
    networks(house).vpcs.into_iter().find(|each| each.vpc.name == name).expect("is there")
}

fn link(vpc: &VpcView, zones: &[&str]) -> LinkDraft {
    let chosen = vpc.vswitches.iter().filter(|each| zones.contains(&each.vswitch.zone.as_str()));
    LinkDraft {
        vpc: vpc.vpc.id.to_string(),
        vswitches: chosen.map(|each| each.vswitch.id.to_string()).collect(),
        authoritative_dns: false,
    }
}

fn serve(house: &House) {
    let (control, socket) = (house.control.clone(), house.folder.path().join("link.sock"));
    tokio::spawn(async move { hub::serve(control, &socket, std::future::pending()).await });
}

#[tokio::test]
async fn declaring_changing_and_deleting_networks() {
    let house = house().await;
    let (control, who) = (&house.control, &house.principal);
    // What a new installation has.
    assert_eq!(vpc(&house, "loopback").vswitches.len(), 3);
    let draft = |name: &str, blocks: &str| VpcDraft { name: name.into(), blocks: blocks.into() };
    let overlapping = control.add_vpc(who, &draft("x", "127.88.3.0/24"), "").await;
    assert_eq!(code(overlapping, "blocks"), "block_overlaps");
    let id = control.add_vpc(who, &draft("lab", "10.1.0.0/16"), "").await.expect("adds");
    let subnet = |zone: &str, block: &str| VSwitchDraft { name: "s".into(), zone: zone.into(), block: block.into() };
    let outside = control.add_vswitch(who, &id, &subnet("local-a", "10.2.0.0/24")).await;
    assert_eq!(code(outside, "block"), "block_outside");
    let first = control.add_vswitch(who, &id, &subnet("local-a", "10.1.1.7/24")).await.expect("adds");
    let second = control.add_vswitch(who, &id, &subnet("local-b", "10.1.1.128/25")).await;
    assert_eq!(code(second, "block"), "block_overlaps");
    // Changes under the revision that was seen; saving without a change changes nothing.
    control.edit_vpc(who, &id, 1, &draft("lab", "10.1.0.0/16")).await.expect("nothing to do");
    assert_eq!(vpc(&house, "lab").vpc.revision, 1);
    control.edit_vpc(who, &id, 1, &draft("lab2", "10.1.0.0/20")).await.expect("edits");
    let stale = control.edit_vpc(who, &id, 1, &draft("lab3", "10.1.0.0/20")).await;
    assert!(matches!(stale, Err(ControlError::Conflict { current: 2 })), "{stale:?}");
    let cut = control.edit_vpc(who, &id, 2, &draft("lab2", "10.1.8.0/21")).await;
    assert_eq!(code(cut, "blocks"), "block_cuts_off");
    // Zones.
    // Two vSwitches, and the console's host.
    let busy = control.delete_zone(who, "local-a").await;
    assert!(matches!(&busy, Err(ControlError::ZoneInUse { names }) if names.len() == 3), "{busy:?}");
    control.delete_vswitch(who, &first, 1).await.expect("deletes");
    control.delete_vpc(who, &id, 2).await.expect("deletes");
    let gone = control.delete_vpc(who, &id, 2).await;
    assert!(matches!(gone, Err(ControlError::NotFound { what: Missing::Vpc })), "{gone:?}");
}

#[tokio::test]
async fn what_a_gateway_cannot_be_linked_to() {
    let house = house().await;
    let id = house.gateway("first").await;
    let (control, who) = (&house.control, &house.principal);
    let lo = vpc(&house, "loopback");
    // No engine has said yet what its host has.
    let early = control.link_vpc(who, &id, 1, &link(&lo, &["local-a"])).await;
    assert_eq!(code(early, "vswitches"), "no_address_in");
    serve(&house);
    let mut engine = Engine::connect(&house, Snapshot::default()).await;
    engine.load().await;
    assert_eq!(code(control.link_vpc(who, &id, 1, &link(&lo, &[])).await, "vswitches"), "required");
    let nobody = LinkDraft { vpc: "vpc-nobody".into(), ..link(&lo, &["local-a"]) };
    assert_eq!(code(control.link_vpc(who, &id, 1, &nobody).await, "vpc"), "choice");
    let again = VSwitchDraft { name: "again".into(), zone: "local-a".into(), block: "127.88.9.0/24".into() };
    control.add_vswitch(who, &lo.vpc.id, &again).await.expect("adds");
    let two = link(&vpc(&house, "loopback"), &["local-a"]);
    assert_eq!(code(control.link_vpc(who, &id, 1, &two).await, "vswitches"), "one_vswitch_per_zone");
    // The document's own sentence.
    control.support_zone(who, "local-c", false).await.expect("changes");
    let refused = control.link_vpc(who, &id, 1, &link(&lo, &["local-c"])).await;
    let Err(ControlError::Invalid(FieldErrors(errors))) = refused else { panic!("not supported") };
    let vswitch = &lo.vswitches.iter().find(|each| each.vswitch.zone == "local-c").expect("is there").vswitch.id;
    let said = format!("Vswitch {vswitch} in zone local-c is not supported, supported zones: [local-a local-b]");
    assert_eq!(errors[0].error.to_string(), said);

    let dns = LinkDraft { authoritative_dns: true, ..link(&lo, &["local-a", "local-b"]) };
    control.link_vpc(who, &id, 1, &dns).await.expect("links");
    assert_eq!(code(control.link_vpc(who, &id, 2, &link(&lo, &["local-a"])).await, "vpc"), "vpc_linked");
    let held = control.delete_vpc(who, &lo.vpc.id, 1).await;
    assert!(matches!(&held, Err(ControlError::NetworkInUse { names }) if names == &["first"]), "{held:?}");
    // Only one of its VPCs has authoritative DNS.
    let draft = VpcDraft { name: "other".into(), blocks: "127.99.0.0/16".into() };
    let other = control.add_vpc(who, &draft, "").await.expect("adds");
    let subnet = VSwitchDraft { name: "o".into(), zone: "local-a".into(), block: "127.99.1.0/24".into() };
    control.add_vswitch(who, &other, &subnet).await.expect("adds");
    let dns = LinkDraft { authoritative_dns: true, ..link(&vpc(&house, "other"), &["local-a"]) };
    assert_eq!(code(control.link_vpc(who, &id, 2, &dns).await, "authoritative_dns"), "one_authoritative_dns");
}

#[tokio::test]
async fn a_link_is_observed() {
    let house = house().await;
    let (id, other) = (house.gateway("first").await, house.gateway("second").await);
    let (control, who) = (house.control.clone(), house.principal.clone());
    serve(&house);
    let eth = HostAddress { interface: "eth9".into(), address: [10, 1, 1, 5].into(), prefix: 24 };
    let host = [loopback(), vec![eth.clone()]].concat();
    let mut engine = Engine::on(&house, Snapshot::default(), host.clone()).await;
    engine.load().await;
    // It is in no VPC yet, and adopted as one.
    assert_eq!(networks(&house).elsewhere, std::slice::from_ref(&eth));
    let adopted = control.adopt_interface(&who, "eth9", "10.1.1.5").await.expect("adopts");
    assert!(networks(&house).elsewhere.is_empty());
    let lab = vpc(&house, "eth9");
    assert_eq!((&lab.vpc.id, lab.vswitches[0].addresses.len()), (&adopted, 1));

    control.link_vpc(&who, &id, 1, &link(&lab, &["local-a"])).await.expect("links");
    let detail = || control.gateway(&who, &id).expect("is there").vpcs;
    assert_eq!(detail()[0].status, LinkStatus::Creating);
    assert!(detail()[0].whitelist.matching([10, 9, 9, 9].into()).is_some(), "starts as everyone");
    engine.load().await;
    let listeners = |has: &Snapshot| {
        let private = has.resources().filter_map(|resource| match resource {
            Resource::Listener(listener) if listener.vpc.is_some() => Some(listener.clone()),
            _ => None,
        });
        private.collect::<Vec<_>>()
    };
    let opened = listeners(&engine.has);
    assert_eq!(opened.len(), 2);
    assert!(opened.iter().all(|each| each.devices == ["eth9"] && each.gateway.as_ref() == Some(&id)));
    let reports = |open: bool| {
        let report = |address| DoorReport { address, device: Some("eth9".into()), open, error: None };
        EngineUp::Doors(opened.iter().map(|each| report(each.address)).collect())
    };
    engine.say(reports(true)).await;
    until("running", || detail()[0].status == LinkStatus::Running).await;

    // Names are asked for at the same address. A DNS door that cannot open takes nothing from requests, but is said.
    assert!(detail()[0].dns.is_empty());
    let dns = LinkDraft { authoritative_dns: true, ..link(&lab, &["local-a"]) };
    control.edit_vpc_link(&who, &id, 2, &dns).await.expect("edits");
    engine.load().await;
    let asked: SocketAddr = "10.1.1.5:8053".parse().expect("an address");
    assert_eq!(detail()[0].dns, [asked]);
    assert_eq!(detail()[0].status, LinkStatus::Running);
    let closed = DoorReport { address: asked, device: Some("eth9".into()), open: false, error: Some("taken".into()) };
    let EngineUp::Doors(mut doors) = reports(true) else { panic!("doors") };
    doors.push(closed);
    engine.say(EngineUp::Doors(doors)).await;
    until("degraded", || detail()[0].status == LinkStatus::Degraded).await;
    let why = detail()[0].conditions.iter().find(|each| each.reason == Reason::BindFailed).cloned();
    assert_eq!(why.and_then(|why| why.detail), Some("10.1.1.5:8053: taken".into()));
    engine.say(reports(true)).await;
    until("running", || detail()[0].status == LinkStatus::Running).await;

    // One address for two gateways: it belongs to neither alone.
    control.link_vpc(&who, &other, 1, &link(&lab, &["local-a"])).await.expect("links");
    engine.load().await;
    assert!(listeners(&engine.has).iter().all(|each| each.gateway.is_none()));
    control.unlink_vpc(&who, &other, 2, &adopted).await.expect("unlinks");
    engine.load().await;

    // The address vanishes from its interface, and comes back. The listener waits for it.
    engine.say(EngineUp::Addresses(loopback())).await;
    until("failed", || detail()[0].status == LinkStatus::Failed).await;
    let why = detail()[0].conditions.iter().find(|each| each.reason == Reason::AddressGone).cloned();
    assert_eq!(why.and_then(|why| why.detail), Some("10.1.1.5".into()));
    engine.say(EngineUp::Addresses(host)).await;
    until("running again", || detail()[0].status == LinkStatus::Running).await;
    assert_eq!(control.snapshot().hash(), engine.has.hash(), "the engine was told nothing meanwhile");

    // Whitelist and vSwitches of this VPC only.
    let vpc_id: VpcId = adopted.clone();
    control.add_to_whitelist(&who, &id, 3, Some(&vpc_id), ("10.1.1.0/24", "")).await.expect("adds");
    control.remove_from_whitelist(&who, &id, 4, Some(&vpc_id), "0.0.0.0/0").await.expect("removes");
    assert_eq!(detail()[0].whitelist.entries().len(), 1);
    assert!(control.gateway(&who, &id).expect("is there").internet.whitelist.is_empty());
    control.unlink_vpc(&who, &id, 5, &vpc_id).await.expect("unlinks");
    assert!(detail().is_empty());
    let gone = control.unlink_vpc(&who, &id, 6, &vpc_id).await;
    assert!(matches!(gone, Err(ControlError::NotFound { what: Missing::VpcLink })), "{gone:?}");
}
