//! TLS on the listeners of VPCs: whose certificate is shown, and whom a connection is for.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::snapshot::{ListenerConfig, Resource, Scheme};
use harness::tls::{Browser, Made};
use harness::vpc::{OTHERS, PRIVATE, alone, ask, door, free_in, linked, other_linked, shared};
use harness::{Client, HOST, World, free_address, other, until};
use rustls::version::TLS13;
use std::net::SocketAddr;
use std::sync::Arc;

const ALL: &[&str] = &["127.0.0.0/8"];
const MISDIRECTED: &str = "MisdirectedRequest";

struct Tls {
    world: World,
    /// Of the public side.
    public: SocketAddr,
    /// Of the VPC that both gateways are in.
    shared: SocketAddr,
    /// The usual gateway's.
    alone: SocketAddr,
    /// The other gateway's.
    others: SocketAddr,
    authority: String,
    badge: Made,
}

/// Certificates for all names, and a fallback.
async fn tls() -> Tls {
    let mut world = World::new().await;
    let (public, common, own, others) = (free_address(), free_in(1), free_in(1), free_in(1));
    let usual = linked(&world, &[door(1, PRIVATE, ALL)]);
    let mut of_other = alone(others, Scheme::Https, 1);
    of_other.gateway = Some(other::gateway_id());
    world
        .change(|snapshot| {
            for listener in [
                ListenerConfig::new(public, Scheme::Https),
                shared(common, Scheme::Https, 1),
                alone(own, Scheme::Https, 1),
                of_other,
            ] {
                snapshot.put(Resource::Listener(listener));
            }
            snapshot.put(Resource::Gateway(usual));
            snapshot.put(Resource::Gateway(other_linked(&[door(1, OTHERS, ALL)])));
            snapshot.put(Made::new(1, &[HOST, PRIVATE], false).resource());
            snapshot.put(Made::new(2, &[OTHERS], false).resource());
            snapshot.put(Made::new(3, &["fallback.test"], true).resource());
        })
        .await;
    let (authority, badge) = Made::authority_and_client();
    Tls { world, public, shared: common, alone: own, others, authority, badge }
}

impl Tls {
    /// The usual gateway asks its clients for a certificate now.
    async fn asks(&mut self) {
        let mut asking = linked(&self.world, &[door(1, PRIVATE, ALL)]);
        asking.tls.client_authorities = Some(self.authority.clone());
        self.world.put(Resource::Gateway(asking)).await;
    }
}

/// Who answers to `host` behind a handshake for `name`.
async fn over(address: SocketAddr, name: &str, host: &str) -> String {
    ask(&mut Browser::new(&[&TLS13]).connect(address, name).await.unwrap().client(), host).await
}

