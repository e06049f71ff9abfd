//! Who a connection is from and for, where several rules meet.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::cidr::Cidr;
use domain::snapshot::{GatewayConfig, ListenerConfig, Resource, Scheme};
use harness::tls::{Browser, Made};
use harness::{Client, HOST, Replica, World, free_address, gateway, until};
use link::telemetry::AccessRecord;
use rustls::pki_types::ServerName;
use rustls::version::TLS13;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

const WELCOME: &str = "203.0.113.7";
const STRANGER: &str = "203.0.113.8";

fn blocks(blocks: &[&str]) -> Vec<Cidr> {
    blocks.iter().map(|block| Cidr::parse(block).unwrap()).collect()
}

fn header(client: &str) -> String {
    format!("PROXY TCP4 {client} 192.0.2.1 5000 443\r\n")
}

/// A gateway for one client behind a proxy on this machine.
fn behind_proxy(world: &World, drop_strangers: bool) -> GatewayConfig {
    let mut gateway = gateway(world.own, &["203.0.113.7/32"]);
    gateway.trusted_proxies = blocks(&["127.0.0.0/8"]);
    gateway.public.as_mut().unwrap().drop_strangers = drop_strangers;
    gateway
}

async fn record(world: &World, detail: &str) -> AccessRecord {
    until(detail, async || {
        let mut records = world.console.telemetry().into_iter().flat_map(|batch| batch.records);
        records.find(|record| record.detail.as_deref() == Some(detail))
    })
    .await
}

#[tokio::test]
async fn a_proxys_client_is_dropped_and_not_the_proxy() {
    let replica = Replica::echo("a").await;
    let mut world = World::with(&[&replica]).await;
    let config = behind_proxy(&world, true);
    world.put(Resource::Gateway(config)).await;
    let mut client = Client::connect(world.own).await;
    client.write(&header(WELCOME)).await;
    assert_eq!(client.get("/api/predict/model").await.json()["headers"]["x-forwarded-for"], WELCOME);
    let mut stranger = Client::connect(world.own).await;
    stranger.write(&header(STRANGER)).await;
    assert!(stranger.is_closed().await, "without a byte");
    assert_eq!(record(&world, "SourceDropped").await.client.to_string(), STRANGER);
    // Taken back while both have come.
    world.put(Resource::Gateway(behind_proxy(&world, false))).await;
    let mut stranger = Client::connect(world.own).await;
    stranger.write(&header(STRANGER)).await;
    assert_eq!(stranger.get("/").await.code(), "SourceNotAllowed");
    assert_eq!(client.get("/api/predict/model").await.status, 200);
}

/// A TLS handshake behind a PROXY header.
async fn shake(door: SocketAddr, from: &str) -> std::io::Result<Client> {
    let mut stream = TcpStream::connect(door).await?;
    stream.write_all(header(from).as_bytes()).await?;
    let name = ServerName::try_from(HOST.to_owned()).unwrap();
    let connector = TlsConnector::from(Browser::new(&[&TLS13]).config());
    Ok(Client::over(connector.connect(name, stream).await?))
}

#[tokio::test]
async fn a_proxys_client_comes_over_tls_on_a_shared_door() {
    let replica = Replica::echo("a").await;
    let mut world = World::with(&[&replica]).await;
    let door = free_address();
    let mut listener = ListenerConfig::new(door, Scheme::Https);
    listener.trusted_proxies = blocks(&["127.0.0.0/8"]);
    let gateways = [true, false].map(|drop| behind_proxy(&world, drop));
    world
        .change(|snapshot| {
            snapshot.put(Resource::Listener(listener));
            snapshot.put(Made::new(1, &["*.example"], true).resource());
        })
        .await;
    for config in gateways {
        let drops = config.public.as_ref().unwrap().drop_strangers;
        world.put(Resource::Gateway(config)).await;
        let mut client = shake(door, WELCOME).await.unwrap();
        let answer = client.get("/api/predict/model").await;
        assert_eq!(answer.json()["headers"]["x-forwarded-for"], WELCOME);
        assert_eq!(answer.json()["headers"]["x-forwarded-proto"], "https");
        match shake(door, STRANGER).await {
            Ok(mut client) => assert!(!drops && client.get("/").await.code() == "SourceNotAllowed", "{drops}"),
            Err(_) => assert!(drops, "where it is answered the handshake is finished"),
        }
    }
    assert_eq!(record(&world, "SourceDropped").await.client.to_string(), STRANGER);
    assert_eq!(record(&world, "SourceNotAllowed").await.client.to_string(), STRANGER);
    // A hello without the header is nobody's.
    assert!(Browser::new(&[&TLS13]).connect(door, HOST).await.is_err());
    assert_eq!(record(&world, "BadProxyHeader").await.client.to_string(), "127.0.0.1");
}

