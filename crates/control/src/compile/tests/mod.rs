mod fleet;
mod links;
mod names;
mod own_names;

use super::*;
use crate::Scale;
use crate::desired::Token;
use crate::names::Held;
use crate::services::HeldGroup;
use chrono::DateTime;
use domain::arrival::ArrivalSettings;
use domain::certificate::{AcmeOrder, CertificateFacts, ChallengeKind, KeyKind};
use domain::cidr::Cidr;
use domain::custom_domain::{CustomDomain, DomainSide};
use domain::gateway::{ChargeType, Gateway, GatewayKind, InternetAccess};
use domain::host::{Host, HostDoors, Member};
use domain::id::{
    AccountId, AcmeAccountId, AgentId, CertificateId, DomainId, EngineId, GatewayId, GroupId, RANDOM_LEN, ServiceId,
    TokenId, VSwitchId, VpcId, WorkspaceId,
};
use domain::label::Labels;
use domain::name::{GatewayName, ServiceName};
use domain::network::{HostAddress, Inventory, LinkedVSwitch, VSwitch, Vpc, VpcLink};
use domain::secret::Secret;
use domain::service::{Group, Place, Service, ServiceSpec, ServiceTraffic, Weights};
use domain::snapshot::{Balance, Resource};
use domain::spec::Spec;
use domain::whitelist::Whitelist;
use proptest::prelude::*;
use store::{CertificateRow, TokenRow};

/// The first is the console's own.
fn a_host(n: u8) -> HostId {
    HostId::from_random([n; RANDOM_LEN])
}

fn hosts(states: &[(bool, bool)]) -> Touched {
    let host = |(n, (draining, removed)): (usize, &(bool, bool))| {
        let n = n as u8;
        let public = HostDoors { http: vec![([192, 0, 2, n], 80).into()], ..HostDoors::default() };
        let member = (n > 0).then(|| Member {
            engine_id: EngineId::from_random([n; RANDOM_LEN]),
            agent_id: AgentId::from_random([n; RANDOM_LEN]),
            fingerprint: Secret::new(n.to_string()).digest(),
            public,
        });
        let (draining, removed) = (*draining, *removed);
        let host =
            Host { id: a_host(n), name: format!("h{n}"), zone: "a".into(), member, draining, removed, revision: 1 };
        (host.id.clone(), host)
    };
    Touched::Hosts(Arc::new(states.iter().enumerate().map(host).collect()))
}

/// With the console's own host alone.
fn fresh() -> Desired {
    let mut desired = Desired::default();
    desired.apply(&hosts(&[(false, false)]));
    desired
}

/// What that has.
fn seen(compiler: &Compiler) -> Arc<Snapshot> {
    compiler.configurations().of(&a_host(0)).clone()
}

fn gateway(n: u8, enabled: bool) -> Arc<Gateway> {
    let at = DateTime::from_timestamp(0, 0).expect("a time");
    Arc::new(Gateway {
        id: GatewayId::from_random([n; RANDOM_LEN]),
        // The fifth is another account's.
        account_id: AccountId::from_random([u8::from(n == 5); RANDOM_LEN]),
        workspace_id: WorkspaceId::from_random([0; RANDOM_LEN]),
        name: GatewayName::parse(&format!("g{n}")).expect("valid"),
        kind: GatewayKind::FullyManaged { spec: Spec::C2G4, nodes: 1, charge: ChargeType::PostPaid },
        internet: InternetAccess {
            enabled,
            whitelist: Whitelist::default().with_added("192.0.2.0/24", "").expect("valid"),
            port: Some(18_100 + u16::from(n)),
        },
        // The first and the fourth share an address, and so on.
        // With the portal the VPC changes in which its name is asked for.
        vpcs: (0..n % 3).map(|each| link(each, n % 3, enabled == (each == 0))).collect(),
        alb: None,
        tls: Default::default(),
        labels: Default::default(),
        protected: false,
        traffic: TrafficSettings {
            balance: if enabled { Balance::RoundRobin } else { Balance::PeakEwma },
            ..TrafficSettings::default()
        },
        arrival: ArrivalSettings::default(),
        is_default: false,
        revision: 1,
        created_at: at,
        updated_at: at,
    })
}

