//! Accounts: who operates the installation, and what one account lets another use.

mod house;

use control::{Control, ControlError, Missing, hub};
use domain::account::AccountDraft;
use domain::arrival::ArrivalDraft;
use domain::gateway::SettingsDraft;
use domain::id::{AccountId, RANDOM_LEN, SessionId, UserId, VpcId};
use domain::name::UserName;
use domain::network::{HostAddress, LinkDraft, VSwitchDraft, VpcDraft};
use domain::role::Role;
use domain::service::form::{Form, Typed};
use domain::snapshot::{Resource, Snapshot};
use domain::status::{LinkStatus, Reason};
use domain::traffic::TrafficDraft;
use domain::view::VpcView;
use house::{Engine, House, draft, house};
use identity::Principal;

/// An administrator of a new account.
async fn another(house: &House, name: &str) -> Principal {
    let control = &house.control;
    let account = control.create_account(&house.principal, &AccountDraft { name: name.into() }).await.expect("makes");
    let workspace = control.store().workspace_of(&account).await.expect("reads").expect("has one");
    Principal {
        user_id: UserId::from_random([2; RANDOM_LEN]),
        name: UserName::parse("grace").expect("valid"),
        role: Role::Administrator,
        account_id: account,
        workspace_id: workspace.id,
        session_id: SessionId::from_random([2; RANDOM_LEN]),
    }
}

fn code(result: Result<impl Sized, ControlError>, field: &str) -> String {
    match result.err() {
        Some(ControlError::Invalid(errors)) => errors.get(field).map(domain::error::Invalid::code).unwrap_or_default(),
        other => panic!("{other:?}"),
    }
}

fn vpcs(control: &Control, who: &Principal) -> Vec<VpcView> {
    control.networks(who).expect("lists").vpcs
}

fn link(vpc: &VpcView) -> LinkDraft {
    let vswitches = vpc.vswitches.iter().take(1).map(|each| each.vswitch.id.to_string()).collect();
    LinkDraft { vpc: vpc.vpc.id.to_string(), vswitches, authoritative_dns: false }
}

fn serve(house: &House) {
    let (control, socket) = (house.control.clone(), house.folder.path().join("link.sock"));
    tokio::spawn(async move { hub::serve(control, &socket, std::future::pending()).await });
}

#[tokio::test]
async fn only_the_operator_has_to_do_with_accounts_and_networks() {
    let house = house().await;
    let (control, operator) = (&house.control, &house.principal);
    let other = another(&house, "research").await;
    let again = control.create_account(operator, &AccountDraft { name: "Research".into() }).await;
    assert_eq!(code(again, "name"), "name_taken");
    let names: Vec<String> =
        control.accounts(operator).await.expect("lists").into_iter().map(|each| each.account.name).collect();
    assert_eq!(names, ["default", "research"]);

    let made = control.create_account(&other, &AccountDraft { name: "mine".into() }).await;
    assert!(matches!(made, Err(ControlError::OperatorOnly)), "{made:?}");
    assert!(matches!(control.accounts(&other).await, Err(ControlError::OperatorOnly)));
    let invited = control.invite_to_account(&other, &operator.account_id, Role::Administrator).await;
    assert!(matches!(invited, Err(ControlError::OperatorOnly)), "nobody invites himself to the operator's");
    let vpc = VpcDraft { name: "x".into(), blocks: "10.0.0.0/8".into() };
    assert!(matches!(control.add_vpc(&other, &vpc, "").await, Err(ControlError::OperatorOnly)));
    assert!(matches!(control.support_zone(&other, "local-a", false).await, Err(ControlError::OperatorOnly)));
    assert!(vpcs(control, &other).is_empty(), "another account's VPC is not there");

    // A link for somebody of that account makes a user of that account.
    let viewer = Principal { role: Role::Viewer, ..operator.clone() };
    assert!(control.invite_to_account(&viewer, &other.account_id, Role::Viewer).await.is_err());
    let nobody = AccountId::from_random([7; RANDOM_LEN]);
    let missing = control.invite_to_account(operator, &nobody, Role::Viewer).await;
    assert!(matches!(missing, Err(ControlError::NotFound { what: Missing::Account })));
    // Who invites is a user.
    let user = store::UserRow {
        id: operator.user_id.clone(),
        account_id: operator.account_id.clone(),
        workspace_id: operator.workspace_id.clone(),
        name: operator.name.clone(),
        password_hash: String::new(),
        role: operator.role,
        revision: 1,
        created_at: control.now(),
    };
    let mut tx = control.store().begin().await.expect("begins");
    tx.insert_user(&user).await.expect("writes");
    tx.commit().await.expect("commits");
    let link = control.invite_to_account(operator, &other.account_id, Role::Administrator).await.expect("invites");
    let invitation = identity::invitation_of(control.store(), &link.token, control.now()).await.expect("reads");
    assert_eq!(invitation.map(|row| row.workspace_id), Some(other.workspace_id.clone()));

    // A VPC of that account, declared by the operator: seen by both, changed by the operator.
    let id = control.add_vpc(operator, &vpc, other.account_id.as_str()).await.expect("adds");
    assert_eq!(vpcs(control, &other).iter().map(|each| &each.vpc.id).collect::<Vec<_>>(), [&id]);
    assert!(matches!(control.delete_vpc(&other, &id, 1).await, Err(ControlError::OperatorOnly)));
    control.delete_vpc(operator, &id, 1).await.expect("deletes");
}