/// An IPv6 socket takes IPv4 connections too, and says of them that they come from `::ffff:127.0.0.1`.
#[tokio::test]
async fn clients_of_ipv4_are_such_on_a_socket_of_ipv6() {
    let replica = Replica::echo("a").await;
    let mut world = World::with(&[&replica]).await;
    let port = free_address().port();
    let both = SocketAddr::from(([0_u16; 8], port));
    world.put(Resource::Listener(ListenerConfig::new(both, Scheme::Http))).await;
    let from = |ip: &str| SocketAddr::new(ip.parse().unwrap(), port);
    for (whitelist, own, other) in [("127.0.0.0/8", "127.0.0.1", "::1"), ("::1/128", "::1", "127.0.0.1")] {
        world.whitelist(&[whitelist]).await;
        let answer = Client::connect(from(own)).await.get("/api/predict/model").await;
        assert_eq!(answer.json()["headers"]["x-forwarded-for"], own);
        assert_eq!(Client::connect(from(other)).await.get("/").await.code(), "SourceNotAllowed", "{whitelist}");
    }
    assert_eq!(record(&world, "SourceNotAllowed").await.client.to_string(), "::1");
}

/// What a client says first, without a name.
fn nameless_hello() -> Vec<u8> {
    let mut config = rustls::ClientConfig::clone(&Browser::new(&[&TLS13]).config());
    config.enable_sni = false;
    let name = ServerName::try_from(HOST.to_owned()).unwrap();
    let mut client = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    let mut hello = Vec::new();
    client.write_tls(&mut hello).unwrap();
    hello
}

/// They cost a signature each, and no gateway's limit counts them.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn handshakes_that_name_nobody_are_so_many() {
    const HANDSHAKE: u8 = 22;
    const ALERT: u8 = 21;
    let replica = Replica::echo("a").await;
    let mut world = World::with(&[&replica]).await;
    let door = free_address();
    world
        .change(|snapshot| {
            snapshot.put(Resource::Listener(ListenerConfig::new(door, Scheme::Https)));
            snapshot.put(Made::new(1, &[HOST], true).resource());
        })
        .await;
    let (hello, begun) = (nameless_hello(), Instant::now());
    let (mut shaken, mut refused) = (0, 0);
    for _ in 0..40 {
        let mut round = Vec::new();
        for _ in 0..50 {
            let mut stream = TcpStream::connect(door).await.unwrap();
            stream.write_all(&hello).await.unwrap();
            round.push(stream);
        }
        for stream in &mut round {
            match stream.read_u8().await.unwrap() {
                HANDSHAKE => shaken += 1,
                ALERT => refused += 1,
                other => panic!("{other}"),
            }
        }
    }
    let most = 200 + (begun.elapsed().as_secs_f64() * 200.0) as u64 + 1;
    assert!((200..=most).contains(&shaken) && refused > 0, "{shaken} of {most}, {refused} refused");
    assert_eq!(record(&world, "TooManyHandshakes").await.gateway_id, None);
    // Who names a gateway is not concerned.
    let mut client = Browser::new(&[&TLS13]).connect(door, HOST).await.unwrap().client();
    assert_eq!(client.get("/api/predict/model").await.status, 200);
    // Nor is the next one for long.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut stream = TcpStream::connect(door).await.unwrap();
    stream.write_all(&hello).await.unwrap();
    assert_eq!(stream.read_u8().await.unwrap(), HANDSHAKE);
}
