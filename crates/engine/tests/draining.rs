//! Connections that shall end: what they have left.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::snapshot::ResourceKey;
use domain::snapshot::policy::Hold;
use engine::Drain;
use harness::agent::Agent;
use harness::console::Console;
use harness::http2::{Client2, empty, piece};
use harness::{Client, Engine, HOST, Replica, TOKEN, World, gateway_id, service_id, until};
use std::time::{Duration, Instant};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const EVENTS: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: 1\n\n";
const LINES: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\ndata: 1\n\n";

async fn world(drain: Drain, replica: &Replica) -> World {
    let folder = tempfile::tempdir().unwrap();
    let console = Console::start(folder.path()).await;
    let engine = Engine::draining(folder.path(), [7; 32], None, drain);
    let agent = Agent::connect(folder.path()).await;
    let mut world = World::around(engine, console, agent, folder).await;
    world.ready(&[replica]).await;
    world
}

fn request(path: &str) -> String {
    format!("GET /api/predict/model{path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n\r\n")
}

/// A client that has read an answer may be about to send the next request when it hears that the connection ends.
#[tokio::test]
async fn a_request_that_is_on_its_way_to_an_idle_connection_is_answered() {
    let replica = Replica::saying(OK).await;
    let least = Duration::from_millis(1500);
    let mut world = world(Drain { least, ..Drain::default() }, &replica).await;
    let (mut asks, mut silent) = (Client::connect(world.address).await, Client::connect(world.address).await);
    let mut fresh = Client::connect(world.address).await;
    for client in [&mut asks, &mut silent] {
        assert_eq!(client.raw(&request("")).await.status, 200);
    }
    let told = Instant::now();
    world.engine.tell_stop();
    until("the door to be closed", async || tokio::net::TcpStream::connect(world.address).await.err()).await;
    for client in [&mut asks, &mut fresh] {
        let answer = client.raw(&request("")).await;
        assert_eq!((answer.status, answer.headers["connection"].as_str()), (200, "close"));
        assert!(client.is_closed().await && told.elapsed() < least, "its end is not waited for");
    }
    assert!(silent.is_closed().await && told.elapsed() >= least);
}

/// Ends a gateway that streams this, and returns what else its client got.
async fn cut_off(stream: &'static str) -> Vec<String> {
    let replica = Replica::saying(stream).await;
    let mut world = world(Drain { least: Duration::ZERO, most: Duration::from_secs(1) }, &replica).await;
    let mut client = Client::connect(world.own).await;
    client.write(&request("/stream")).await;
    assert_eq!(client.answer_head().await.unwrap().status, 200);
    assert_eq!(client.chunk().await.as_deref(), Some("data: 1\n\n"));
    let told = Instant::now();
    world
        .change(|snapshot| {
            snapshot.remove(&ResourceKey::Service(service_id()));
            snapshot.remove(&ResourceKey::Gateway(gateway_id()));
        })
        .await;
    let mut rest = Vec::new();
    while let Some(chunk) = client.chunk().await {
        rest.push(chunk);
    }
    assert!(client.is_closed().await);
    assert!(told.elapsed() >= Duration::from_secs(1), "{:?}", told.elapsed());
    until("its record", async || {
        let mut records = world.console.telemetry().into_iter().flat_map(|batch| batch.records);
        records.find(|record| record.status == 200 && record.detail.as_deref() == Some("DrainTimeout"))
    })
    .await;
    rest
}

#[tokio::test]
async fn what_takes_longer_than_the_window_is_cut_off_and_recorded() {
    assert!(cut_off(LINES).await.is_empty());
}

#[tokio::test]
async fn an_event_stream_says_that_it_is_cut_off() {
    let rest = cut_off(EVENTS).await.concat();
    assert!(rest.starts_with("event: error\ndata: {") && rest.contains("DrainTimeout"), "{rest}");
}

/// It has begun, and its request still waits for a replica.
#[tokio::test]
async fn one_that_waits_for_a_replica_says_so_too() {
    let replica = Replica::saying(OK).await;
    let mut world = world(Drain { least: Duration::ZERO, most: Duration::from_secs(1) }, &replica).await;
    world
        .policy(|policy| {
            policy.hold = Some(Hold { length: 9, wait_ms: 60_000 });
            policy.stream.keep_alive_ms = 50;
        })
        .await;
    world.ready(&[]).await;
    let mut client = Client::connect(world.address).await;
    let accepts = request("").replace("\r\n\r\n", "\r\nAccept: text/event-stream\r\n\r\n");
    client.write(&accepts).await;
    assert_eq!(client.answer_head().await.unwrap().status, 200);
    assert_eq!(client.chunk().await.as_deref(), Some(": keep-alive\n\n"));
    world.engine.tell_stop();
    let mut rest = Vec::new();
    while let Some(chunk) = client.chunk().await {
        rest.push(chunk);
    }
    rest.retain(|chunk| !chunk.starts_with(':'));
    let rest = rest.concat();
    assert!(rest.starts_with("event: error\ndata: {") && rest.contains("DrainTimeout"), "{rest}");
    assert!(client.is_closed().await);
    until("its record", async || {
        let mut records = world.console.telemetry().into_iter().flat_map(|batch| batch.records);
        records.find(|record| record.status == 503 && record.detail.as_deref() == Some("DrainTimeout"))
    })
    .await;
}

#[tokio::test]
async fn over_http2_it_says_so_too() {
    let replica = Replica::saying(EVENTS).await;
    let mut world = world(Drain { least: Duration::ZERO, most: Duration::from_secs(1) }, &replica).await;
    let mut client = Client2::clear(world.address).await;
    let request = client.request("GET", "/api/predict/model/stream").body(empty()).unwrap();
    let mut body = client.send(request).await.into_body();
    assert_eq!(piece(&mut body).await.as_deref(), Some(&b"data: 1\n\n"[..]));
    world.engine.tell_stop();
    let last = piece(&mut body).await.unwrap();
    let last = String::from_utf8_lossy(&last);
    assert!(last.starts_with("event: error\ndata: {") && last.contains("DrainTimeout"), "{last}");
    assert_eq!(piece(&mut body).await, None, "the stream itself ends in order");
}
