//! Whether public domains lead to their gateway, asked of a DNS server that the test plays.

mod house;
mod name_server;

use control::{Control, ControlError, Installation, Resolver};
use domain::custom_domain::DomainDraft;
use domain::domain_check::{DomainCheck, DomainOutcome};
use domain::id::{DomainId, GatewayId};
use house::{House, house_of, until};
use name_server::{Behaviour, NameServer};
use std::time::{Duration, Instant};
use tokio::sync::broadcast::error::TryRecvError;

/// No test lives long enough for a second round.
const NEVER: Duration = Duration::from_secs(3600);

struct World {
    dns: NameServer,
    house: House,
    gateway: GatewayId,
    /// The gateway's own name.
    own: String,
}

async fn world() -> World {
    let dns = NameServer::start().await;
    let listeners = ["192.0.2.80:80", "[2001:db8::80]:80"];
    let installation = Installation {
        base_domain: "gw.example.org".into(),
        http: listeners.map(|listener| listener.parse().expect("address")).to_vec(),
        resolver: Resolver::Servers(vec![dns.address]),
        ..Installation::default()
    };
    let house = house_of(installation).await;
    let gateway = house.gateway("first").await;
    let own = house.control.installation().public_host(&gateway);
    World { dns, house, gateway, own }
}

impl World {
    async fn add(&self, host: &str, side: &str) -> DomainId {
        let draft = DomainDraft { host: host.into(), side: side.into(), certificate: String::new() };
        self.house.control.add_domain(&self.house.principal, &self.gateway, &draft).await.expect("adds")
    }

    async fn check(&self, id: &DomainId) -> DomainOutcome {
        let check = self.house.control.check_domain(&self.house.principal, id).await.expect("asks");
        check.expect("is public").outcome
    }

    /// Of a new domain.
    async fn outcome(&self, host: &str) -> DomainOutcome {
        let id = self.add(host, "public").await;
        self.check(&id).await
    }

    /// As the page shows it.
    fn shown(&self, id: &DomainId) -> Option<DomainCheck> {
        let detail = self.house.control.gateway(&self.house.principal, &self.gateway).expect("is there");
        detail.domains.into_iter().find(|each| each.domain.id == *id).expect("is there").check
    }
}

fn wrong(found: &str) -> DomainOutcome {
    DomainOutcome::WrongTarget { found: found.into() }
}

#[tokio::test]
async fn what_leads_to_the_gateway_is_found() {
    let world = world().await;
    world.dns.alias("models.example.com", &world.own);
    world.dns.alias("shouted.example.com", &world.own.to_uppercase());
    world.dns.alias("far.example.com", "near.example.net");
    world.dns.alias("near.example.net", &world.own);
    world.dns.alias("*.wild.example.com", &world.own);
    // An apex whose DNS copies the addresses, here of one family only.
    world.dns.addresses("example.com", &["192.0.2.80"]);
    world.dns.addresses("both.example.com", &["192.0.2.80", "2001:db8::80"]);
    // Behind address translation: what the gateway's own name has in public DNS counts.
    world.dns.addresses(&world.own, &["198.51.100.7"]);
    world.dns.addresses("translated.example.com", &["198.51.100.7"]);
    for host in [
        "models.example.com",
        "shouted.example.com",
        "far.example.com",
        "*.wild.example.com",
        "example.com",
        "both.example.com",
        "translated.example.com",
    ] {
        assert_eq!(world.outcome(host).await, DomainOutcome::Found, "{host}");
    }
}