#[tokio::test]
async fn a_grant_and_its_end() {
    let house = house().await;
    let (control, owner) = (&house.control, &house.principal);
    let other = another(&house, "research").await;
    serve(&house);
    let mut engine = Engine::connect(&house, Snapshot::default()).await;
    engine.load().await;
    let id = control.buy_managed_gateway(&other, &draft("theirs")).await.expect("buys");
    engine.load().await;
    let lo = vpcs(control, owner).remove(0);
    let vpc: VpcId = lo.vpc.id.clone();
    assert_eq!(code(control.link_vpc(&other, &id, 1, &link(&lo)).await, "vpc"), "choice");

    // Granting is the owner's; who it is granted to cannot grant it on.
    let to = other.account_id.to_string();
    assert!(matches!(control.grant_vpc(&other, &vpc, &to).await, Err(ControlError::NotFound { what: Missing::Vpc })));
    assert_eq!(code(control.grant_vpc(owner, &vpc, "research").await, "account"), "id");
    assert_eq!(code(control.grant_vpc(owner, &vpc, owner.account_id.as_str()).await, "account"), "own_account");
    let nobody = AccountId::from_random([7; RANDOM_LEN]);
    assert_eq!(code(control.grant_vpc(owner, &vpc, nobody.as_str()).await, "account"), "no_such_account");
    control.grant_vpc(owner, &vpc, &to).await.expect("grants");
    assert_eq!(vpcs(control, owner)[0].granted.len(), 1);
    let seen = vpcs(control, &other).remove(0);
    assert!(seen.is_foreign && seen.granted.is_empty() && seen.owner == "default", "{seen:?}");

    control.link_vpc(&other, &id, 1, &link(&lo)).await.expect("links");
    engine.load().await;
    let inside = |has: &Snapshot| {
        has.resources().filter(|each| matches!(each, Resource::Listener(listener) if listener.vpc.is_some())).count()
    };
    assert_eq!(inside(&engine.has), 2);
    // Taken back: the listeners go, the link says why, and comes back with the grant.
    control.revoke_vpc(owner, &vpc, &other.account_id).await.expect("revokes");
    engine.load().await;
    assert_eq!(inside(&engine.has), 0);
    let shown = || control.gateway(&other, &id).expect("is there").vpcs.remove(0);
    assert_eq!((shown().status, shown().conditions[0].reason), (LinkStatus::Failed, Reason::NotGranted));
    assert_eq!(shown().foreign_owner.as_deref(), Some("default"));
    control.revoke_vpc(owner, &vpc, &other.account_id).await.expect("nothing to do");
    control.grant_vpc(owner, &vpc, &to).await.expect("grants");
    engine.load().await;
    assert_eq!(inside(&engine.has), 2);
    assert_ne!(shown().status, LinkStatus::Failed);
}

