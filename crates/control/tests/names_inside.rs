//! What the console says of names inside VPCs is what the DNS server is told.

mod house;

use control::{Installation, hub};
use domain::account::AccountDraft;
use domain::custom_domain::DomainDraft;
use domain::id::{GatewayId, RANDOM_LEN, ServiceId, SessionId, UserId};
use domain::name::UserName;
use domain::network::LinkDraft;
use domain::role::Role;
use domain::service::ServiceDraft;
use domain::snapshot::{ResourceKey, Snapshot};
use domain::view::{Unanswered, VpcView};
use house::{Engine, House, draft, house_of};
use identity::Principal;

const HOST: &str = "models.corp.example";

fn link(vpc: &VpcView, authoritative_dns: bool) -> LinkDraft {
    let vswitches = vpc.vswitches.iter().take(1).map(|each| each.vswitch.id.to_string()).collect();
    LinkDraft { vpc: vpc.vpc.id.to_string(), vswitches, authoritative_dns }
}

struct Scene {
    house: House,
    who: Principal,
    gateway: GatewayId,
    service: ServiceId,
}

impl Scene {
    /// A gateway with a private domain and a service, of the account that has the VPC, or of a guest.
    async fn open(installation: Installation, is_guest: bool) -> Self {
        let house = house_of(installation).await;
        let control = &house.control;
        let (serving, socket) = (control.clone(), house.folder.path().join("link.sock"));
        tokio::spawn(async move { hub::serve(serving, &socket, std::future::pending()).await });
        // It tells which addresses its host has.
        let mut engine = Engine::connect(&house, Snapshot::default()).await;
        engine.load().await;
        let who = if is_guest { guest(&house).await } else { house.principal.clone() };
        let gateway = control.buy_managed_gateway(&who, &draft("first")).await.expect("buys");
        let domain = DomainDraft { host: HOST.into(), side: "private".into(), certificate: String::new() };
        control.add_domain(&who, &gateway, &domain).await.expect("adds");
        let service = ServiceDraft {
            name: "sample".into(),
            command: "model".into(),
            replicas: "1".into(),
            gateway: gateway.to_string(),
            ..Default::default()
        };
        let service = control.deploy_service(&who, &service).await.expect("deploys");
        Self { house, who, gateway, service }
    }

    async fn link(&self, authoritative_dns: bool) {
        let vpc = self.house.control.networks(&self.house.principal).expect("lists").vpcs.remove(0);
        let revision = self.house.control.gateway(&self.who, &self.gateway).expect("is there").revision;
        let draft = link(&vpc, authoritative_dns);
        self.house.control.link_vpc(&self.who, &self.gateway, revision, &draft).await.expect("links");
    }

    /// Of the domain and of the gateway's own name, as the service's panel and the gateway's pages have it.
    fn said(&self) -> (Option<Unanswered>, Option<Unanswered>) {
        let control = &self.house.control;
        let doors = control.service(&self.who, &self.service).expect("is there").invocation.vpc;
        let of = |part: &str| doors.iter().find(|door| door.url.contains(part)).expect("a door").unanswered;
        let detail = control.gateway(&self.who, &self.gateway).expect("is there");
        assert_eq!(detail.domains[0].unanswered, of(HOST), "both pages say the same");
        for link in &detail.vpcs {
            assert!(link.endpoints.iter().all(|each| each.unanswered == of("-vpc.local.")), "and the VPC's page");
            assert!(link.addresses.iter().flat_map(|each| &each.endpoints).all(|each| each.unanswered.is_none()));
        }
        // It is what the server is told.
        let snapshot = control.snapshot();
        let is_told = |part: &str| {
            snapshot
                .resources()
                .any(|each| matches!(each.key(), ResourceKey::Name { vpc: Some(_), name } if name.contains(part)))
        };
        assert_eq!((is_told(HOST), is_told("-vpc.local.")), (of(HOST).is_none(), of("-vpc.local.").is_none()));
        (of(HOST), of("-vpc.local."))
    }
}

async fn guest(house: &House) -> Principal {
    let control = &house.control;
    let draft = AccountDraft { name: "research".into() };
    let account = control.create_account(&house.principal, &draft).await.expect("makes");
    let workspace = control.store().workspace_of(&account).await.expect("reads").expect("has one");
    let vpc = control.networks(&house.principal).expect("lists").vpcs.remove(0).vpc.id;
    control.grant_vpc(&house.principal, &vpc, account.as_str()).await.expect("grants");
    Principal {
        user_id: UserId::from_random([2; RANDOM_LEN]),
        name: UserName::parse("grace").expect("valid"),
        role: Role::Administrator,
        account_id: account,
        workspace_id: workspace.id,
        session_id: SessionId::from_random([2; RANDOM_LEN]),
    }
}

#[tokio::test]
async fn the_owners_names_are_answered_where_dns_is_on() {
    let scene = Scene::open(Installation::default(), false).await;
    let nowhere = Some(Unanswered::NotAsked);
    let detail = scene.house.control.gateway(&scene.who, &scene.gateway).expect("is there");
    assert_eq!(detail.domains[0].unanswered, nowhere, "no VPC is linked");
    scene.link(false).await;
    assert_eq!(scene.said(), (nowhere, nowhere));
    let scene = Scene::open(Installation::default(), false).await;
    scene.link(true).await;
    assert_eq!(scene.said(), (None, None));
}

#[tokio::test]
async fn a_guests_domain_is_not_answered_in_anothers_vpc() {
    let scene = Scene::open(Installation::default(), true).await;
    scene.link(true).await;
    assert_eq!(scene.said(), (Some(Unanswered::ForeignVpc), None), "its own name is");
}

#[tokio::test]
async fn nothing_is_answered_while_the_server_is_off() {
    let scene = Scene::open(Installation { dns: Vec::new(), ..Installation::default() }, false).await;
    scene.link(true).await;
    assert_eq!(scene.said(), (Some(Unanswered::ServerOff), Some(Unanswered::ServerOff)));
    assert!(scene.house.control.gateway(&scene.who, &scene.gateway).expect("is there").dns_off);
}