#[tokio::test]
async fn what_leads_elsewhere_is_said_with_where() {
    let world = world().await;
    let other = world.house.gateway("second").await;
    let sibling = world.house.control.installation().public_host(&other);
    world.dns.alias("sibling.example.com", &sibling);
    world.dns.alias("parked.example.com", "parking.example.net");
    world.dns.addresses("parking.example.net", &["203.0.113.9"]);
    world.dns.alias("dangling.example.com", "nowhere.example.net");
    world.dns.alias("loop-a.example.com", "loop-b.example.com");
    world.dns.alias("loop-b.example.com", "loop-a.example.com");
    world.dns.addresses("example.net", &["203.0.113.9"]);
    // Half right is wrong for half of the clients.
    world.dns.addresses("mixed.example.com", &["192.0.2.80", "203.0.113.9"]);
    world.dns.addresses("sixth.example.com", &["192.0.2.80", "2001:db8::bad"]);
    world.dns.alias("hostile.example.com", "<script>\u{202e}evil.example.net");
    for (host, found) in [
        ("sibling.example.com", sibling.as_str()),
        ("parked.example.com", "parking.example.net"),
        ("dangling.example.com", "nowhere.example.net"),
        ("loop-a.example.com", "loop-b.example.com"),
        ("example.net", "203.0.113.9"),
        ("mixed.example.com", "203.0.113.9"),
        ("sixth.example.com", "2001:db8::bad"),
    ] {
        assert_eq!(world.outcome(host).await, wrong(found), "{host}");
    }
    let DomainOutcome::WrongTarget { found } = world.outcome("hostile.example.com").await else { panic!("found it") };
    assert!(found.is_ascii() && found.ends_with("evil.example.net") && found.len() < 400, "{found}");
}

#[tokio::test]
async fn what_is_not_there_and_what_is_not_said() {
    let world = world().await;
    world.dns.addresses("empty.example.com", &[]);
    for host in ["missing.example.com", "empty.example.com", "*.missing.example.com"] {
        assert_eq!(world.outcome(host).await, DomainOutcome::Missing, "{host}");
    }
    for (host, behaviour, said) in [
        ("broken.example.com", Behaviour::Fails, "Server Failure"),
        ("refused.example.com", Behaviour::Refuses, "Refused"),
        ("silent.example.com", Behaviour::Silent, "no answer"),
        ("garbage.example.com", Behaviour::Garbage, ""),
        ("other-id.example.com", Behaviour::OtherId, ""),
    ] {
        world.dns.behave(host, behaviour);
        let started = Instant::now();
        match world.outcome(host).await {
            DomainOutcome::Unanswered { detail } => {
                assert!(!detail.is_empty() && detail.contains(said) && detail.len() < 400, "{host}: {detail}");
            }
            other => panic!("{host}: {other:?}"),
        }
        assert!(started.elapsed() < Duration::from_secs(6), "{host}");
    }
    // The alias is there, what it leads to is not to be known.
    world.dns.alias("behind.example.com", "broken.example.com");
    let DomainOutcome::Unanswered { detail } = world.outcome("behind.example.com").await else { panic!("knows") };
    assert!(detail.starts_with("broken.example.com: "), "{detail}");
}

#[tokio::test]
async fn nobody_listens_at_the_resolver() {
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.expect("binds");
    let gone = socket.local_addr().expect("has one");
    drop(socket);
    let house = house_of(Installation { resolver: Resolver::Servers(vec![gone]), ..Installation::default() }).await;
    let gateway = house.gateway("first").await;
    let draft = DomainDraft { host: "a.example.com".into(), side: "public".into(), certificate: String::new() };
    let id = house.control.add_domain(&house.principal, &gateway, &draft).await.expect("adds");
    let check = house.control.check_domain(&house.principal, &id).await.expect("asks").expect("is public");
    assert!(matches!(check.outcome, DomainOutcome::Unanswered { .. }), "{check:?}");
}

fn keep(control: &Control, every: Duration) -> tokio::task::JoinHandle<()> {
    let control = control.clone();
    tokio::spawn(async move { control.keep_domains_checked(every).await })
}

#[tokio::test]
async fn a_record_that_is_added_later_is_found_by_the_next_round() {
    let world = world().await;
    let id = world.add("late.example.com", "public").await;
    assert_eq!(world.shown(&id), None, "nobody asked yet");
    let keeping = keep(&world.house.control, Duration::from_millis(50));
    let is = |outcome: DomainOutcome| world.shown(&id).is_some_and(|check| check.outcome == outcome);
    until("it is missing", || is(DomainOutcome::Missing)).await;
    world.dns.alias("late.example.com", &world.own);
    until("it is found", || is(DomainOutcome::Found)).await;
    world.dns.alias("late.example.com", "elsewhere.example.net");
    until("it leads elsewhere", || is(wrong("elsewhere.example.net"))).await;
    keeping.abort();
}