/// To one of two VPCs: the first is loopback.
fn link(vpc: u8, host: u8, authoritative_dns: bool) -> VpcLink {
    let address = if vpc == 0 { [127, 88, 1, host] } else { [10, 1, 1, host] };
    VpcLink {
        vpc_id: VpcId::from_random([vpc; RANDOM_LEN]),
        vswitches: vec![LinkedVSwitch {
            vswitch_id: VSwitchId::from_random([vpc; RANDOM_LEN]),
            address: address.into(),
        }],
        whitelist: Whitelist::everyone_v4(),
        authoritative_dns,
        peers: if host == 2 { vec![VpcId::from_random([2; RANDOM_LEN])] } else { vec![] },
        linked_at: DateTime::from_timestamp(0, 0).expect("a time"),
    }
}

fn domain(n: u8, on: u8, public: bool, certificate: Option<u8>) -> CustomDomain {
    let gateway = gateway(on, true);
    CustomDomain {
        id: DomainId::from_random([n; RANDOM_LEN]),
        account_id: gateway.account_id.clone(),
        workspace_id: gateway.workspace_id.clone(),
        gateway_id: gateway.id.clone(),
        host: format!("d{n}.example.com"),
        side: if public { DomainSide::Public } else { DomainSide::Private },
        certificate_id: certificate.map(uploaded),
        revision: 1,
        created_at: gateway.created_at,
        updated_at: gateway.created_at,
    }
}

/// Unlike those that the installation makes itself.
fn uploaded(n: u8) -> CertificateId {
    let mut bytes = [7; RANDOM_LEN];
    bytes[0] = n;
    CertificateId::from_random(bytes)
}

/// Uploaded; the installation's key opens it or does not.
fn held(n: u8, opens: bool) -> Held {
    let at = DateTime::from_timestamp(0, 0).expect("a time");
    let facts = CertificateFacts {
        names: vec!["*.example.com".into()],
        addresses: vec![],
        subject: String::new(),
        issuer: String::new(),
        not_before: at,
        not_after: at,
        fingerprint: Secret::new("x").digest(),
        key: KeyKind::Ecdsa,
        key_bits: 256,
        self_signed: false,
        open_issuer: None,
    };
    let row = CertificateRow {
        id: uploaded(n),
        account_id: AccountId::from_random([0; RANDOM_LEN]),
        workspace_id: WorkspaceId::from_random([0; RANDOM_LEN]),
        name: format!("c{n}"),
        chain: "chain".into(),
        sealed_key: String::new(),
        facts: Some(facts),
        acme: None,
        revision: 1,
        created_at: at,
        updated_at: at,
    };
    Held { row, key: opens.then(|| Secret::new("key")) }
}

/// For the gateway's own name.
fn ordered(row: CertificateRow, own: Option<u8>) -> CertificateRow {
    let order = |own| AcmeOrder {
        account_id: AcmeAccountId::from_random([0; RANDOM_LEN]),
        names: vec![Installation::default().public_host(&gateway(own, true).id), "a.example.com".into()],
        challenge: ChallengeKind::Http01,
        next_attempt: None,
        failed: 0,
        last: None,
    };
    CertificateRow { acme: own.map(order), ..row }
}

fn networks(second: &str) -> Arc<Inventory> {
    let vpc = |n: u8, block: &str| {
        let vpc = Vpc {
            id: VpcId::from_random([n; RANDOM_LEN]),
            account_id: AccountId::from_random([0; RANDOM_LEN]),
            region: "local".into(),
            name: format!("v{n}"),
            blocks: vec![Cidr::parse(block).expect("a block")],
            revision: 1,
        };
        (vpc.id.clone(), vpc)
    };
    let vswitch = |n: u8, zone: &str, block: &str| {
        let vswitch = VSwitch {
            id: VSwitchId::from_random([n; RANDOM_LEN]),
            vpc_id: VpcId::from_random([n; RANDOM_LEN]),
            zone: zone.into(),
            name: format!("s{n}"),
            block: Cidr::parse(block).expect("a block"),
            revision: 1,
        };
        (vswitch.id.clone(), vswitch)
    };
    let vpcs = [vpc(0, "127.88.0.0/16"), vpc(1, second), vpc(2, "10.2.0.0/16")].into();
    // With other blocks another account may link the first VPC, and use the third as a peer.
    let granted = if second == "10.1.0.0/16" { vec![0, 1, 2] } else { vec![1] };
    let account = AccountId::from_random([1; RANDOM_LEN]);
    let grants = granted.into_iter().map(|n| (VpcId::from_random([n; RANDOM_LEN]), [account.clone()].into()));
    // Another zone with the other blocks.
    let vswitches = [vswitch(0, "a", "127.88.1.0/24"), vswitch(1, second, "10.1.1.0/24")].into();
    Arc::new(Inventory { vpcs, vswitches, grants: grants.collect(), ..Inventory::default() })
}

