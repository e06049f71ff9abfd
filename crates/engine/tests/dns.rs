//! The engine's DNS server: names come and go with the configuration, and stay without a console.
#![allow(clippy::unwrap_used)]

mod harness;

use domain::snapshot::dns::{DnsConfig, DnsListener};
use domain::snapshot::{ListenerConfig, Resource, ResourceKey, Scheme};
use harness::dns::{addresses, config, dig, dig_by, free_port, has_dig, listener, name};
use harness::namespace::{Namespace, can_be_made};
use harness::vpc::{refused, vpc};
use harness::{Agent, Console, Engine, World, until};
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::time::{Duration, Instant};

const NAME: &str = "gw-1.gw.example";

fn key(name: &str, number: Option<u8>) -> ResourceKey {
    ResourceKey::Name { vpc: number.map(vpc), name: name.into() }
}

fn ips(texts: &[&str]) -> Result<Vec<IpAddr>, String> {
    Ok(texts.iter().map(|text| text.parse().unwrap()).collect())
}

/// Asked on the public side, and inside a VPC.
async fn world() -> (World, SocketAddr, SocketAddr) {
    let (mut world, port) = (World::new().await, free_port());
    let [public, private] = ["127.0.0.1", "127.88.1.10"].map(|ip| SocketAddr::new(ip.parse().unwrap(), port));
    world.put(Resource::Dns(config(vec![listener(public, None), listener(private, Some(1))]))).await;
    (world, public, private)
}

async fn missing(at: SocketAddr, name: &str) -> bool {
    addresses(at, name).await == Err("NXDOMAIN".into())
}

/// Nobody is there any more; a door that is open answers.
fn is_closed(at: SocketAddr) -> bool {
    std::net::TcpStream::connect(at).is_err() && std::net::UdpSocket::bind(at).is_ok()
}

#[tokio::test]
async fn names_come_and_go_within_a_second() {
    if !has_dig() {
        return;
    }
    let (mut world, public, private) = world().await;
    assert!(missing(public, NAME).await);
    let started = Instant::now();
    world.put(name(NAME, None, &["192.0.2.1", "192.0.2.2"])).await;
    // What is loaded is answered: there is nothing to wait for.
    assert_eq!(addresses(public, NAME).await, ips(&["192.0.2.1", "192.0.2.2"]));
    assert_eq!(addresses(private, NAME).await, ips(&["192.0.2.1", "192.0.2.2"]), "seen from inside, too");
    world.put(name(NAME, Some(1), &["127.88.1.10"])).await;
    assert_eq!(addresses(private, NAME).await, ips(&["127.88.1.10"]));
    world.put(name(NAME, None, &["192.0.2.3"])).await;
    assert_eq!(addresses(public, NAME).await, ips(&["192.0.2.3"]));
    world.change(|snapshot| assert!(snapshot.remove(&key(NAME, None)))).await;
    assert!(missing(public, NAME).await);
    assert_eq!(addresses(private, NAME).await, ips(&["127.88.1.10"]), "another side's name stays");
    world.change(|snapshot| assert!(snapshot.remove(&key(NAME, Some(1))))).await;
    assert!(missing(private, NAME).await);
    let took = started.elapsed() / 5;
    println!("a change with all its questions: {took:?}");
    assert!(took < Duration::from_secs(1), "{took:?}");

    // Whatever changes, all engines show the version that they have.
    world.whitelist(&["127.0.0.1/32"]).await;
    let soa = dig(public, "+short gw.example SOA").await;
    assert!(soa.contains(&format!(" {} ", world.snapshot.version)), "{soa}");
    assert_eq!(world.get("/").await.status, 200, "requests know nothing of it");
}