/// Whether somebody without a certificate gets nothing at all here: neither an answer nor a word why.
async fn is_shut(address: SocketAddr, name: &str, host: &str) -> bool {
    let Ok(shown) = Browser::new(&[&TLS13]).connect(address, name).await else { return true };
    let mut client = shown.client();
    client.write(&format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n")).await;
    client.is_closed().await
}

#[tokio::test]
async fn a_handshake_names_a_gateway_of_its_side() {
    let it = tls().await;
    assert_eq!(over(it.shared, PRIVATE, PRIVATE).await, "test");
    assert_eq!(over(it.shared, OTHERS, OTHERS).await, "other");
    assert_eq!(over(it.shared, PRIVATE, OTHERS).await, MISDIRECTED);
    // A certificate is shown for it; a gateway it is not, on this side.
    assert_eq!(over(it.shared, HOST, HOST).await, "NoSuchGateway");
    assert_eq!(over(it.shared, HOST, PRIVATE).await, MISDIRECTED);
    assert_eq!(over(it.public, HOST, HOST).await, "test");
    assert_eq!(over(it.public, PRIVATE, PRIVATE).await, "NoSuchGateway");
    assert_eq!(over(it.public, PRIVATE, HOST).await, MISDIRECTED);
}

#[tokio::test]
async fn where_a_gateway_is_alone_every_host_is_welcome_but_anothers() {
    let it = tls().await;
    let nobodys = ["nobody.example", HOST, "127.88.1.10", PRIVATE];
    for name in nobodys {
        for host in nobodys {
            assert_eq!(over(it.alone, name, host).await, "test", "{name} {host}");
        }
    }
    // The client believes that it speaks to the other one: its tokens are not for this one.
    assert_eq!(over(it.alone, PRIVATE, OTHERS).await, MISDIRECTED);
    assert_eq!(over(it.alone, OTHERS, OTHERS).await, MISDIRECTED);
    assert_eq!(over(it.alone, OTHERS, "nobody.example").await, MISDIRECTED);
    assert_eq!(over(it.others, OTHERS, OTHERS).await, "other");
    assert_eq!(over(it.others, "nobody.example", "nobody.example").await, "other");
    // The certificate goes by the name, as everywhere.
    let shown = async |name| Browser::new(&[&TLS13]).connect(it.alone, name).await.unwrap().certificate();
    assert_eq!(shown(PRIVATE).await, shown(HOST).await);
    assert_ne!(shown(PRIVATE).await, shown("nobody.example").await);
    assert_eq!(shown("127.88.1.10").await, shown("nobody.example").await);
}

/// Over whatever listener, by whatever names: who has no certificate does not get in.
#[tokio::test]
async fn nobody_walks_around_a_gateway_that_asks_for_certificates() {
    let mut it = tls().await;
    // Open before the rule came.
    let mut before = Browser::new(&[&TLS13]).connect(it.alone, PRIVATE).await.unwrap().client();
    assert_eq!(ask(&mut before, PRIVATE).await, "test");
    it.asks().await;
    assert_eq!(ask(&mut before, PRIVATE).await, MISDIRECTED);
    let names = [PRIVATE, OTHERS, HOST, "nobody.example", "127.88.1.10"];
    for name in names {
        assert!(is_shut(it.alone, name, PRIVATE).await, "{name}");
    }
    assert!(is_shut(it.shared, PRIVATE, PRIVATE).await);
    for address in [it.shared, it.others] {
        for name in [OTHERS, "nobody.example", "127.88.1.10"] {
            let met = over(address, name, PRIVATE).await;
            assert_eq!(met, MISDIRECTED, "{name} at {address}");
        }
    }
    // In clear nobody can show one.
    let clear = free_in(1);
    it.world.put(Resource::Listener(alone(clear, Scheme::Http, 1))).await;
    assert_eq!(ask(&mut Client::connect(clear).await, PRIVATE).await, "ClientCertificateRequired");
    // Who has one does, at its listener under any name that is not another one's.
    let browser = Browser::showing(&it.badge);
    for (address, name, host) in
        [(it.shared, PRIVATE, PRIVATE), (it.alone, PRIVATE, PRIVATE), (it.alone, "nobody.example", "any.example")]
    {
        let mut client = browser.connect(address, name).await.unwrap().client();
        assert_eq!(ask(&mut client, host).await, "test", "{name}");
        assert_eq!(ask(&mut client, OTHERS).await, MISDIRECTED, "{name}");
    }
    assert_eq!(over(it.others, OTHERS, OTHERS).await, "other", "who asks for none gets none");
}

/// One that takes no more connections, or handshakes, is not asked by name only.
#[tokio::test]
async fn handshakes_count_where_a_gateway_is_alone() {
    let mut it = tls().await;
    let mut limited = linked(&it.world, &[door(1, PRIVATE, ALL)]);
    limited.capacity.connections = Some(1);
    it.world.put(Resource::Gateway(limited.clone())).await;
    let mut only = Browser::new(&[&TLS13]).connect(it.alone, "nobody.example").await.unwrap().client();
    assert_eq!(ask(&mut only, "nobody.example").await, "test", "the last place is a place");
    for (address, name) in [(it.alone, "nobody.example"), (it.shared, PRIVATE), (it.public, HOST)] {
        assert!(Browser::new(&[&TLS13]).connect(address, name).await.is_err(), "{name} at {address}");
    }
    (limited.capacity.connections, limited.capacity.handshakes_per_second) = (None, Some(1));
    it.world.put(Resource::Gateway(limited)).await;
    let refused = async || Browser::new(&[&TLS13]).connect(it.alone, "nobody.example").await.err();
    until("one too many", refused).await;
    assert_eq!(over(it.others, OTHERS, OTHERS).await, "other");
}

/// What is decided by name is decided before the handshake, by what is looked at of it.
#[tokio::test]
async fn a_hello_that_hides_its_name() {
    let it = tls().await;
    for (length, is_taken) in [(100, true), (20_000, false)] {
        let mut config = Browser::new(&[&TLS13]).config().as_ref().clone();
        config.alpn_protocols.extend(vec![vec![b'x'; 99]; length / 100]);
        let stream = tokio::net::TcpStream::connect(it.shared).await.unwrap();
        let name = PRIVATE.try_into().unwrap();
        let shaken = tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await;
        assert_eq!(shaken.is_ok(), is_taken, "{length}");
    }
    until("the record", async || {
        let records = it.world.console.telemetry().into_iter().flat_map(|batch| batch.records);
        records.map(|record| record.detail).find(|detail| detail.as_deref() == Some("HandshakeFailed"))
    })
    .await;
}
