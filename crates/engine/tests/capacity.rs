//! What a gateway carries.
#![allow(clippy::unwrap_used)]

mod harness;

use domain::snapshot::{Capacity, ListenerConfig, Resource, Scheme};
use harness::tls::{Browser, Made};
use harness::{Answer, Client, HOST, Replica, TOKEN, World, free_address, gateway, gateway_id, service, until};
use link::telemetry::Counters;
use rustls::version::TLS13;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

async fn world(replica: &Replica, capacity: Capacity) -> World {
    let mut world = World::with(&[replica]).await;
    let mut limited = gateway(world.own, &["127.0.0.0/8"]);
    limited.capacity = capacity;
    world.put(Resource::Gateway(limited)).await;
    world
}

fn connections(most: u64) -> Capacity {
    Capacity { connections: Some(most), ..Capacity::default() }
}

async fn counted(world: &World, what: &str, fits: impl Fn(&Counters) -> bool) {
    until(what, async || {
        let batches = world.console.telemetry();
        let newest = batches.iter().rev().find_map(|batch| batch.gateways.first())?;
        fits(&newest.counters).then_some(())
    })
    .await;
}

fn is_refused(answer: &Answer) {
    assert_eq!((answer.status, answer.code().as_str()), (503, "TooManyConnections"));
    assert_eq!((answer.headers["connection"].as_str(), answer.headers["retry-after"].as_str()), ("close", "1"));
}

