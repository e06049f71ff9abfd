//! Gateways behind wildcard hosts: by Host, and by the name in the handshake.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::cidr::Cidr;
use domain::id::{GatewayId, RANDOM_LEN};
use domain::snapshot::{
    Capacity, Delta, GatewayConfig, ListenerConfig, PublicDoor, Resource, ResourceKey, Scheme, TlsPolicy,
};
use harness::tls::{Browser, Made};
use harness::{Answer, Client, HOST, World, free_address};
use link::message::EngineDown;
use rustls::version::TLS13;
use std::net::SocketAddr;

fn named(number: u8, hosts: &[&str]) -> GatewayConfig {
    GatewayConfig {
        id: GatewayId::from_random([number; RANDOM_LEN]),
        name: format!("gateway {number}"),
        public: Some(PublicDoor {
            hosts: hosts.iter().map(|host| (*host).into()).collect(),
            own: None,
            whitelist: vec![Cidr::parse("127.0.0.0/8").unwrap()],
            drop_strangers: false,
        }),
        private: Vec::new(),
        capacity: Capacity::default(),
        tls: TlsPolicy::default(),
        trusted_proxies: Vec::new(),
    }
}

/// The name of the gateway that answers, or the code of the refusal.
fn who(answer: &Answer) -> String {
    if answer.status == 200 { answer.json()["name"].as_str().unwrap().into() } else { answer.code() }
}

async fn ask(client: &mut Client, host: &str) -> String {
    who(&client.head("GET / HTTP/1.1", &format!("Host: {host}\r\n")).await)
}

async fn refused(world: &World, gateway: GatewayConfig) -> String {
    let mut next = world.snapshot.clone();
    next.put(Resource::Gateway(gateway));
    next.version += 1;
    world.console.forget();
    world.console.send(EngineDown::Config(Delta::between(&world.snapshot, &next))).await;
    let reason = world.console.refused(next.version).await;
    // The next one has the same version.
    world.console.forget();
    reason
}

#[tokio::test]
async fn one_label_and_names_of_their_own_first() {
    let mut world = World::new().await;
    world.put(Resource::Gateway(named(7, &["*.models.test", "models.test"]))).await;
    world.put(Resource::Gateway(named(8, &["special.models.test"]))).await;
    let mut client = world.client().await;
    for (host, gateway) in [
        ("a.models.test", "gateway 7"),
        ("A.Models.Test.:80", "gateway 7"),
        ("models.test", "gateway 7"),
        ("special.models.test", "gateway 8"),
        ("a.b.models.test", "NoSuchGateway"),
        ("amodels.test", "NoSuchGateway"),
        (".models.test", "NoSuchGateway"),
        ("test", "NoSuchGateway"),
        (HOST, "test"),
    ] {
        assert_eq!(ask(&mut client, host).await, gateway, "{host}");
    }
    // Without a name of its own a host is one of many again, and nobody's when those are gone, too.
    let gone = ResourceKey::Gateway(named(8, &[]).id);
    world.change(|snapshot| assert!(snapshot.remove(&gone))).await;
    assert_eq!(ask(&mut client, "special.models.test").await, "gateway 7");
    world.put(Resource::Gateway(named(7, &["models.test"]))).await;
    assert_eq!(ask(&mut client, "special.models.test").await, "NoSuchGateway");
    assert_eq!(ask(&mut client, "models.test").await, "gateway 7");
}

#[tokio::test]
async fn a_wildcard_is_one_gateways() {
    let mut world = World::new().await;
    world.put(Resource::Gateway(named(7, &["*.models.test"]))).await;
    let reason = refused(&world, named(8, &["*.models.test"])).await;
    assert!(reason.contains("*.models.test") && reason.contains("only one gateway"), "{reason}");
    for host in ["*", "*.", "*.*.test", "a.*.test", "*.Test", "*.test:80", "*.127.0.0.1"] {
        let reason = refused(&world, named(8, &[host])).await;
        assert!(reason.contains("no lower-case host name"), "{host}: {reason}");
    }
    // Two may change places at once.
    let mut other = named(8, &["*.models.test"]);
    world
        .change(|snapshot| {
            snapshot.put(Resource::Gateway(named(7, &["*.else.test"])));
            snapshot.put(Resource::Gateway(other.clone()));
        })
        .await;
    let mut client = world.client().await;
    assert_eq!(ask(&mut client, "a.models.test").await, "gateway 8");
    assert_eq!(ask(&mut client, "a.else.test").await, "gateway 7");
    // Off, a gateway has no names.
    other.public = None;
    world.put(Resource::Gateway(other)).await;
    assert_eq!(ask(&mut client, "a.models.test").await, "NoSuchGateway");
}