fn host(interfaces: u8) -> Vec<HostAddress> {
    let address = |n: u8| HostAddress { interface: format!("eth{n}"), address: [10, n, 1, 1].into(), prefix: 24 };
    (0..interfaces).map(address).collect()
}

fn service(n: u8, on: u8, tokens: u8) -> (Arc<Service>, Vec<Token>) {
    let gateway = gateway(on, true);
    let id = ServiceId::from_random([n; RANDOM_LEN]);
    let row = |t: u8| TokenRow {
        id: TokenId::from_random([t; RANDOM_LEN]),
        account_id: gateway.account_id.clone(),
        workspace_id: gateway.workspace_id.clone(),
        service_id: id.clone(),
        digest: Secret::new(t.to_string()).digest(),
        sealed: String::new(),
        label: String::new(),
        revision: 1,
        created_at: gateway.created_at,
        expires_at: None,
    };
    let token = |t| Token { row: row(t), secret: (t > 0).then(|| Secret::new(t.to_string())) };
    // Some have limits, which engines share.
    let traffic = ServiceTraffic { rate: n.is_multiple_of(2).then_some(100), ..ServiceTraffic::default() };
    let service = Service {
        id: id.clone(),
        account_id: gateway.account_id.clone(),
        workspace_id: gateway.workspace_id.clone(),
        name: ServiceName::parse(&format!("s{n}")).expect("valid"),
        gateway_id: gateway.id.clone(),
        vpc_id: None,
        replica_version: 1,
        rollout: None,
        labels: Labels::default(),
        place: n.is_multiple_of(3).then(|| Place::new(group(0, true).group.id.clone())),
        version: 1,
        spec: ServiceSpec { traffic, ..ServiceSpec::default() },
        replicas: 1,
        scaling: None,
        owner: String::new(),
        running: true,
        revision: 1,
        created_at: gateway.created_at,
        updated_at: gateway.created_at,
    };
    (Arc::new(service), (0..tokens).map(token).collect())
}

fn certificate(n: u8) -> CertificateConfig {
    CertificateConfig {
        id: CertificateId::from_random([n; RANDOM_LEN]),
        names: vec![format!("*.{n}.example")],
        fallback: false,
        chain: "chain".into(),
        key: Secret::new("key"),
    }
}

fn group(n: u8, fixed: bool) -> Arc<HeldGroup> {
    let gateway = gateway(n, true);
    Arc::new(HeldGroup {
        group: Group {
            id: GroupId::from_random([n; RANDOM_LEN]),
            account_id: gateway.account_id.clone(),
            workspace_id: gateway.workspace_id.clone(),
            name: ServiceName::parse("all").expect("valid"),
            gateway_id: gateway.id.clone(),
            weights: if fixed { Weights::Fixed } else { Weights::Automatic },
            revision: 1,
            created_at: gateway.created_at,
            updated_at: gateway.created_at,
        },
        tokens: Vec::new(),
    })
}

fn touched() -> impl Strategy<Value = Touched> {
    prop_oneof![
        (0u8..6, any::<bool>()).prop_map(|(n, on)| Touched::Gateway(gateway(n, on).id.clone(), Some(gateway(n, on)))),
        (0u8..6).prop_map(|n| Touched::Gateway(gateway(n, true).id.clone(), None)),
        (0u8..6, 0u8..6, 0u8..3).prop_map(|(n, on, tokens)| {
            let (service, tokens) = service(n, on, tokens);
            Touched::Service(service.id.clone(), Some((service, tokens)))
        }),
        (0u8..6).prop_map(|n| Touched::Service(service(n, 0, 0).0.id.clone(), None)),
        (0u8..4, 0u8..6, any::<bool>(), prop::option::of(0u8..3), any::<bool>()).prop_map(
            |(n, on, public, certificate, there)| {
                let domain = domain(n, on, public, certificate);
                Touched::Domain(domain.id.clone(), None, there.then(|| Arc::new(domain)))
            }
        ),
        (0u8..3, any::<bool>(), any::<bool>(), prop::option::of(0u8..3)).prop_map(|(n, opens, there, own)| {
            let held = Held { row: ordered(held(n, opens).row, own), ..held(n, opens) };
            Touched::Certificate(held.row.id.clone(), there.then(|| Arc::new(held)))
        }),
        (any::<bool>(), any::<(bool, bool)>()).prop_map(|(one, other)| hosts(&[(one, false), other])),
        prop::option::of(any::<bool>())
            .prop_map(|fixed| Touched::Group(group(0, true).group.id.clone(), fixed.map(|fixed| group(0, fixed)))),
        any::<bool>().prop_map(|wide| Touched::Networks(networks(if wide { "10.0.0.0/8" } else { "10.1.0.0/16" }))),
    ]
}

