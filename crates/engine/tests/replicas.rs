//! Choosing replicas, and what happens when they fail.
mod harness;

use harness::{HOST, Replica, TOKEN, World};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::test]
async fn round_robin_over_what_is_ready() {
    let (a, b) = (Replica::echo("a").await, Replica::echo("b").await);
    let mut world = World::with(&[&a, &b]).await;
    let mut client = world.client().await;
    let mut seen = BTreeMap::<String, u32>::new();
    for _ in 0..20 {
        let answer = client.get("/api/predict/model").await;
        *seen.entry(answer.json()["replica"].as_str().unwrap().into()).or_default() += 1;
    }
    assert_eq!(seen, BTreeMap::from([("a".into(), 10), ("b".into(), 10)]));
    assert_eq!((a.connections.load(SeqCst), b.connections.load(SeqCst)), (1, 1), "connections are kept");
    world.ready(&[&b]).await;
    for _ in 0..4 {
        assert_eq!(client.get("/api/predict/model").await.json()["replica"], "b");
    }
    world.ready(&[]).await;
    let answer = client.get("/api/predict/model").await;
    assert_eq!((answer.status, answer.code().as_str()), (503, "NoHealthyUpstream"));
    assert!(answer.body.contains("no healthy upstream"));
}

#[tokio::test]
async fn a_replica_that_does_not_accept_is_passed_over() {
    let alive = Replica::echo("a").await;
    let mut world = World::new().await;
    let dead = harness::free_address();
    world.agent.ready(&[dead, alive.address]).await;
    let mut client = world.client().await;
    for _ in 0..6 {
        assert_eq!(client.get("/api/predict/model").await.status, 200);
    }
    world.agent.ready(&[dead]).await;
    let answer = client.get("/api/predict/model").await;
    assert_eq!((answer.status, answer.code().as_str()), (502, "BadUpstream"));
}

#[tokio::test]
async fn a_stale_connection_is_never_a_502() {
    let replica = Replica::stale().await;
    let world = World::with(&[&replica]).await;
    let mut client = world.client().await;
    for _ in 0..20 {
        let answer = client.get("/api/predict/model").await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "ok"));
    }
}

/// Reads a request, and goes when it is told.
async fn leaving(came: &Arc<Notify>, go: &Arc<Notify>) -> Replica {
    let (came, go) = (came.clone(), go.clone());
    Replica::serve(move |mut stream| {
        let (came, go) = (came.clone(), go.clone());
        async move {
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer).await;
            came.notify_one();
            go.notified().await;
        }
    })
    .await
}

#[tokio::test]
async fn a_request_goes_on_with_the_replicas_of_today() {
    let (came, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let mut world = World::new().await;
    let first = leaving(&came, &go).await;
    world.ready(&[&first]).await;
    let mut client = world.client().await;
    let asking = tokio::spawn(async move { client.get("/api/predict/model").await });
    let mut old = vec![first];
    // More of them than a request is tried: what was taken away counts as no try.
    for _ in 0..3 {
        timeout(PATIENCE, came.notified()).await.expect("the request goes on");
        old.push(leaving(&came, &go).await);
        world.ready(&[&old[old.len() - 1]]).await;
        go.notify_one();
    }
    timeout(PATIENCE, came.notified()).await.expect("the request goes on");
    let last = Replica::echo("last").await;
    world.ready(&[&last]).await;
    go.notify_one();
    let answer = asking.await.unwrap();
    assert_eq!((answer.status, answer.json()["replica"].as_str()), (200, Some("last")));
}

#[tokio::test]
async fn nonsense_from_a_replica() {
    for nonsense in
        ["what?\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n"]
    {
        let replica = Replica::saying(nonsense).await;
        let world = World::with(&[&replica]).await;
        let answer = world.get("/api/predict/model").await;
        assert_eq!((answer.status, answer.code().as_str()), (502, "BadUpstream"), "{nonsense:?}");
        assert_eq!(world.get("/").await.status, 200);
    }
}

#[tokio::test]
async fn head_and_empty_answers_keep_the_connection() {
    let replica = Replica::saying("HTTP/1.1 204 No Content\r\n\r\n").await;
    let world = World::with(&[&replica]).await;
    let mut client = world.client().await;
    let headers = format!("Host: {HOST}\r\nAuthorization: {TOKEN}\r\n");
    for _ in 0..5 {
        client.write(&format!("HEAD /api/predict/model HTTP/1.1\r\n{headers}\r\n")).await;
        assert_eq!(client.answer_head().await.unwrap().status, 204);
    }
    assert_eq!(replica.connections.load(SeqCst), 1);
}

/// Shorter than most servers' own time, so that it is the engine that closes.
#[tokio::test]
async fn an_idle_connection_is_closed_after_half_a_minute() {
    let (sender, mut closed) = tokio::sync::mpsc::unbounded_channel();
    let replica = Replica::serve(move |mut stream| {
        let sender = sender.clone();
        async move {
            let mut buffer = [0; 4096];
            let mut answered = std::time::Instant::now();
            while stream.read(&mut buffer).await.is_ok_and(|len| len > 0) {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
                answered = std::time::Instant::now();
            }
            let _ = sender.send(answered.elapsed());
        }
    })
    .await;
    let world = World::with(&[&replica]).await;
    assert_eq!(world.get("/api/predict/model").await.status, 200);
    let idle = tokio::time::timeout(harness::SOON, closed.recv()).await.unwrap().unwrap();
    assert!((29..=35).contains(&idle.as_secs()), "{idle:?}");
}
