//! ALB gateways: one VPC for all of it, an instance while there is an access, its status and what it consumes.

mod house;

use control::{Control, ControlError, hub};
use domain::alb::{Access, PublicDraft};
use domain::error::Invalid;
use domain::gateway::AlbDraft;
use domain::id::{AlbId, GatewayId, VpcId};
use domain::network::{LinkDraft, VSwitchDraft, VpcDraft};
use domain::role::Role;
use domain::snapshot::{Capacity, Resource, ResourceKey, Snapshot};
use domain::status::{AlbStatus, GatewayStatus, LinkStatus, Reason};
use domain::view::{AlbView, GatewayDetail, GatewayQuery};
use house::{Engine, House, house, loopback, until};
use identity::Principal;
use link::message::{DoorReport, EngineUp};
use link::telemetry::{Counters, GatewayCounters, GatewayUsage, Telemetry};
use std::net::SocketAddr;

fn code(result: Result<impl Sized, ControlError>, field: &str) -> String {
    match result.err() {
        Some(ControlError::Invalid(errors)) => errors.get(field).map(Invalid::code).unwrap_or_default(),
        other => panic!("{other:?}"),
    }
}

/// Of these zones of the VPC that a new installation has.
fn zones(house: &House, name: &str, zones: &[&str]) -> (String, Vec<String>) {
    let networks = house.control.networks(&house.principal).expect("lists");
    let vpc = networks.vpcs.into_iter().find(|each| each.vpc.name == name).expect("is there");
    let chosen = vpc.vswitches.iter().filter(|each| zones.contains(&each.vswitch.zone.as_str()));
    (vpc.vpc.id.to_string(), chosen.map(|each| each.vswitch.id.to_string()).collect())
}

fn link(house: &House, vpc: &str, of: &[&str]) -> LinkDraft {
    let (vpc, vswitches) = zones(house, vpc, of);
    LinkDraft { vpc, vswitches, authoritative_dns: false }
}

fn public(house: &House, vpc: &str, of: &[&str], blocks: &str) -> PublicDraft {
    let (vpc, vswitches) = zones(house, vpc, of);
    PublicDraft { vpc, vswitches, blocks: blocks.into() }
}

async fn alb(house: &House) -> GatewayId {
    house.control.grant_alb_role(&house.principal).await.expect("grants");
    let draft = AlbDraft { name: "edge".into() };
    house.control.create_alb_gateway(&house.principal, &draft).await.expect("creates")
}

/// A second VPC, in which something could be as well.
async fn other_vpc(house: &House) -> VpcId {
    let (control, who) = (&house.control, &house.principal);
    let draft = VpcDraft { name: "other".into(), blocks: "127.99.0.0/16".into() };
    let id = control.add_vpc(who, &draft, "").await.expect("adds");
    let subnet = VSwitchDraft { name: "o".into(), zone: "local-a".into(), block: "127.99.1.0/24".into() };
    control.add_vswitch(who, &id, &subnet).await.expect("adds");
    id
}

/// An engine on the host's loopback, and all that it needs to talk.
async fn engine(house: &House) -> Engine {
    let (control, socket) = (house.control.clone(), house.folder.path().join("link.sock"));
    tokio::spawn(async move { hub::serve(control, &socket, std::future::pending()).await });
    let mut engine = Engine::on(house, Snapshot::default(), loopback()).await;
    engine.load().await;
    let control = house.control.clone();
    let is_known = || control.observed().engines.values().any(|engine| !engine.addresses.is_empty());
    until("the engine", is_known).await;
    engine
}

fn detail(house: &House, id: &GatewayId) -> GatewayDetail {
    house.control.gateway(&house.principal, id).expect("is there")
}

fn view(house: &House, id: &GatewayId) -> AlbView {
    detail(house, id).alb.expect("has an instance")
}