proptest! {
    #[test]
    fn in_steps_is_the_same_as_at_once(steps in prop::collection::vec(touched(), 0..40), renewed in prop::collection::btree_set(0usize..40, 0..3), interfaces in prop::collection::vec(prop_oneof![4 => Just(0), 1 => 1u8..4], 40), lost in prop::collection::vec(0u8..16, 40), dns in any::<bool>()) {
        let mut desired = fresh();
        let mut installation = Installation::default();
        installation.dns.truncate(dns.into());
        let mut compiler = Compiler::new(&desired, installation.clone());
        for (n, step) in steps.into_iter().enumerate() {
            desired.seq += 1;
            // As use cases tell it: what a domain was before, and that a gateway's domains go before it.
            let domains = match &step {
                Touched::Gateway(id, None) => desired.names.of_gateway(id).cloned().collect(),
                _ => Vec::new(),
            };
            let gone = |domain: Arc<CustomDomain>| Touched::Domain(domain.id.clone(), Some(domain), None);
            let step = match step {
                Touched::Domain(id, _, now) => {
                    let before = desired.names.domains.get(&id).cloned();
                    Touched::Domain(id, before, now)
                }
                other => other,
            };
            let all: Vec<Touched> = domains.into_iter().map(gone).chain([step]).collect();
            all.iter().for_each(|step| desired.apply(step));
            compiler.apply(&desired, &all);
            let certificates: Vec<_> = renewed.iter().filter(|at| **at <= n).map(|at| certificate(*at as u8)).collect();
            compiler.set_certificates(certificates.clone());
            // It has what it had. Mostly nothing is new, and only what the step touched is made anew.
            if interfaces[n] > 0 {
                compiler.set_host(&desired, &a_host(n as u8 % 2), &host(interfaces[n]));
            }
            if lost[n] < 4 {
                let gone = (0..2).filter(|each| lost[n] & (1 << each) != 0).map(a_host).collect();
                compiler.set_lost(&desired, &Lost { engines: gone, ..Lost::default() });
            }
            let mut anew = compiler.clone();
            anew.restart(&desired);
            let (steps, at_once) = (compiler.configurations(), anew.configurations());
            prop_assert_eq!(&steps.snapshots, &at_once.snapshots);
            let mut first = Compiler::new(&desired, installation.clone());
            first.set_certificates(certificates);
            first.fleet = compiler.fleet.clone();
            first.restart(&desired);
            prop_assert_eq!(&steps.snapshots, &first.configurations().snapshots);
        }
    }
}

#[test]
fn what_a_gateway_carries_follows_its_order() {
    let capacity = |kind: GatewayKind, scale: &str, nodes: u32| {
        let installation =
            Installation { capacity_scale: Scale::parse(scale).expect("a scale"), ..Installation::default() };
        let ordered = Gateway { kind, ..Gateway::clone(&gateway(1, true)) };
        match resources::gateway(&ordered, &fresh(), &installation, Part { nodes, among: 1 }) {
            Resource::Gateway(config) => {
                let capacity = config.capacity;
                let workers = Some(capacity.workers.into());
                [workers, capacity.connections, capacity.handshakes_per_second, capacity.bytes_per_second]
            }
            other => panic!("{other:?}"),
        }
    };
    let managed = |spec, nodes| GatewayKind::FullyManaged { spec, nodes, charge: ChargeType::PostPaid };
    let one = managed(Spec::C2G4, 1);
    assert_eq!(capacity(one.clone(), "1", 1), [Some(2), Some(40_000), Some(800), Some(125_000_000)]);
    assert_eq!(capacity(managed(Spec::C4G8, 3), "1", 3), [Some(12), Some(240_000), Some(4_800), Some(750_000_000)]);
    assert_eq!(capacity(one.clone(), "0.01", 1), [Some(2), Some(400), Some(8), Some(1_250_000)]);
    // None of its nodes is here: threads that all share, and what a node may.
    assert_eq!(capacity(one, "1", 0), [Some(0), Some(40_000), Some(800), Some(125_000_000)]);
    assert_eq!(capacity(GatewayKind::Alb, "0.01", 0), [Some(0), None, None, None], "it scales by itself");
}