#[tokio::test]
async fn peers_of_a_link() {
    let house = house().await;
    let (control, who) = (&house.control, &house.principal);
    serve(&house);
    let mut engine = Engine::connect(&house, Snapshot::default()).await;
    engine.load().await;
    let (id, other) = (house.gateway("first").await, house.gateway("second").await);
    let lab = VpcDraft { name: "lab".into(), blocks: "10.0.0.0/8".into() };
    let peer = control.add_vpc(who, &lab, "").await.expect("adds");
    let lo = vpcs(control, who).into_iter().find(|each| each.vpc.name == "loopback").expect("is there");
    control.link_vpc(who, &id, 1, &link(&lo)).await.expect("links");
    let set = async |seen: i64, peers: &[String]| control.set_peers(who, &id, seen, &lo.vpc.id, peers).await;
    assert_eq!(code(set(2, &[lo.vpc.id.to_string()]).await, "peers"), "choice", "no VPC is its own peer");
    assert_eq!(code(set(2, &["vpc-nobody".into()]).await, "peers"), "choice");
    set(2, &[peer.to_string(), peer.to_string()]).await.expect("sets");
    let shown = control.gateway(who, &id).expect("is there").vpcs.remove(0).peers;
    assert_eq!(shown.iter().map(|vpc| &vpc.id).collect::<Vec<_>>(), [&peer]);
    let held = control.delete_vpc(who, &peer, 1).await;
    assert!(matches!(&held, Err(ControlError::NetworkInUse { names }) if names == &["first"]), "{held:?}");
    // Nobody else is put at an address that peers reach.
    control.link_vpc(who, &other, 1, &link(&lo)).await.expect("links");
    let at = |id| control.gateway(who, id).expect("is there").vpcs[0].addresses[0].address;
    assert_ne!(at(&id), at(&other));
    set(3, &[]).await.expect("clears");
    control.delete_vpc(who, &peer, 1).await.expect("deletes");
}

#[tokio::test]
async fn peers_come_to_nobody_else() {
    let house = house().await;
    let (control, who) = (&house.control, &house.principal);
    serve(&house);
    // One address a vSwitch: who comes second shares it.
    let address = |interface: &str, address: [u8; 4]| HostAddress {
        interface: interface.into(),
        address: address.into(),
        prefix: 24,
    };
    let host = vec![address("eth1", [10, 1, 1, 5]), address("eth2", [10, 1, 2, 5])];
    let mut engine = Engine::on(&house, Snapshot::default(), host).await;
    engine.load().await;
    let declare = VpcDraft { name: "lab".into(), blocks: "10.1.0.0/16".into() };
    let vpc = control.add_vpc(who, &declare, "").await.expect("adds");
    for (zone, block) in [("local-a", "10.1.1.0/24"), ("local-b", "10.1.2.0/24")] {
        let vswitch = VSwitchDraft { name: zone.into(), zone: zone.into(), block: block.into() };
        control.add_vswitch(who, &vpc, &vswitch).await.expect("adds");
    }
    let declare = VpcDraft { name: "peer".into(), blocks: "10.9.0.0/16".into() };
    let peer = control.add_vpc(who, &declare, "").await.expect("adds").to_string();
    let (first, second) = (house.gateway("first").await, house.gateway("second").await);
    let lab = vpcs(control, who).into_iter().find(|each| each.vpc.name == "lab").expect("is there");
    let link = |zones: &[&str]| {
        let chosen = lab.vswitches.iter().filter(|each| zones.contains(&each.vswitch.zone.as_str()));
        let vswitches = chosen.map(|each| each.vswitch.id.to_string()).collect();
        LinkDraft { vpc: vpc.to_string(), vswitches, authoritative_dns: false }
    };
    control.link_vpc(who, &first, 1, &link(&["local-a"])).await.expect("links");
    control.link_vpc(who, &second, 1, &link(&["local-a", "local-b"])).await.expect("shares the first address");
    let peers = [peer];
    assert_eq!(code(control.set_peers(who, &first, 2, &vpc, &peers).await, "peers"), "peer_of_shared");
    control.edit_vpc_link(who, &second, 2, &link(&["local-b"])).await.expect("leaves it");
    control.set_peers(who, &first, 2, &vpc, &peers).await.expect("has it alone");
    // Neither by another address of the first, nor by the second's coming back.
    let wider = control.edit_vpc_link(who, &first, 3, &link(&["local-a", "local-b"])).await;
    assert_eq!(code(wider, "vswitches"), "peer_of_shared");
    let back = control.edit_vpc_link(who, &second, 3, &link(&["local-a", "local-b"])).await;
    assert_eq!(code(back, "vswitches"), "no_address_in");
}