fn capacity(control: &Control, id: &GatewayId) -> Capacity {
    match control.snapshot().get(&ResourceKey::Gateway(id.clone())).map(AsRef::as_ref) {
        Some(Resource::Gateway(config)) => config.capacity,
        other => panic!("{other:?}"),
    }
}

fn doors(open: &[SocketAddr], closed: Option<SocketAddr>) -> EngineUp {
    let report = |(address, error): (SocketAddr, Option<&str>)| DoorReport {
        address,
        device: None,
        open: error.is_none(),
        error: error.map(str::to_owned),
    };
    let open = open.iter().filter(|address| Some(**address) != closed).map(|address| (*address, None));
    EngineUp::Doors(open.chain(closed.map(|address| (address, Some("taken")))).map(report).collect())
}

#[tokio::test]
async fn an_instance_comes_with_the_first_access_and_goes_with_the_last() {
    let house = house().await;
    let (control, who) = (&house.control, &house.principal);
    let id = alb(&house).await;
    let _engine = engine(&house).await;
    assert!(detail(&house, &id).alb.is_none(), "a logical object");
    assert_eq!(capacity(control, &id), Capacity::default());
    assert!(matches!(control.set_portal(who, &id, 1, true).await, Err(ControlError::NotForAlb)));

    control.link_vpc(who, &id, 1, &link(&house, "loopback", &["local-a", "local-b"])).await.expect("links");
    let first = view(&house, &id);
    assert!(first.id.as_str().starts_with("alb-"), "{}", first.id);
    let of_it = |view: &AlbView| view.zones.iter().map(|zone| zone.vswitch.zone.clone()).collect::<Vec<_>>();
    assert_eq!(of_it(&first), ["local-a", "local-b"]);
    assert!(first.zones.iter().all(|zone| zone.address.is_some() && !zone.public));
    let scales = capacity(control, &id);
    assert_eq!((scales.workers, scales.most_workers, scales.connections), (1, Some(16), None));

    // Both share it; who may enter was narrowed before anybody could.
    let narrowed = public(&house, "loopback", &["local-b", "local-c"], "192.0.2.0/24, 198.51.100.7");
    control.enable_alb_public(who, &id, 2, &narrowed).await.expect("enables");
    let both = detail(&house, &id);
    assert_eq!(both.internet.whitelist.entries().len(), 2);
    assert!(both.internet.whitelist.matching([203, 0, 113, 1].into()).is_none());
    let shared = both.alb.expect("is there");
    assert_eq!((&shared.id, of_it(&shared).len()), (&first.id, 3));
    assert_eq!(shared.zones.iter().map(|zone| zone.public).collect::<Vec<_>>(), [false, true, true]);
    let accesses: Vec<_> = shared.listeners.iter().map(|listener| listener.access).collect();
    assert_eq!(accesses.iter().filter(|access| **access == Access::Internet).count(), 3, "own port, HTTPS, HTTP");
    assert_eq!(accesses.len(), 3 + 2 * 2);

    // What public access is put into cannot be taken away under it.
    let (vpc, vswitches) = zones(&house, "loopback", &["local-c"]);
    let held = control.delete_vswitch(who, &vswitches[0].parse().expect("id"), 1).await;
    assert!(matches!(&held, Err(ControlError::NetworkInUse { names }) if names == &["edge"]), "{held:?}");

    let vpc = vpc.parse().expect("id");
    control.unlink_vpc(who, &id, 3, &vpc).await.expect("unlinks");
    assert_eq!(view(&house, &id).id, first.id, "one access is left");
    let held = control.delete_vpc(who, &vpc, 1).await;
    assert!(matches!(held, Err(ControlError::NetworkInUse { .. })), "{held:?}");
    control.set_portal(who, &id, 4, false).await.expect("disables");
    assert!(detail(&house, &id).alb.is_none(), "released");
    assert_eq!(capacity(control, &id), Capacity::default());
    let audit = control.store().audit(&who.workspace_id, None, 20).await.expect("reads");
    let of_alb: Vec<_> = audit.iter().filter(|row| row.object_kind == "alb").collect();
    assert_eq!(of_alb.iter().map(|row| row.action.as_str()).collect::<Vec<_>>(), ["alb.release", "alb.provision"]);
    assert!(of_alb.iter().all(|row| row.object_id == first.id.as_str()));

    // Everyone, unless somebody says otherwise; another instance, never the one before.
    control.enable_alb_public(who, &id, 5, &public(&house, "loopback", &["local-a"], "0.0.0.0/0")).await.expect("does");
    assert_ne!(view(&house, &id).id, first.id);
    assert!(detail(&house, &id).internet.whitelist.matching([203, 0, 113, 1].into()).is_some());
    let second: AlbId = view(&house, &id).id;
    control.delete_gateway(who, &id, 6, "edge").await.expect("deletes");
    let newest = &control.store().audit(&who.workspace_id, None, 2).await.expect("reads");
    assert_eq!((newest[1].action.as_str(), newest[1].object_id.as_str()), ("alb.release", second.as_str()));
}

