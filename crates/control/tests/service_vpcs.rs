//! The VPC of a service: which ALB gateways may serve it, and what it stands in the way of.

mod house;

use control::{Control, ControlError, hub};
use domain::account::AccountDraft;
use domain::alb::{Access, PublicDraft};
use domain::error::Invalid;
use domain::gateway::AlbDraft;
use domain::id::{GatewayId, ServiceId, VpcId};
use domain::network::{LinkDraft, VSwitchDraft, VpcDraft};
use domain::service::ServiceDraft;
use domain::snapshot::Snapshot;
use house::{Engine, House, house, loopback, until};

fn code(result: Result<impl Sized, ControlError>, field: &str) -> String {
    match result.err() {
        Some(ControlError::Invalid(errors)) => errors.get(field).map(Invalid::code).unwrap_or_default(),
        other => panic!("{other:?}"),
    }
}

fn service(name: &str, gateway: &GatewayId, vpc: Option<&VpcId>) -> ServiceDraft {
    ServiceDraft {
        name: name.into(),
        command: "model".into(),
        replicas: "1".into(),
        gateway: gateway.to_string(),
        vpc: vpc.map(VpcId::to_string).unwrap_or_default(),
        ..ServiceDraft::default()
    }
}

/// With a vSwitch in the first zone.
async fn vpc(house: &House, name: &str, net: u8, account: &str) -> VpcId {
    let draft = VpcDraft { name: name.into(), blocks: format!("127.{net}.0.0/16") };
    let id = house.control.add_vpc(&house.principal, &draft, account).await.expect("adds");
    let subnet = VSwitchDraft { name: "a".into(), zone: "local-a".into(), block: format!("127.{net}.1.0/24") };
    house.control.add_vswitch(&house.principal, &id, &subnet).await.expect("adds");
    id
}

fn vswitches(house: &House, vpc: &VpcId) -> Vec<String> {
    let all = house.control.networks(&house.principal).expect("lists").vpcs;
    let found = all.into_iter().find(|each| each.vpc.id == *vpc).expect("is there");
    found.vswitches.iter().map(|each| each.vswitch.id.to_string()).take(1).collect()
}

fn link(house: &House, vpc: &VpcId) -> LinkDraft {
    LinkDraft { vpc: vpc.to_string(), vswitches: vswitches(house, vpc), authoritative_dns: false }
}

fn public(house: &House, vpc: &VpcId) -> PublicDraft {
    PublicDraft { vpc: vpc.to_string(), vswitches: vswitches(house, vpc), blocks: "0.0.0.0/0".into() }
}

/// The VPC that the service's page names.
fn shown(house: &House, id: &ServiceId) -> Option<VpcId> {
    house.control.service(&house.principal, id).expect("is there").vpc.map(|vpc| vpc.id)
}

async fn alb(control: &Control, house: &House) -> GatewayId {
    control.grant_alb_role(&house.principal).await.expect("grants");
    control.create_alb_gateway(&house.principal, &AlbDraft { name: "edge".into() }).await.expect("creates")
}

async fn engine(house: &House) -> Engine {
    let (control, socket) = (house.control.clone(), house.folder.path().join("link.sock"));
    tokio::spawn(async move { hub::serve(control, &socket, std::future::pending()).await });
    let mut engine = Engine::on(house, Snapshot::default(), loopback()).await;
    engine.load().await;
    let control = house.control.clone();
    until("the engine", || control.observed().engines.values().any(|engine| !engine.addresses.is_empty())).await;
    engine
}