#[tokio::test]
async fn settings_labels_and_protection() {
    let house = house().await;
    let (control, who) = (&house.control, &house.principal);
    let id = house.gateway("first").await;
    house.gateway("second").await;
    let settings =
        |name: &str, labels: &str, protected| SettingsDraft { name: name.into(), labels: labels.into(), protected };
    let bad = control.set_gateway_settings(who, &id, 1, &settings("a b", "=x", false)).await;
    assert_eq!(code(bad, "labels"), "label");
    assert_eq!(
        code(control.set_gateway_settings(who, &id, 1, &settings("Second", "", false)).await, "name"),
        "name_taken"
    );
    control.set_gateway_settings(who, &id, 1, &settings("renamed", "team=vision", true)).await.expect("sets");
    control.set_gateway_settings(who, &id, 2, &settings("renamed", "team = vision\n", true)).await.expect("the same");
    assert_eq!(house.revision(&id), 2, "saving without a change changes nothing");
    let found = |label: &str| {
        let query = domain::view::GatewayQuery { label: label.into(), ..Default::default() };
        let page = control.list_gateways(who, &query).expect("lists");
        page.items.into_iter().map(|each| each.name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!((found("team"), found("team=vision")), (vec!["renamed".to_owned()], vec!["renamed".to_owned()]));
    assert!(found("team=speech").is_empty());

    let refused = control.delete_gateway(who, &id, 2, "renamed").await;
    assert!(matches!(refused, Err(ControlError::Protected)), "{refused:?}");
    control.set_gateway_settings(who, &id, 2, &settings("renamed", "", false)).await.expect("sets");

    let shown = control.gateway(who, &id).expect("is there").settings.draft();
    let wrong = TrafficDraft { idle: "soon".into(), ..shown.clone() };
    assert_eq!(code(control.set_traffic_settings(who, &id, 3, &wrong).await, "idle"), "seconds");
    control.set_traffic_settings(who, &id, 3, &shown).await.expect("the same");
    let slow = TrafficDraft { first_byte: "30".into(), balance: "peak_ewma".into(), ..shown };
    control.set_traffic_settings(who, &id, 3, &slow).await.expect("sets");
    let stale = control.set_traffic_settings(who, &id, 3, &slow).await;
    assert!(matches!(stale, Err(ControlError::Conflict { current: 4 })), "{stale:?}");
    assert_eq!(control.gateway(who, &id).expect("is there").settings.timeouts.first_byte_ms, 30_000);
    let arrival =
        |strangers: &str, proxies: &str| ArrivalDraft { strangers: strangers.into(), proxies: proxies.into() };
    let everybody = control.set_arrival_settings(who, &id, 4, &arrival("drop", "0.0.0.0/0")).await;
    assert_eq!(code(everybody, "proxies"), "trusts_everyone");
    assert_eq!(code(control.set_arrival_settings(who, &id, 4, &arrival("", "")).await, "strangers"), "choice");
    control.set_arrival_settings(who, &id, 4, &arrival("refuse", " \n")).await.expect("nothing new");
    control.set_arrival_settings(who, &id, 4, &arrival("drop", "10.0.0.0/8\n192.0.2.7")).await.expect("sets");
    let stale = control.set_arrival_settings(who, &id, 4, &arrival("refuse", "")).await;
    assert!(matches!(stale, Err(ControlError::Conflict { current: 5 })), "{stale:?}");
    let set = control.gateway(who, &id).expect("is there").arrival;
    assert_eq!((set.drop_strangers, set.draft().proxies.as_str()), (true, "10.0.0.0/8\n192.0.2.7/32"));
    control.delete_gateway(who, &id, 5, "renamed").await.expect("deletes");
}

#[tokio::test]
async fn only_the_operator_mounts_folders_into_containers() {
    let house = house().await;
    let guest = another(&house, "guest").await;
    for (who, may) in [(&house.principal, true), (&guest, false)] {
        let draft = house::draft("models");
        let gateway = house.control.buy_managed_gateway(who, &draft).await.expect("buys");
        let form = Form {
            name: "demo".into(),
            runtime: "container".into(),
            image: "model:1".into(),
            port: "8000".into(),
            replicas: "1".into(),
            mounts: "/srv:/srv".into(),
            gateway: gateway.to_string(),
            ..Form::default()
        };
        let typed = |form: Form| Typed { form: Some(form), ..Typed::default() };
        let deployed = house.control.deploy_typed(who, &typed(form.clone())).await;
        if may {
            deployed.expect("deploys");
        } else {
            assert_eq!(code(deployed, "mounts"), "operator_mounts");
            let without = Form { mounts: String::new(), ..form };
            house.control.deploy_typed(who, &typed(without)).await.expect("deploys");
        }
    }
}