#[tokio::test]
async fn so_many_connections_through_both_doors() {
    let replica = Replica::echo("a").await;
    let world = world(&replica, connections(2)).await;
    let (mut first, mut second) = (Client::connect(world.own).await, world.client().await);
    for client in [&mut first, &mut second] {
        assert_eq!(client.get("/api/predict/model").await.status, 200);
    }
    // At its own door nobody has to ask first; by name it takes a request to know.
    assert!(Client::connect(world.own).await.is_closed().await);
    let mut third = world.client().await;
    is_refused(&third.get("/api/predict/model").await);
    assert!(third.is_closed().await);
    counted(&world, "both refusals", |counters| counters.connections_refused == 2).await;
    until("the record of the one without a request", async || {
        let records = world.console.telemetry().into_iter().flat_map(|batch| batch.records);
        let mut records = records.filter(|record| record.gateway_id == Some(gateway_id()) && record.status == 0);
        records.next().filter(|record| record.detail.as_deref() == Some("TooManyConnections"))
    })
    .await;
    for client in [&mut first, &mut second] {
        assert_eq!(client.get("/api/predict/model").await.status, 200, "who is in stays in");
    }
    drop(first);
    let mut third = until("a place", async || {
        let mut third = Client::connect(world.own).await;
        third.write(&format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n")).await;
        third.answer_head().await.map(|_| third)
    })
    .await;
    let mut rest = [0; 1];
    third.stream.read_exact(&mut rest).await.unwrap();
    is_refused(&world.get("/api/predict/model").await);
}

#[tokio::test]
async fn by_the_name_of_the_handshake() {
    let replica = Replica::echo("a").await;
    let mut world = world(&replica, connections(1)).await;
    let address = free_address();
    let made = Made::new(1, &[HOST, "other.example"], true);
    world
        .change(|snapshot| {
            snapshot.put(Resource::Listener(ListenerConfig::new(address, Scheme::Https)));
            snapshot.put(made.resource());
        })
        .await;
    let browser = Browser::new(&[&TLS13]);
    // Its place is taken with the handshake, before any request.
    let first = browser.connect(address, HOST).await.unwrap();
    until("its place", async || browser.connect(address, HOST).await.err()).await;
    assert!(browser.connect(address, "other.example").await.is_ok(), "others are not concerned");
    drop(first);
    until("a place", async || {
        let mut client = browser.connect(address, HOST).await.ok()?.client();
        client.write(&format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n")).await;
        client.answer_head().await
    })
    .await;
}

#[tokio::test]
async fn so_many_handshakes_a_second() {
    let replica = Replica::echo("a").await;
    let mut world = world(&replica, Capacity { handshakes_per_second: Some(3), ..Capacity::default() }).await;
    let address = free_address();
    let made = Made::new(1, &[HOST], true);
    world
        .change(|snapshot| {
            snapshot.put(Resource::Listener(ListenerConfig::new(address, Scheme::Https)));
            snapshot.put(made.resource());
        })
        .await;
    // Each anew: a resumed one counts, too, but needs no second of them.
    let shake = async || Browser::new(&[&TLS13]).connect(address, HOST).await;
    let (start, mut done, mut refused) = (Instant::now(), 0, 0);
    for _ in 0..30 {
        match shake().await {
            Ok(_) => done += 1,
            Err(_) => refused += 1,
        }
    }
    let most = 3 + (start.elapsed().as_secs_f64() * 3.0) as u64 + 1;
    assert!(done >= 3 && done <= most, "{done} of {most}");
    counted(&world, "the refusals", |counters| counters.handshakes_refused == refused).await;
    until("a record of each", async || {
        let records = world.console.telemetry().into_iter().flat_map(|batch| batch.records);
        let refusals = records.filter(|record| record.detail.as_deref() == Some("TooManyHandshakes"));
        let of_gateway = refusals.filter(|record| record.gateway_id == Some(harness::gateway_id()));
        (of_gateway.count() as u64 == refused).then_some(())
    })
    .await;
    until("the next one", async || shake().await.ok()).await;
}

/// One answer of so many bytes, again and again.
async fn large(bytes: usize) -> Replica {
    let text = format!("HTTP/1.1 200 OK\r\ncontent-length: {bytes}\r\n\r\n{}", "x".repeat(bytes));
    Replica::saying(text.leak()).await
}

#[tokio::test]
async fn so_many_bytes_a_second() {
    let replica = large(200_000).await;
    let mut world = world(&replica, Capacity { bytes_per_second: Some(1_000_000), ..Capacity::default() }).await;
    let all = async |world: &World| {
        let start = Instant::now();
        let answers = tokio::join!(
            world.get("/api/predict/model"),
            world.get("/api/predict/model"),
            world.get("/api/predict/model"),
        );
        for answer in [&answers.0, &answers.1, &answers.2] {
            assert_eq!((answer.status, answer.body.len()), (200, 200_000));
        }
        start.elapsed()
    };
    // The last of three waits for the two before it.
    let slow = all(&world).await;
    assert!(slow > Duration::from_millis(350), "{slow:?}");
    world.put(Resource::Gateway(gateway(world.own, &["127.0.0.0/8"]))).await;
    let fast = all(&world).await;
    assert!(fast < slow, "{fast:?}");
}

#[tokio::test]
async fn what_comes_is_slowed_down_as_what_goes() {
    let replica = Replica::echo("a").await;
    let mut world = world(&replica, Capacity { bytes_per_second: Some(1_000_000), ..Capacity::default() }).await;
    let mut large = service();
    large.body_limit = 1_000_000;
    world.put(Resource::Service(large)).await;
    let send = async |world: &World| {
        let (mut client, body) = (world.client().await, "x".repeat(500_000));
        let start = Instant::now();
        let head = format!("Host: {HOST}\r\nAuthorization: {TOKEN}\r\nContent-Length: {}\r\n", body.len());
        let answer = client.raw(&format!("POST /api/predict/model HTTP/1.1\r\n{head}\r\n{body}")).await;
        assert_eq!(answer.status, 200);
        start.elapsed()
    };
    // All but the last piece, and what may go ahead. The echo is as long, and takes its turn in the other direction.
    let slow = send(&world).await;
    assert!(slow > Duration::from_millis(350), "{slow:?}");
    world.put(Resource::Gateway(gateway(world.own, &["127.0.0.0/8"]))).await;
    let fast = send(&world).await;
    assert!(fast < slow, "{fast:?}");
}

#[tokio::test]
async fn a_websocket_is_slowed_down_too() {
    let replica = Replica::websocket().await;
    let world = world(&replica, Capacity { bytes_per_second: Some(100_000), ..Capacity::default() }).await;
    let mut client = world.client().await;
    let headers = format!(
        "Host: {HOST}\r\nAuthorization: {TOKEN}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    );
    client.write(&format!("GET /api/predict/model HTTP/1.1\r\n{headers}\r\n")).await;
    assert_eq!(client.answer_head().await.unwrap().status, 101);
    let start = Instant::now();
    for _ in 0..8 {
        client.stream.get_mut().write_all(&[7; 4096]).await.unwrap();
        let mut echo = [0; 4096];
        client.stream.read_exact(&mut echo).await.unwrap();
        assert_eq!(echo, [7; 4096]);
    }
    // All but the last piece, and what may go ahead.
    assert!(start.elapsed() > Duration::from_millis(250), "{:?}", start.elapsed());
}