#[tokio::test]
async fn everything_is_in_one_vpc_and_what_is_refused_changes_nothing() {
    let house = house().await;
    let (control, who) = (&house.control, &house.principal);
    let id = alb(&house).await;
    let _engine = engine(&house).await;
    let other = other_vpc(&house).await;
    let choices = |access| {
        let all = control.alb_choices(who, &id, access).expect("lists");
        let of = |choice: domain::view::AlbChoice| (choice.vpc.vpc.name, choice.why_not.map(|why| why.code()));
        all.into_iter().map(of).collect::<Vec<_>>()
    };
    let (free, why) = (|name: &str| (name.to_owned(), None), |name: &str, why: &str| (name.into(), Some(why.into())));
    assert_eq!(choices(Access::Vpc), [free("loopback"), free("other")]);

    control.enable_alb_public(who, &id, 1, &public(&house, "loopback", &["local-a"], "0.0.0.0/0")).await.expect("does");
    assert_eq!(choices(Access::Vpc), [free("loopback"), why("other", "alb_other_vpc")]);
    assert_eq!(choices(Access::Internet), [why("loopback", "alb_one_vpc"), why("other", "alb_one_vpc")]);
    let refused = control.link_vpc(who, &id, 2, &link(&house, "other", &["local-a"])).await;
    assert_eq!(code(refused, "vpc"), "alb_other_vpc");
    let refused = control.enable_alb_public(who, &id, 2, &public(&house, "loopback", &["local-b"], "10.0.0.1")).await;
    assert_eq!(code(refused, "vpc"), "alb_one_vpc");
    control.link_vpc(who, &id, 2, &link(&house, "loopback", &["local-b"])).await.expect("links");
    let refused = control.link_vpc(who, &id, 3, &link(&house, "other", &["local-a"])).await;
    assert_eq!(code(refused, "vpc"), "alb_one_vpc");
    control.set_portal(who, &id, 3, false).await.expect("disables");
    let refused = control.enable_alb_public(who, &id, 4, &public(&house, "other", &["local-a"], "10.0.0.1")).await;
    assert_eq!(code(refused, "vpc"), "alb_other_vpc");

    // Several things at once, and a list that nobody filled in.
    let nothing = PublicDraft { vswitches: Vec::new(), ..public(&house, "loopback", &[], "") };
    let refused = control.enable_alb_public(who, &id, 4, &nothing).await;
    let Err(ControlError::Invalid(errors)) = refused else { panic!("{refused:?}") };
    assert!(errors.get("vswitches").is_some() && errors.get("blocks").is_some(), "{errors:?}");
    let two = VSwitchDraft { name: "two".into(), zone: "local-a".into(), block: "127.88.9.0/24".into() };
    let vpc = zones(&house, "loopback", &[]).0.parse().expect("id");
    control.add_vswitch(who, &vpc, &two).await.expect("adds");
    let refused = control.enable_alb_public(who, &id, 4, &public(&house, "loopback", &["local-a"], "10.0.0.1")).await;
    assert_eq!(code(refused, "vswitches"), "one_vswitch_per_zone");
    let viewer = Principal { role: Role::Viewer, ..who.clone() };
    let draft = public(&house, "loopback", &["local-b"], "10.0.0.1");
    let refused = control.enable_alb_public(&viewer, &id, 4, &draft).await;
    assert!(matches!(refused, Err(ControlError::Forbidden { .. })), "{refused:?}");
    let stale = control.enable_alb_public(who, &id, 3, &draft).await;
    assert!(matches!(stale, Err(ControlError::Conflict { current: 4 })), "{stale:?}");
    let managed = house.gateway("managed").await;
    assert!(matches!(control.enable_alb_public(who, &managed, 1, &draft).await, Err(ControlError::OnlyForAlb)));
    assert!(matches!(control.alb_choices(who, &managed, Access::Vpc), Err(ControlError::OnlyForAlb)));
    // Another kind of gateway may be in several.
    control.link_vpc(who, &managed, 1, &link(&house, "loopback", &["local-b"])).await.expect("links");
    control.link_vpc(who, &managed, 2, &link(&house, "other", &["local-a"])).await.expect("links");
    assert_eq!((house.revision(&id), other), (4, zones(&house, "other", &[]).0.parse().expect("id")));
}