#[tokio::test]
async fn an_alb_gateway_serves_services_of_its_own_vpc_only() {
    let house = house().await;
    let (control, who) = (&house.control, &house.principal);
    let _engine = engine(&house).await;
    let (one, two) = (vpc(&house, "one", 98, "").await, vpc(&house, "two", 99, "").await);
    let edge = alb(control, &house).await;

    // It has no access yet, so a service may be in any VPC; the accesses then follow the service.
    let first = control.deploy_service(who, &service("first", &edge, Some(&one))).await.expect("deploys");
    assert_eq!(shown(&house, &first), Some(one.clone()));
    for access in [Access::Vpc, Access::Internet] {
        let choices = control.alb_choices(who, &edge, access).expect("lists");
        let of = |id: &VpcId| choices.iter().find(|each| each.vpc.vpc.id == *id).expect("is there").why_not.clone();
        let stands = Invalid::AlbServiceVpc { service: "first".into(), vpc: "one".into() };
        assert_eq!((of(&one), of(&two)), (None, Some(stands)));
    }
    assert_eq!(code(control.link_vpc(who, &edge, 1, &link(&house, &two)).await, "vpc"), "alb_service_vpc");
    assert_eq!(code(control.enable_alb_public(who, &edge, 1, &public(&house, &two)).await, "vpc"), "alb_service_vpc");
    control.enable_alb_public(who, &edge, 1, &public(&house, &one)).await.expect("enables");

    // And now services follow the accesses.
    let choices = control.deploy_choices(who).expect("lists");
    let of_edge = choices.gateways.iter().find(|each| each.id == edge).expect("is there");
    assert_eq!(of_edge.vpc.as_ref().map(|vpc| &vpc.id), Some(&one));
    let why = Invalid::ServiceVpc { vpc: "one".into() };
    assert!(of_edge.refused.contains(&(two.clone(), why.clone())), "{of_edge:?}");
    assert!(of_edge.refused.iter().all(|(vpc, _)| *vpc != one) && choices.vpcs.iter().any(|vpc| vpc.id == two));
    let refused = control.deploy_service(who, &service("second", &edge, Some(&two))).await;
    let Err(ControlError::Invalid(errors)) = refused else { panic!("{refused:?}") };
    assert_eq!(errors.get("vpc"), Some(&why));
    let second = control.deploy_service(who, &service("second", &edge, None)).await.expect("deploys");
    assert_eq!(shown(&house, &second), Some(one.clone()), "the gateway's, where none was chosen");
    control.set_portal(who, &edge, 2, false).await.expect("disables");
    assert_eq!(code(control.link_vpc(who, &edge, 3, &link(&house, &two)).await, "vpc"), "alb_service_vpc");
    control.delete_service(who, &first, 1, "first").await.expect("deletes");
    let held = control.link_vpc(who, &edge, 3, &link(&house, &two)).await;
    assert_eq!(code(held, "vpc"), "alb_service_vpc", "the second is there");
    control.delete_service(who, &second, 1, "second").await.expect("deletes");
    control.link_vpc(who, &edge, 3, &link(&house, &two)).await.expect("nothing stands in the way any more");
}

#[tokio::test]
async fn other_gateways_serve_all_and_a_service_keeps_its_vpc() {
    let house = house().await;
    let (control, who) = (&house.control, &house.principal);
    let gateway = house.gateway("managed").await;
    let (one, edge) = (vpc(&house, "one", 98, "").await, alb(control, &house).await);
    let inside = control.deploy_service(who, &service("inside", &gateway, Some(&one))).await.expect("deploys");
    let nowhere = control.deploy_service(who, &service("nowhere", &gateway, None)).await.expect("deploys");
    assert_eq!((shown(&house, &inside), shown(&house, &nowhere)), (Some(one.clone()), None));
    // An ALB gateway without an access is in no VPC that a service could take.
    let free = control.deploy_service(who, &service("free", &edge, None)).await.expect("deploys");
    assert_eq!(shown(&house, &free), None);

    // Whoever scales or stops it moves it nowhere.
    control.scale_service(who, &inside, 1, "3").await.expect("scales");
    control.set_running(who, &inside, 2, false).await.expect("stops");
    assert_eq!(shown(&house, &inside), Some(one.clone()));
    let stored = control.store().service(&inside).await.expect("reads").expect("is there");
    assert_eq!((stored.revision, stored.vpc_id), (3, Some(one.clone())));

    let held = control.delete_vpc(who, &one, 1).await;
    assert!(matches!(&held, Err(ControlError::VpcHasServices { names }) if names == &["inside"]), "{held:?}");
    control.delete_service(who, &inside, 3, "inside").await.expect("deletes");
    control.delete_vpc(who, &one, 1).await.expect("deletes");
    let gone = control.deploy_service(who, &service("late", &gateway, Some(&one))).await;
    assert_eq!(code(gone, "vpc"), "choice");
}

#[tokio::test]
async fn another_accounts_vpc_is_refused() {
    let house = house().await;
    let (control, who) = (&house.control, &house.principal);
    let gateway = house.gateway("managed").await;
    let edge = alb(control, &house).await;
    let other = control.create_account(who, &AccountDraft { name: "research".into() }).await.expect("makes");
    let theirs = vpc(&house, "theirs", 98, other.as_str()).await;
    let seen = |id: &VpcId| control.deploy_choices(who).expect("lists").vpcs.iter().any(|vpc| vpc.id == *id);
    for to in [&gateway, &edge] {
        assert_eq!(code(control.deploy_service(who, &service("s", to, Some(&theirs))).await, "vpc"), "choice");
    }
    assert!(!seen(&theirs), "it is not offered either");
    for nonsense in ["x", "vpc-", "' OR 1=1 --", "vpc-zzzzzzzzzzzzzzzzzzzz"] {
        let draft = ServiceDraft { vpc: nonsense.into(), ..service("s", &gateway, None) };
        assert_eq!(code(control.deploy_service(who, &draft).await, "vpc"), "choice", "{nonsense}");
    }

    // Granted, it is as good as one's own, but not for an ALB gateway: that could never be in it.
    control.grant_vpc(who, &theirs, who.account_id.as_str()).await.expect("grants");
    assert!(seen(&theirs));
    assert_eq!(
        code(control.deploy_service(who, &service("s", &edge, Some(&theirs))).await, "vpc"),
        "alb_other_account"
    );
    let id = control.deploy_service(who, &service("s", &gateway, Some(&theirs))).await.expect("deploys");
    assert_eq!(shown(&house, &id), Some(theirs));
}