#[tokio::test]
async fn the_server_comes_goes_and_moves() {
    if !has_dig() {
        return;
    }
    let (mut world, public, private) = world().await;
    world.put(name(NAME, None, &["192.0.2.1"])).await;
    world.put(Resource::Dns(DnsConfig { ttl: 77, ..config(vec![listener(public, None)]) })).await;
    assert!(is_closed(private));
    assert!(dig(public, NAME).await.contains(&format!("{NAME}. 77 IN A 192.0.2.1")));
    world.change(|snapshot| assert!(snapshot.remove(&ResourceKey::Dns))).await;
    assert!(is_closed(public));
    // Names that changed while nobody was asked are as they are now.
    world.put(name(NAME, None, &["192.0.2.2"])).await;
    world.put(Resource::Dns(config(vec![listener(private, Some(2))]))).await;
    assert_eq!(addresses(private, NAME).await, ips(&["192.0.2.2"]));
    assert!(is_closed(public));
    world.engine.tell_stop();
    until("closed sockets", async || is_closed(private).then_some(())).await;
}

#[tokio::test]
async fn answers_after_a_restart_without_a_console() {
    if !has_dig() {
        return;
    }
    let (mut world, public, private) = world().await;
    world.put(name(NAME, None, &["192.0.2.1"])).await;
    world.put(name("gw-2.gw.example", Some(1), &["127.88.1.10"])).await;
    let World { engine, console, agent, folder, .. } = world;
    drop((console, agent));
    assert_eq!(addresses(public, NAME).await, ips(&["192.0.2.1"]));
    engine.stop();
    assert!(is_closed(public) && is_closed(private));
    let engine = Engine::start(folder.path());
    until("the names", async || (addresses(public, NAME).await == ips(&["192.0.2.1"])).then_some(())).await;
    assert_eq!(addresses(private, "gw-2.gw.example").await, ips(&["127.88.1.10"]));
    assert!(missing(public, "gw-2.gw.example").await);
    engine.stop();
}

#[tokio::test]
async fn a_door_that_cannot_open_is_reported_and_opens_when_it_can() {
    if !has_dig() {
        return;
    }
    let (mut world, public, private) = world().await;
    world.put(name(NAME, None, &["192.0.2.1"])).await;
    let port = free_port();
    let taken: SocketAddr = ([127, 88, 1, 11], port).into();
    let other = TcpListener::bind(taken).unwrap();
    world.put(Resource::Dns(config(vec![listener(public, None), listener(taken, Some(1))]))).await;
    let report = async |address, open| {
        until("a report", async || {
            world.console.doors().into_iter().find(|door| door.address == address && door.open == open)
        })
        .await
    };
    let why = report(taken, false).await.error.unwrap();
    assert!(why.contains("TCP") && why.contains("choose another port"), "{why}");
    assert_eq!(report(public, true).await.error, None);
    assert!(report(world.address, true).await.open, "among all the others");
    assert!(!world.console.doors().iter().any(|door| door.address == private), "no door any more");
    assert_eq!(addresses(public, NAME).await, ips(&["192.0.2.1"]), "the others answer");
    drop(other);
    report(taken, true).await;
    assert_eq!(addresses(taken, NAME).await, ips(&["192.0.2.1"]));
}

#[tokio::test]
async fn a_configuration_that_cannot_be_answered_is_refused() {
    if !has_dig() {
        return;
    }
    let (mut world, public, _) = world().await;
    world.put(name(NAME, None, &["192.0.2.1"])).await;
    let said = refused(&world, vec![name("Not A Name", None, &[]), name(NAME, None, &["192.0.2.9"])]).await;
    assert!(said.contains("is no DNS name"), "{said}");
    let shared = Resource::Dns(config(vec![listener(world.address, None)]));
    assert!(refused(&world, vec![shared]).await.contains("another port"));
    let wildcard = Resource::Dns(config(vec![listener("0.0.0.0:53".parse().unwrap(), None)]));
    assert!(refused(&world, vec![wildcard]).await.contains("name each address"));
    // From the other end: requests at an address where questions are answered.
    let request = Resource::Listener(ListenerConfig::new(public, Scheme::Http));
    assert!(refused(&world, vec![request]).await.contains("another port"));
    let own = Resource::Gateway(harness::gateway(public, &[]));
    assert!(refused(&world, vec![own]).await.contains("another port"));
    assert_eq!(addresses(public, NAME).await, ips(&["192.0.2.1"]), "nothing of it was taken");
    assert_eq!(world.get("/").await.status, 200);
}

/// A machine with two addresses in a VPC, on one wire.
struct Machines {
    world: World,
    inside: Namespace,
    host: Namespace,
}

