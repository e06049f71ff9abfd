//! Several hosts: joining by a token, nodes and replicas on both, a lost one, draining and removing.

mod house;

use control::{ControlError, hub};
use domain::endpoint::ReplicaReport;
use domain::host::{HostDoors, HostDraft};
use domain::id::{AgentId, EngineId, GatewayId, HostId, RANDOM_LEN, ReplicaId, ServiceId};
use domain::network::HostAddress;
use domain::role::Role;
use domain::service::{Runtime, ServiceDraft, Why};
use domain::snapshot::Snapshot;
use domain::status::{GatewayStatus, Reason, ReplicaState};
use domain::view::{HostStatus, HostView};
use house::{Agent, Engine, House, house, until};
use identity::Principal;
use link::message::{EngineDown, EngineUp};
use link::{Console, HostIdentity, JoinError, JoinToken, Joining};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio_stream::StreamExt;

async fn open() -> House {
    let house = house().await;
    let (control, socket) = (house.control.clone(), house.folder.path().join("link.sock"));
    tokio::spawn(async move { hub::serve(control, &socket, std::future::pending()).await });
    let authority = link::Authority::create().expect("makes one");
    let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
    tokio::spawn(hub::serve_remote(house.control.clone(), anywhere, authority, std::future::pending()));
    let (control, principal) = (house.control.clone(), house.principal.clone());
    for _ in 0..500 {
        if control.hosts(&principal).await.expect("reads").link.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    house
}

fn draft(name: &str) -> HostDraft {
    HostDraft { name: name.into(), zone: "local-b".into() }
}

const ENGINE: [u8; RANDOM_LEN] = [2; RANDOM_LEN];
const AGENT: [u8; RANDOM_LEN] = [2; RANDOM_LEN];

async fn join(address: SocketAddr, token: &JoinToken) -> Result<HostIdentity, JoinError> {
    join_at(address, token, [192, 0, 2, 2]).await
}

async fn join_at(address: SocketAddr, token: &JoinToken, http: [u8; 4]) -> Result<HostIdentity, JoinError> {
    let joining = Joining {
        engine_id: EngineId::from_random(ENGINE),
        agent_id: AgentId::from_random(AGENT),
        hostname: "<b>two</b>".into(),
        software: "test".into(),
        public: HostDoors { http: vec![(http, 80).into()], ..HostDoors::default() },
    };
    link::join(&address.to_string(), token, joining).await
}

async fn joined(house: &House) -> Console {
    let (address, token) = house.control.invite_host(&house.principal, &draft("two")).await.expect("invites");
    Console::Remote(Arc::new(join(address, &token).await.expect("joins")))
}

fn elsewhere() -> Vec<HostAddress> {
    vec![HostAddress { interface: "eth0".into(), address: [10, 9, 0, 2].into(), prefix: 24 }]
}

async fn second(console: &Console) -> Engine {
    Engine::over(console, EngineId::from_random(ENGINE), Snapshot::default(), elsewhere()).await.expect("answers")
}

/// Loads until the engine has all that it shall have.
async fn follow(house: &House, engine: &mut Engine, host: &HostId) {
    let done = tokio::time::timeout(Duration::from_secs(20), async {
        while engine.has.hash() != house.control.newest().of(host).hash() {
            engine.load().await;
        }
    });
    done.await.expect("in time");
}

async fn host(house: &House, name: &str) -> Option<HostView> {
    house.control.hosts(&house.principal).await.expect("reads").hosts.into_iter().find(|host| host.name == name)
}

fn status(house: &House, id: &GatewayId) -> (GatewayStatus, Vec<Reason>) {
    let detail = house.control.gateway(&house.principal, id).expect("is there");
    (detail.summary.status, detail.conditions.into_iter().map(|each| each.reason).collect())
}

/// The hosts of its nodes.
fn nodes(house: &House, id: &GatewayId) -> Vec<String> {
    let mut hosts: Vec<String> = house
        .control
        .gateway(&house.principal, id)
        .expect("is there")
        .nodes
        .into_iter()
        .map(|node| node.host)
        .collect();
    hosts.sort();
    hosts
}

#[tokio::test]
async fn a_token_lets_one_host_in_once() {
    let house = open().await;
    let (control, principal) = (&house.control, &house.principal);
    let reader = Principal { role: Role::Viewer, ..principal.clone() };
    assert!(matches!(control.invite_host(&reader, &draft("two")).await, Err(ControlError::Forbidden { .. })));
    for (wrong, field) in [(draft(""), "name"), (draft("console"), "name"), (draft("a b"), "name")] {
        match control.invite_host(principal, &wrong).await {
            Err(ControlError::Invalid(errors)) => assert!(errors.get(field).is_some(), "{errors:?}"),
            other => panic!("{:?}", other.map(|_| ())),
        }
    }
    let (address, token) = control.invite_host(principal, &draft("two")).await.expect("invites");
    let waiting = control.hosts(principal).await.expect("reads").waiting;
    assert_eq!(waiting.iter().map(|each| each.host.name.as_str()).collect::<Vec<_>>(), ["two"]);
    // Nobody else's secret, and nobody else's console.
    let other = JoinToken::new(&domain::secret::Secret::new("x"), token.authority());
    assert!(matches!(join(address, &other).await, Err(JoinError::Refused { .. })));
    let elsewhere = JoinToken::new(token.secret(), domain::secret::Digest256::of(b"x"));
    assert!(matches!(join(address, &elsewhere).await, Err(JoinError::Stranger { .. })));
    // A host that listens everywhere would listen on private addresses, too. The token is not used up by it.
    assert!(matches!(join_at(address, &token, [0; 4]).await, Err(JoinError::Refused { .. })));

    let identity = join(address, &token).await.expect("joins");
    assert!(matches!(join(address, &token).await, Err(JoinError::Refused { .. })), "it was used");
    let seen = control.hosts(principal).await.expect("reads");
    assert!(seen.waiting.is_empty());
    let two = host(&house, "two").await.expect("is there");
    assert_eq!((&two.id, two.zone.as_str(), two.is_own), (&identity.host_id, "local-b", false));
    assert_eq!((two.status, two.engine_away.is_some()), (HostStatus::Unknown, true), "nothing was heard of it");
    let audit = control.store().audit(&principal.workspace_id, None, 1).await.expect("reads");
    assert_eq!((audit[0].action.as_str(), audit[0].actor.as_str()), ("host.join", "console"));

    // A token can be taken back.
    let (address, token) = control.invite_host(principal, &draft("three")).await.expect("invites");
    // A copy of a machine is not let in as it, and the token is not used up.
    assert!(matches!(join(address, &token).await, Err(JoinError::Refused { .. })));
    assert_eq!(control.hosts(principal).await.expect("reads").waiting.len(), 1);
    control.withdraw_host(principal, &token.secret().digest()).await.expect("withdraws");
    assert!(matches!(join(address, &token).await, Err(JoinError::Refused { .. })));
    let again = control.withdraw_host(principal, &token.secret().digest()).await;
    assert!(matches!(again, Err(ControlError::NotFound { .. })), "{again:?}");
}

#[tokio::test]
async fn a_host_speaks_for_itself_only() {
    let house = open().await;
    let console = joined(&house).await;
    // The own engine's id, under the other host's certificate.
    let own = EngineId::from_random([1; RANDOM_LEN]);
    let mut engine = Engine::over(&console, own, Snapshot::default(), elsewhere()).await.expect("answers");
    assert!(engine.down.next().await.is_none(), "it is told nothing");
    assert!(house.control.observed().engines.keys().all(|id| *id == EngineId::from_random(ENGINE)));
    // A certificate of the same authority that is no host's.
    let Console::Remote(identity) = &console else { panic!("another console") };
    let other = link::Authority::create().expect("makes one");
    let strange = HostIdentity { authority: other.cert_pem().into(), ..HostIdentity::clone(identity) };
    assert!(Console::Remote(Arc::new(strange)).connect().await.is_err(), "the console is not who it should be");
}

#[tokio::test]
async fn nodes_are_on_both_and_a_lost_host_is_unknown_while_the_other_serves_on() {
    let house = open().await;
    let id = house.gateway("first").await;
    let watched = house.control.clone();
    tokio::spawn(async move { watched.keep_hosts_watched().await });
    let mut one = Engine::connect(&house, Snapshot::default()).await;
    one.load().await;
    until("runs", || status(&house, &id).0 == GatewayStatus::Running).await;
    assert_eq!(nodes(&house, &id), ["console", "console"]);

    let own_id = house.control.own_host().clone();
    let console = joined(&house).await;
    let two_id = host(&house, "two").await.expect("is there").id;
    until("the other is missed", || status(&house, &id).0 == GatewayStatus::Degraded).await;
    assert_eq!(nodes(&house, &id), ["console", "console"], "it gets none before it serves");
    let mut two = second(&console).await;
    two.load().await;
    until("it carries a node", || nodes(&house, &id) == ["console", "two"]).await;
    follow(&house, &mut one, &own_id).await;
    follow(&house, &mut two, &two_id).await;
    until("runs on both", || status(&house, &id).0 == GatewayStatus::Running).await;
    let seen = host(&house, "two").await.expect("is there");
    assert_eq!((seen.software.as_str(), seen.addresses, seen.nodes), ("test", elsewhere(), 1));
    assert!(seen.configuration.is_some_and(|each| each.loaded == Some(each.newest)));
    assert_eq!(seen.status, HostStatus::Degraded, "its agent has not called");

    let gone = chrono::Utc::now();
    let has = two.has.clone();
    drop(two);
    let is_missed = || {
        let (status, reasons) = status(&house, &id);
        status == GatewayStatus::Degraded && reasons.contains(&Reason::EngineDisconnected)
    };
    until("is missed", is_missed).await;
    let seen = host(&house, "two").await.expect("is there");
    assert_eq!(seen.status, HostStatus::Unknown);
    assert!(seen.engine_away.is_some_and(|since| since >= gone && since <= chrono::Utc::now()), "with its age");
    assert_eq!(nodes(&house, &id), ["console", "two"], "it may only start again");
    // The other takes over, and gives back when it serves again.
    tokio::time::timeout(Duration::from_secs(20), one.load()).await.expect("another configuration");
    assert_eq!(nodes(&house, &id), ["console", "console"]);
    let mut two = Engine::over(&console, EngineId::from_random(ENGINE), has, elsewhere()).await.expect("answers");
    two.load().await;
    until("it carries a node", || nodes(&house, &id) == ["console", "two"]).await;
    follow(&house, &mut one, &own_id).await;
    follow(&house, &mut two, &two_id).await;
    until("runs on both", || status(&house, &id).0 == GatewayStatus::Running).await;
}

#[tokio::test]
async fn a_host_is_drained_then_removed_and_told_to_end() {
    let house = open().await;
    let id = house.gateway("first").await;
    let (control, principal) = (&house.control, &house.principal);
    let mut one = Engine::connect(&house, Snapshot::default()).await;
    one.load().await;
    let own = host(&house, "console").await.expect("is there");
    let last = control.drain_host(principal, &own.id, own.revision, true).await;
    assert!(matches!(last, Err(ControlError::LastHost)), "{last:?}");
    assert!(matches!(control.remove_host(principal, &own.id, own.revision).await, Err(ControlError::OwnHost)));

    let console = joined(&house).await;
    let two_id: HostId = host(&house, "two").await.expect("is there").id;
    let mut two = second(&console).await;
    two.load().await;
    until("it carries a node", || nodes(&house, &id) == ["console", "two"]).await;
    follow(&house, &mut two, &two_id).await;
    let agent = Agent::over(&console, AgentId::from_random(AGENT)).await;
    agent.says(Vec::new()).await;
    let early = control.remove_host(principal, &two_id, 1).await;
    assert!(matches!(early, Err(ControlError::HostInUse { .. })), "{early:?}");
    control.drain_host(principal, &two_id, 1, true).await.expect("drains");
    let again = control.drain_host(principal, &two_id, 1, false).await;
    assert!(matches!(again, Err(ControlError::Unavailable { .. } | ControlError::Conflict { .. })), "{again:?}");
    follow(&house, &mut two, &two_id).await;
    assert_eq!(nodes(&house, &id), ["console", "console"]);
    until("is empty", || house.control.observed().agents.values().any(|agent| agent.connected)).await;
    assert_eq!(host(&house, "two").await.map(|host| host.status), Some(HostStatus::Drained));

    control.remove_host(principal, &two_id, 2).await.expect("removes");
    assert!(host(&house, "two").await.is_none());
    follow(&house, &mut two, &two_id).await;
    assert!(two.has.is_empty(), "nothing is left to be served");
    follow(&house, &mut one, &own.id).await;
    until("forgotten", || house.control.observed().engines.len() == 1).await;
    until("runs", || status(&house, &id).0 == GatewayStatus::Running).await;
    // One that was away learns it when it comes back.
    let mut late = second(&console).await;
    late.say(EngineUp::Doors(Vec::new())).await;
    let told = tokio::time::timeout(Duration::from_millis(200), late.down.next()).await;
    assert!(told.is_err(), "it has nothing and is told nothing: {told:?}");
    assert_eq!(house.control.observed().engines.len(), 1);
}

fn replica(n: u8, service: &ServiceId, state: ReplicaState, address: [u8; 4]) -> ReplicaReport {
    ReplicaReport {
        replica_id: ReplicaId::from_random([n; RANDOM_LEN]),
        service_id: service.clone(),
        state,
        address: (address, 20_000 + u16::from(n)).into(),
        pid: None,
        restarts: 0,
        detail: None,
        since: chrono::Utc::now(),
        version: 1,
        started_at: None,
        isolated: false,
        last_lines: Vec::new(),
        weight: domain::endpoint::DEFAULT_WEIGHT,
    }
}

/// Reads on until the engine has heard of exactly these endpoints elsewhere.
async fn told(engine: &mut Engine, addresses: &[&str]) {
    let mut last = None;
    let heard = tokio::time::timeout(Duration::from_secs(5), async {
        while last.as_ref().is_none_or(|last| last != addresses) {
            match engine.down.next().await {
                Some(Ok(EngineDown::Endpoints { endpoints, .. })) => {
                    last = Some(endpoints.iter().map(|each| each.address.to_string()).collect::<Vec<_>>());
                }
                Some(Ok(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    });
    assert!(heard.await.is_ok(), "{addresses:?}, not {last:?}");
}

#[tokio::test]
async fn what_runs_elsewhere_is_one_hosts_to_probe() {
    let house = open().await;
    let gateway = house.gateway("first").await;
    let console = joined(&house).await;
    let own = Console::Socket(house.folder.path().join("link.sock"));
    let mut one = Agent::over(&own, AgentId::from_random([1; RANDOM_LEN])).await;
    let mut two = Agent::over(&console, AgentId::from_random(AGENT)).await;
    one.says(Vec::new()).await;
    two.says(Vec::new()).await;
    assert_eq!((one.wanted().await, two.wanted().await), (0, 0));
    let draft = ServiceDraft {
        name: "elsewhere".into(),
        gateway: gateway.to_string(),
        command: "x".into(),
        replicas: "3".into(),
        ..ServiceDraft::default()
    };
    let mut draft = draft.validate().expect("valid");
    let addresses = (1..4).map(|n| ([10, 8, 0, n], 8000).into()).collect();
    draft.spec.workload.runtime = Runtime::External { addresses, weights: BTreeMap::new() };
    house.control.deploy_checked(&house.principal, draft, Why::Deploy).await.expect("deploys");
    // Each of two would begin with the first address, and nobody would look at the last.
    let (wanted, mut other) = tokio::select! {
        wanted = one.wanted() => (wanted, two),
        wanted = two.wanted() => (wanted, one),
    };
    assert_eq!(wanted, 3);
    let more = tokio::time::timeout(Duration::from_millis(300), other.wanted()).await;
    assert!(more.is_err(), "nothing of it is the other one's: {more:?}");
}

#[tokio::test]
async fn replicas_are_on_both_and_move_without_a_gap() {
    use ReplicaState::{Ready, Starting};
    let house = open().await;
    let gateway = house.gateway("first").await;
    let (control, principal) = (&house.control, &house.principal);
    let console = joined(&house).await;
    let own = Console::Socket(house.folder.path().join("link.sock"));
    let mut one = Agent::over(&own, AgentId::from_random([1; RANDOM_LEN])).await;
    let mut two = Agent::over(&console, AgentId::from_random(AGENT)).await;
    one.says(Vec::new()).await;
    two.says(Vec::new()).await;
    assert_eq!((one.wanted().await, two.wanted().await), (0, 0));
    let draft = ServiceDraft {
        name: "echo".into(),
        gateway: gateway.to_string(),
        command: "x".into(),
        replicas: "2".into(),
        ..ServiceDraft::default()
    };
    let service = control.deploy_service(principal, &draft).await.expect("deploys");
    assert_eq!((one.wanted().await, two.wanted().await), (1, 1));

    let mut near = Engine::connect(&house, Snapshot::default()).await;
    let mut far = second(&console).await;
    one.says(vec![replica(1, &service, Ready, [127, 0, 0, 1])]).await;
    two.says(vec![replica(2, &service, Ready, [10, 9, 0, 2])]).await;
    told(&mut near, &["10.9.0.2:20002"]).await;
    // What is on loopback is nobody else's.
    told(&mut far, &[]).await;
    one.says(vec![replica(1, &service, Ready, [10, 9, 0, 1])]).await;
    told(&mut far, &["10.9.0.1:20001"]).await;

    // Both shall be on the first: the second keeps its replica until another one is ready.
    let two_id = host(&house, "two").await.expect("is there").id;
    control.drain_host(principal, &two_id, 1, true).await.expect("drains");
    assert_eq!(one.wanted().await, 2);
    one.says(vec![replica(1, &service, Ready, [10, 9, 0, 1]), replica(3, &service, Starting, [10, 9, 0, 1])]).await;
    let busy = control.remove_host(principal, &two_id, 2).await;
    assert!(matches!(busy, Err(ControlError::HostInUse { replicas: 1, .. })), "{busy:?}");
    one.says(vec![replica(1, &service, Ready, [10, 9, 0, 1]), replica(3, &service, Ready, [10, 9, 0, 1])]).await;
    assert_eq!(two.wanted().await, 0);
    two.says(Vec::new()).await;
    told(&mut near, &[]).await;
    // One that comes back says what it runs before anything is wanted of it.
    let mut back = Agent::over(&console, AgentId::from_random(AGENT)).await;
    back.says(vec![replica(2, &service, Ready, [10, 9, 0, 2])]).await;
    assert_eq!(back.wanted().await, 0, "it is ready elsewhere");
    // What an agent that is away said last is not counted on; the other has not ended its own yet.
    drop(one);
    until("it is missed", || {
        let seen = control.service(principal, &service).expect("is there");
        let missed = seen.conditions.iter().any(|each| each.reason == Reason::AgentDisconnected);
        missed && seen.summary.ready == 1
    })
    .await;
}