#[tokio::test]
async fn new_domains_are_asked_about_at_once_and_private_ones_never() {
    let world = world().await;
    let control = &world.house.control;
    let keeping = keep(control, NEVER);
    // Silent ones fill some of the places; new ones do not wait for another round.
    world.dns.behave("silent.example.com", Behaviour::Silent);
    let silent = world.add("silent.example.com", "public").await;
    world.dns.alias("new.example.com", &world.own);
    let private = world.add("new.example.com", "private").await;
    let id = world.add("new.example.com", "public").await;
    until("it is found", || world.shown(&id).is_some_and(|check| check.outcome == DomainOutcome::Found)).await;
    assert_eq!((world.shown(&private), world.shown(&silent)), (None, None));
    assert_eq!(control.check_domain(&world.house.principal, &private).await.expect("is fine"), None);
    // Gone domains leave nothing behind.
    control.delete_domain(&world.house.principal, &id, 1).await.expect("deletes");
    until("it is forgotten", || !control.observed().domains.contains_key(&id)).await;
    keeping.abort();
}

#[tokio::test]
async fn only_another_outcome_is_news() {
    let world = world().await;
    let id = world.add("models.example.com", "public").await;
    let keeping = keep(&world.house.control, Duration::from_millis(20));
    until("it was asked about", || world.shown(&id).is_some()).await;
    let first = world.shown(&id).expect("is there").at;
    let mut events = world.house.control.events();
    until("it was asked about again", || world.shown(&id).is_some_and(|check| check.at > first)).await;
    assert_eq!(events.try_recv(), Err(TryRecvError::Empty));
    world.dns.alias("models.example.com", &world.own);
    let heard = tokio::time::timeout(Duration::from_secs(5), events.recv()).await;
    assert!(heard.is_ok_and(|heard| heard.is_ok()));
    assert_eq!(world.shown(&id).map(|check| check.outcome), Some(DomainOutcome::Found));
    keeping.abort();
}

#[tokio::test]
async fn on_demand_but_not_all_the_time() {
    let world = world().await;
    let (control, who) = (&world.house.control, &world.house.principal);
    let id = world.add("models.example.com", "public").await;
    let other = world.add("other.example.com", "public").await;
    world.check(&id).await;
    let asked = world.dns.asked("models.example.com");
    for _ in 0..5 {
        let refused = control.check_domain(who, &id).await;
        assert!(matches!(refused, Err(ControlError::AskedJustNow { retry_after_s: 1..=2 })), "{refused:?}");
    }
    assert_eq!(world.dns.asked("models.example.com"), asked);
    assert_eq!(world.check(&other).await, DomainOutcome::Missing);
    // Somebody of another workspace learns nothing of it.
    let stranger = identity::Principal {
        workspace_id: domain::id::WorkspaceId::from_random([9; domain::id::RANDOM_LEN]),
        ..who.clone()
    };
    let refused = control.check_domain(&stranger, &id).await;
    assert!(matches!(refused, Err(ControlError::NotFound { .. })), "{refused:?}");
    // The pause ends.
    world.dns.alias("models.example.com", &world.own);
    let found = tokio::time::timeout(Duration::from_secs(5), async {
        loop {
            match control.check_domain(who, &id).await {
                Ok(check) => break check,
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    });
    assert_eq!(found.await.expect("in time").expect("is public").outcome, DomainOutcome::Found);
}

#[tokio::test]
async fn never_more_than_eight_at_a_time() {
    let world = world().await;
    world.dns.behave("*.slow.example.com", Behaviour::Silent);
    for number in 0..12 {
        world.add(&format!("n{number}.slow.example.com"), "public").await;
    }
    let keeping = keep(&world.house.control, NEVER);
    until("the first ones are asked about", || world.dns.names_asked() >= 8).await;
    // Those behind them wait until one is given up, which takes seconds.
    let started = Instant::now();
    while started.elapsed() < Duration::from_millis(500) {
        assert_eq!(world.dns.names_asked(), 8);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    keeping.abort();
}