#[tokio::test]
async fn nothing_is_provisioned_without_the_role() {
    let house = house().await;
    let (control, who) = (&house.control, &house.principal);
    let id = alb(&house).await;
    let _engine = engine(&house).await;
    control.revoke_alb_role(who).await.expect("revokes");
    let named = |refused: Result<(), ControlError>| match refused {
        Err(error @ ControlError::RoleNotGranted { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    };
    let said = named(control.link_vpc(who, &id, 1, &link(&house, "loopback", &["local-a"])).await);
    assert!(said.contains("InferenceGatewayServiceRoleForAlb"), "{said}");
    named(control.enable_alb_public(who, &id, 1, &public(&house, "loopback", &["local-a"], "0.0.0.0/0")).await);
    assert!(detail(&house, &id).alb.is_none() && house.revision(&id) == 1);
    control.grant_alb_role(who).await.expect("grants");
    control.link_vpc(who, &id, 1, &link(&house, "loopback", &["local-a"])).await.expect("links");
}

#[tokio::test]
async fn its_status_is_observed() {
    let house = house().await;
    let (control, who) = (&house.control, &house.principal);
    let id = alb(&house).await;
    let mut engine = engine(&house).await;
    control.link_vpc(who, &id, 1, &link(&house, "loopback", &["local-a"])).await.expect("links");
    control.enable_alb_public(who, &id, 2, &public(&house, "loopback", &["local-a"], "0.0.0.0/0")).await.expect("does");
    let status = || view(&house, &id).status;
    let word = || detail(&house, &id).summary.status;
    assert_eq!(status(), AlbStatus::Provisioning);
    let listeners: Vec<SocketAddr> = view(&house, &id).listeners.iter().map(|listener| listener.address).collect();
    // Doors that are open say nothing while the engine has not heard of the accesses.
    engine.say(doors(&listeners, None)).await;
    let all = |status| view(&house, &id).listeners.iter().all(|listener| listener.status == status);
    until("open", || all(LinkStatus::Running)).await;
    assert_eq!(status(), AlbStatus::Provisioning);
    engine.load().await;
    if engine.has.hash() != control.snapshot().hash() {
        engine.load().await;
    }
    until("active", || status() == AlbStatus::Active).await;
    assert!(view(&house, &id).conditions.is_empty());

    // An edit on its way takes nothing from it.
    control.add_to_whitelist(who, &id, 3, None, ("192.0.2.7", "")).await.expect("adds");
    assert_eq!((status(), word()), (AlbStatus::Active, GatewayStatus::Running));
    engine.load().await;

    let private = *listeners.iter().find(|address| address.ip().to_string() != "127.0.0.1").expect("one in the VPC");
    engine.say(doors(&listeners, Some(private))).await;
    until("degraded", || status() == AlbStatus::Degraded).await;
    let why = view(&house, &id).conditions.into_iter().find(|why| why.reason == Reason::BindFailed);
    assert_eq!(why.and_then(|why| why.detail), Some(format!("{private}: taken")));
    let listed = control.list_gateways(who, &GatewayQuery::default()).expect("lists").items;
    assert_eq!((word(), listed[0].status), (GatewayStatus::Degraded, GatewayStatus::Degraded));
    assert!(detail(&house, &id).conditions.iter().any(|why| why.reason == Reason::BindFailed), "the overview says why");
    engine.say(doors(&listeners, None)).await;
    until("active again", || status() == AlbStatus::Active).await;

    engine.say(EngineUp::Addresses(Vec::new())).await;
    until("no address", || status() == AlbStatus::Degraded).await;
    assert!(view(&house, &id).conditions.iter().any(|why| why.reason == Reason::AddressGone));
    drop(engine);
    until("nobody answers", || status() == AlbStatus::Unknown).await;
}

/// What an engine measured so many seconds after its start, with as many of everything as it says.
fn measured(second: u64, id: &GatewayId, each_second: u64, workers: u16) -> EngineUp {
    let total = second * each_second;
    EngineUp::Telemetry(Telemetry {
        sequence: second,
        usage_at_us: second * 1_000_000,
        usage: vec![GatewayUsage { gateway_id: id.clone(), workers, cpu_us: second * 300_000, connections: 600 }],
        gateways: vec![GatewayCounters {
            gateway_id: id.clone(),
            sides: Vec::new(),
            cpu_us: 0,
            counters: Counters {
                requests: total,
                status_2xx: total - second,
                status_5xx: second,
                bytes_in: total,
                bytes_out: total,
                connections: second * 50,
                ..Counters::default()
            },
        }],
        ..Telemetry::default()
    })
}

#[tokio::test]
async fn what_it_consumes_is_counted() {
    let house = house().await;
    let (control, who) = (&house.control, &house.principal);
    let id = alb(&house).await;
    assert_eq!(control.alb_units(&id), None, "no instance");
    let mut engine = engine(&house).await;
    control.link_vpc(who, &id, 1, &link(&house, "loopback", &["local-a"])).await.expect("links");
    engine.load().await;
    assert_eq!(control.alb_units(&id), Some(0), "nobody has come yet");
    assert!(view(&house, &id).load.is_none());
    for second in 1..=30 {
        engine.say(measured(second, &id, 500, 2)).await;
    }
    until("half a minute", || view(&house, &id).load.is_some_and(|load| load.seconds == 29)).await;
    let AlbView { load: Some(load), scaling, .. } = view(&house, &id) else { panic!("measured") };
    assert_eq!((load.requests, load.bytes, load.connections, load.success), (500_000, 1_000, 600, Some(998)));
    let units = load.units;
    assert_eq!((units.new_connections, units.connections, units.bytes, units.requests), (2_000, 200, 4, 500));
    assert_eq!((scaling.workers, scaling.least, scaling.most, scaling.cpu_percent), (2, 1, 16, Some(15)));
    assert_eq!(control.alb_units(&id), None, "the first minute is not over");
    for second in 31..=90 {
        engine.say(measured(second, &id, 500, 2)).await;
    }
    until("a full minute", || control.alb_units(&id) == Some(2_000)).await;
    assert_eq!(control.alb_unit_shares(&id).map(|shares| shares.requests), Some(500));
    drop(engine);
    until("nobody knows", || control.alb_units(&id).is_none()).await;
}
