//! The shared listener over TLS.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::id::{GatewayId, RANDOM_LEN};
use domain::snapshot::{Capacity, GatewayConfig, ListenerConfig, PublicDoor, Resource, ResourceKey, Scheme, TlsPolicy};
use harness::tls::{Browser, Made};
use harness::{Client, HOST, Replica, World, free_address, until};
use rustls::version::{TLS12, TLS13};
use std::net::SocketAddr;
use tokio::io::AsyncReadExt;

/// A world with a TLS listener that shows these.
async fn world(replicas: &[&Replica], certificates: &[&Made]) -> (World, SocketAddr) {
    let mut world = World::with(replicas).await;
    let address = free_address();
    world
        .change(|snapshot| {
            snapshot.put(Resource::Listener(ListenerConfig::new(address, Scheme::Https)));
            for certificate in certificates {
                snapshot.put(certificate.resource());
            }
        })
        .await;
    (world, address)
}

#[tokio::test]
async fn served_over_both_versions_and_resumed() {
    let replica = Replica::echo("a").await;
    let made = Made::new(1, &[HOST], false);
    let (_world, address) = world(&[&replica], &[&made]).await;
    for version in [&TLS12, &TLS13] {
        let browser = Browser::new(&[version]);
        let first = browser.connect(address, HOST).await.unwrap();
        assert!(!first.is_resumed());
        let mut client = first.client();
        let answer = client.get("/api/predict/model/x").await;
        assert_eq!(answer.status, 200);
        // The replica is told, whatever the client claims.
        let told = answer.json()["headers"].to_string();
        assert!(told.contains(r#""x-forwarded-proto":"https""#), "{told}");
        assert_eq!(client.get("/api/predict/model/x").await.status, 200);
        assert!(browser.connect(address, HOST).await.unwrap().is_resumed(), "{version:?}");
    }
}

#[tokio::test]
async fn the_certificate_that_fits_best_is_shown() {
    let (exact, wild, other) =
        (Made::new(1, &[HOST], false), Made::new(2, &["*.example"], false), Made::new(3, &["elsewhere.test"], true));
    let (mut world, address) = world(&[], &[&exact, &wild, &other]).await;
    let shown = async |name: &str| Browser::new(&[&TLS13]).connect(address, name).await.unwrap().certificate();
    assert_eq!(shown(HOST).await, exact.der);
    assert_eq!(shown("GW.Example").await, exact.der);
    assert_eq!(shown("any.example").await, wild.der);
    // One label, not two; an address is not named in the handshake at all.
    assert_eq!(shown("a.b.example").await, other.der);
    assert_eq!(shown("127.0.0.1").await, other.der);
    world
        .change(|snapshot| {
            snapshot.remove(&ResourceKey::Certificate(exact.config.id.clone()));
            snapshot.remove(&ResourceKey::Certificate(other.config.id.clone()));
        })
        .await;
    assert_eq!(shown(HOST).await, wild.der);
    assert!(Browser::new(&[&TLS13]).connect(address, "127.0.0.1").await.is_err());
}

#[tokio::test]
async fn a_new_certificate_leaves_open_connections_alone() {
    let replica = Replica::echo("a").await;
    let (old, mut new) = (Made::new(1, &[HOST], true), Made::new(1, &[HOST], true));
    new.config.id = old.config.id.clone();
    let (mut world, address) = world(&[&replica], &[&old]).await;
    let mut client = Browser::new(&[&TLS13]).connect(address, HOST).await.unwrap().client();
    assert_eq!(client.get("/api/predict/model").await.status, 200);
    world.put(new.resource()).await;
    assert_eq!(client.get("/api/predict/model").await.status, 200);
    assert_eq!(Browser::new(&[&TLS13]).connect(address, HOST).await.unwrap().certificate(), new.der);
}

#[tokio::test]
async fn a_connection_is_for_the_gateway_it_named() {
    let made = Made::new(1, &["*.example"], true);
    let (mut world, address) = world(&[], &[&made]).await;
    let other = GatewayConfig {
        id: GatewayId::from_random([8; RANDOM_LEN]),
        name: "other".into(),
        public: Some(PublicDoor {
            hosts: vec!["other.example".into()],
            own: None,
            whitelist: vec![domain::cidr::Cidr::parse("127.0.0.0/8").unwrap()],
            drop_strangers: false,
        }),
        private: Vec::new(),
        capacity: Capacity::default(),
        tls: TlsPolicy::default(),
        trusted_proxies: Vec::new(),
    };
    world.put(Resource::Gateway(other)).await;
    let mut client = Browser::new(&[&TLS13]).connect(address, HOST).await.unwrap().client();
    let mut ask = async |host: &str| {
        let answer = client.head("GET / HTTP/1.1", &format!("Host: {host}\r\n")).await;
        (answer.status, if answer.status == 200 { String::new() } else { answer.code() })
    };
    assert_eq!(ask(HOST).await.0, 200);
    assert_eq!(ask("other.example").await, (421, "MisdirectedRequest".into()));
    assert_eq!(ask("nobody.example").await, (404, "NoSuchGateway".into()));
    assert_eq!(ask(HOST).await.0, 200);
}

#[tokio::test]
async fn a_slow_or_senseless_handshake_holds_up_nobody() {
    let replica = Replica::echo("a").await;
    let made = Made::new(1, &[HOST], true);
    let (mut world, address) = world(&[&replica], &[&made]).await;
    let mut silent = Client::connect(address).await;
    let mut plain = Client::connect(address).await;
    plain.write("GET / HTTP/1.1\r\nHost: gw.example\r\n\r\n").await;
    let mut answer = Vec::new();
    let _ = plain.stream.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP/1.1 200"), "no answer in clear");
    let mut client = Browser::new(&[&TLS13]).connect(address, HOST).await.unwrap().client();
    assert_eq!(client.get("/api/predict/model").await.status, 200);
    // With its door a handshake ends, too.
    world
        .change(|snapshot| {
            snapshot.remove(&ResourceKey::Listener(address));
        })
        .await;
    assert!(silent.is_closed().await);
    until("refused", async || tokio::net::TcpStream::connect(address).await.err()).await;
}

#[tokio::test]
async fn what_cannot_be_shown_is_refused_whole() {
    let (first, mut second) = (Made::new(1, &[HOST], false), Made::new(2, &[HOST], false));
    let (world, address) = world(&[], &[&first]).await;
    let refused = async |made: &Made| {
        let mut next = world.snapshot.clone();
        next.put(made.resource());
        next.version += 1;
        world.console.forget();
        let delta = domain::snapshot::Delta::between(&world.snapshot, &next);
        world.console.send(link::message::EngineDown::Config(delta)).await;
        world.console.refused(next.version).await
    };
    assert!(refused(&second).await.contains("only one certificate"));
    second.config.names = vec!["else.example".into()];
    second.config.key = Made::new(3, &[HOST], false).config.key;
    let reason = refused(&second).await;
    assert!(reason.contains("cannot be shown"), "{reason}");
    assert_eq!(Browser::new(&[&TLS13]).connect(address, HOST).await.unwrap().certificate(), first.der);
}