async fn over_tls(world: &mut World, gateways: &[GatewayConfig]) -> SocketAddr {
    let address = free_address();
    let made = Made::new(1, &["*.models.test"], true);
    world
        .change(|snapshot| {
            snapshot.put(Resource::Listener(ListenerConfig::new(address, Scheme::Https)));
            snapshot.put(made.resource());
            for gateway in gateways {
                snapshot.put(Resource::Gateway(gateway.clone()));
            }
        })
        .await;
    address
}

#[tokio::test]
async fn a_handshake_names_a_gateway_by_its_wildcard() {
    let mut world = World::new().await;
    let gateways = [named(7, &["*.models.test"]), named(8, &["special.models.test"])];
    let address = over_tls(&mut world, &gateways).await;
    let mut client = Browser::new(&[&TLS13]).connect(address, "a.models.test").await.unwrap().client();
    // Another label is still the same gateway; a name of its own is another one's.
    assert_eq!(ask(&mut client, "a.models.test").await, "gateway 7");
    assert_eq!(ask(&mut client, "b.models.test").await, "gateway 7");
    assert_eq!(ask(&mut client, "special.models.test").await, "MisdirectedRequest");
    let mut client = Browser::new(&[&TLS13]).connect(address, "special.models.test").await.unwrap().client();
    assert_eq!(ask(&mut client, "special.models.test").await, "gateway 8");
    assert_eq!(ask(&mut client, "a.models.test").await, "MisdirectedRequest");
}

#[tokio::test]
async fn strangers_are_dropped_in_the_handshake() {
    let mut world = World::new().await;
    let mut closed = named(7, &["*.models.test"]);
    let door = closed.public.as_mut().unwrap();
    (door.whitelist, door.drop_strangers) = (vec![Cidr::parse("192.0.2.0/24").unwrap()], true);
    let address = over_tls(&mut world, &[closed, named(8, &["special.models.test"])]).await;
    let browser = Browser::new(&[&TLS13]);
    assert!(browser.connect(address, "a.models.test").await.is_err());
    let mut client = browser.connect(address, "special.models.test").await.unwrap().client();
    assert_eq!(ask(&mut client, "special.models.test").await, "gateway 8");
    // In clear the Host of the first request tells.
    let mut client = world.client().await;
    client.write("GET / HTTP/1.1\r\nHost: a.models.test\r\n\r\n").await;
    assert!(client.is_closed().await);
}

#[tokio::test]
async fn clients_show_their_certificate_to_a_wildcard() {
    let (authority, client) = Made::authority_and_client();
    let mut world = World::new().await;
    let mut asking = named(7, &["*.models.test"]);
    asking.tls.client_authorities = Some(authority);
    let address = over_tls(&mut world, &[asking, named(8, &["special.models.test"])]).await;
    let mut shown = Browser::showing(&client).connect(address, "a.models.test").await.unwrap().client();
    assert_eq!(ask(&mut shown, "a.models.test").await, "gateway 7");
    // Who has none learns it with the first answer of the handshake, or of what is sent on it.
    let without = Browser::new(&[&TLS13]).connect(address, "a.models.test").await;
    if let Ok(without) = without {
        let mut client = without.client();
        client.write("GET / HTTP/1.1\r\nHost: a.models.test\r\n\r\n").await;
        assert!(client.is_closed().await);
    }
    let mut free = Browser::new(&[&TLS13]).connect(address, "special.models.test").await.unwrap().client();
    assert_eq!(ask(&mut free, "special.models.test").await, "gateway 8");
    assert_eq!(ask(&mut free, "a.models.test").await, "MisdirectedRequest");
}

#[tokio::test]
async fn connections_count_for_the_wildcards_gateway() {
    let mut world = World::new().await;
    let mut small = named(7, &["*.models.test"]);
    small.capacity.connections = Some(1);
    let address = over_tls(&mut world, &[small]).await;
    let browser = Browser::new(&[&TLS13]);
    let mut first = browser.connect(address, "a.models.test").await.unwrap().client();
    assert_eq!(ask(&mut first, "a.models.test").await, "gateway 7");
    assert!(browser.connect(address, "b.models.test").await.is_err(), "no room for the handshake");
    assert_eq!(ask(&mut first, "b.models.test").await, "gateway 7");
}