#[test]
fn a_closed_portal_leaves_no_door() {
    let mut desired = fresh();
    desired.apply(&Touched::Gateway(gateway(1, false).id.clone(), Some(gateway(1, false))));
    let doors: Vec<_> = seen(&Compiler::new(&desired, Installation::default()))
        .resources()
        .filter_map(|resource| match resource {
            Resource::Gateway(gateway) => Some(gateway.public.is_some()),
            _ => None,
        })
        .collect();
    assert_eq!(doors, [false]);
}

#[test]
fn what_a_gateway_says_for_its_services() {
    let mut desired = with_gateways(&[(1, true)]);
    let (bound, tokens) = service(1, 1, 0);
    desired.apply(&Touched::Service(bound.id.clone(), Some((bound.clone(), tokens))));
    let mut compiler = Compiler::new(&desired, Installation::default());
    let mut with = |traffic: TrafficSettings| {
        let changed = Arc::new(Gateway { traffic, ..(*gateway(1, true)).clone() });
        let step = [Touched::Gateway(changed.id.clone(), Some(changed))];
        step.iter().for_each(|step| desired.apply(step));
        compiler.apply(&desired, &step);
        match seen(&compiler).get(&ResourceKey::Service(bound.id.clone())).map(Arc::as_ref) {
            Some(Resource::Service(config)) => (config.timeouts.first_byte_ms, config.policy.balance.clone()),
            other => panic!("{other:?}"),
        }
    };
    let mut said = TrafficSettings { balance: Balance::LeastRequests, ..TrafficSettings::default() };
    said.timeouts.first_byte_ms = 30_000;
    assert_eq!(with(said), (30_000, Balance::LeastRequests));
    assert_eq!(with(TrafficSettings::default()), (600_000, Balance::RoundRobin));
}

/// On every side that it can be reached from, as soon as it is said, and not of other gateways.
#[test]
fn who_is_let_in_and_believed() {
    let mut desired = with_gateways(&[(2, true), (3, true)]);
    let mut compiler = Compiler::new(&desired, Installation::default());
    let mut with = |arrival: ArrivalSettings| {
        let changed = Arc::new(Gateway { arrival, ..(*gateway(2, true)).clone() });
        let step = [Touched::Gateway(changed.id.clone(), Some(changed))];
        step.iter().for_each(|step| desired.apply(step));
        compiler.apply(&desired, &step);
        [2, 3].map(|n| match seen(&compiler).get(&ResourceKey::Gateway(gateway(n, true).id.clone())).map(Arc::as_ref) {
            Some(Resource::Gateway(config)) => {
                let drops = config.private.iter().map(|door| door.drop_strangers);
                let drops = drops.chain(config.public.as_ref().map(|door| door.drop_strangers)).collect::<Vec<_>>();
                (drops, config.trusted_proxies.iter().map(ToString::to_string).collect::<Vec<_>>())
            }
            other => panic!("{other:?}"),
        })
    };
    let trusted_proxies = vec![Cidr::parse("10.0.0.0/8").expect("a block")];
    let said = ArrivalSettings { drop_strangers: true, trusted_proxies };
    let untouched = (vec![false], Vec::new());
    assert_eq!(with(said), [(vec![true; 3], vec!["10.0.0.0/8".to_owned()]), untouched.clone()]);
    assert_eq!(with(ArrivalSettings::default()), [(vec![false; 3], Vec::new()), untouched]);
}

fn with_gateways(gateways: &[(u8, bool)]) -> Desired {
    let mut desired = fresh();
    desired.apply(&Touched::Networks(networks("10.1.0.0/16")));
    for (n, on) in gateways {
        let gateway = gateway(*n, *on);
        desired.apply(&Touched::Gateway(gateway.id.clone(), Some(gateway)));
    }
    desired
}