const FIRST: &str = "10.9.1.1";
const SECOND: &str = "10.9.1.2";
const PRIVATE: &str = "gw-1-vpc.gw.example";

async fn machines() -> Machines {
    let host = Namespace::new();
    let inside = host.neighbour("ig-vpc", &format!("{FIRST}/24"), "10.9.1.100/24");
    host.ip(&format!("addr add {SECOND}/24 dev ig-vpc"));
    let folder = tempfile::tempdir().unwrap();
    let console = Console::start(folder.path()).await;
    let engine = Engine::within(folder.path(), &host.path());
    let agent = Agent::connect(folder.path()).await;
    let mut world = World::around(engine, console, agent, folder).await;
    let at = |ip: &str, port| SocketAddr::new(ip.parse().unwrap(), port);
    let devices = vec!["ig-vpc".to_owned()];
    world
        .change(|snapshot| {
            for ip in [FIRST, SECOND] {
                let listener = ListenerConfig::new(at(ip, 80), Scheme::Http);
                let listener = ListenerConfig { vpc: Some(vpc(1)), devices: devices.clone(), ..listener };
                snapshot.put(Resource::Listener(listener));
            }
            snapshot.put(name(PRIVATE, Some(1), &[FIRST, SECOND, "10.9.7.7"]));
            let on_wire = |ip| DnsListener { devices: devices.clone(), ..listener(at(ip, 53), Some(1)) };
            snapshot.put(Resource::Dns(config(vec![on_wire(FIRST), on_wire(SECOND)])));
        })
        .await;
    Machines { world, inside, host }
}

impl Machines {
    async fn asks(&self, at: &str) -> String {
        let name = self.inside.path();
        let command = format!("ip netns exec {} dig", name.file_name().unwrap().to_str().unwrap());
        dig_by(&command, SocketAddr::new(at.parse().unwrap(), 53), &format!("+short {PRIVATE}")).await
    }

    async fn is_told(&self, at: &str, addresses: &[&str]) {
        let expected: String = addresses.iter().map(|address| format!("{address}\n")).collect();
        until(&format!("{addresses:?} from {at}"), async || (self.asks(at).await == expected).then_some(())).await;
    }
}

#[tokio::test]
async fn an_address_that_vanished_is_left_out_until_it_is_back() {
    if !has_dig() || !can_be_made() {
        return;
    }
    let it = machines().await;
    // The last one is another engine's, of which this one knows nothing.
    it.is_told(FIRST, &[FIRST, SECOND, "10.9.7.7"]).await;
    it.is_told(SECOND, &[FIRST, SECOND, "10.9.7.7"]).await;
    it.host.ip(&format!("addr del {SECOND}/24 dev ig-vpc"));
    it.is_told(FIRST, &[FIRST, "10.9.7.7"]).await;
    let away = until("a report", async || {
        it.world.console.doors().into_iter().find(|door| door.address == "10.9.1.2:53".parse().unwrap() && !door.open)
    });
    assert!(away.await.error.unwrap().contains("no longer on an interface"));
    it.host.ip(&format!("addr add {SECOND}/24 dev ig-vpc"));
    it.is_told(FIRST, &[FIRST, SECOND, "10.9.7.7"]).await;
    it.is_told(SECOND, &[FIRST, SECOND, "10.9.7.7"]).await;
}

#[tokio::test]
async fn an_interface_that_comes_back_is_listened_on_again() {
    if !has_dig() || !can_be_made() {
        return;
    }
    let it = machines().await;
    it.is_told(FIRST, &[FIRST, SECOND, "10.9.7.7"]).await;
    it.host.ip("link del ig-vpc");
    until("closed doors", async || {
        let doors = it.world.console.doors();
        (doors.iter().filter(|door| door.address.port() == 53 && !door.open).count() == 2).then_some(())
    })
    .await;
    it.host.wire("ig-vpc", &format!("{FIRST}/24"), &it.inside, "10.9.1.100/24");
    it.host.ip(&format!("addr add {SECOND}/24 dev ig-vpc"));
    it.is_told(FIRST, &[FIRST, SECOND, "10.9.7.7"]).await;
}
