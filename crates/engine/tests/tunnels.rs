//! WebSockets that live long.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::snapshot::Resource;
use harness::{Client, HOST, Replica, TOKEN, World, service, until};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

async fn open(world: &World) -> Client {
    let mut client = world.client().await;
    let handshake = format!(
        "GET /api/predict/model HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    client.write(&handshake).await;
    assert_eq!(client.answer_head().await.unwrap().status, 101);
    client
}

async fn echo(client: &mut Client, text: &str) {
    client.write(text).await;
    let mut back = vec![0; text.len()];
    client.stream.read_exact(&mut back).await.unwrap();
    assert_eq!(back, text.as_bytes());
}

async fn detail(world: &World) -> Option<String> {
    until("the record", async || {
        world.console.telemetry().into_iter().flat_map(|batch| batch.records).map(|record| record.detail).next_back()
    })
    .await
}

#[tokio::test]
async fn an_edit_of_the_whitelist_ends_it_and_another_does_not() {
    let replica = Replica::websocket().await;
    let mut world = World::with(&[&replica]).await;
    let mut client = open(&world).await;
    for n in 0..20 {
        world.whitelist(&["127.0.0.0/8", &format!("192.0.2.{n}/32")]).await;
        echo(&mut client, "still here").await;
    }
    world.whitelist(&["192.0.2.0/24"]).await;
    let began = Instant::now();
    assert!(client.is_closed().await);
    // It looks every second.
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert_eq!(detail(&world).await.as_deref(), Some("AccessRevoked"));
}

#[tokio::test]
async fn a_revoked_token_ends_it() {
    let replica = Replica::websocket().await;
    let mut world = World::with(&[&replica]).await;
    let mut client = open(&world).await;
    echo(&mut client, "hello").await;
    let mut revoked = service();
    revoked.tokens.clear();
    world.put(Resource::Service(revoked)).await;
    assert!(client.is_closed().await);
}

#[tokio::test]
async fn silence_ends_it() {
    let replica = Replica::websocket().await;
    let mut world = World::with(&[&replica]).await;
    let mut patient = service();
    patient.timeouts.idle_ms = 10;
    world.put(Resource::Service(patient)).await;
    let mut client = open(&world).await;
    assert!(client.is_closed().await);
    assert_eq!(detail(&world).await.as_deref(), Some("IdleTimeout"));
}

#[tokio::test]
async fn when_one_side_ends_so_does_the_other() {
    let replica = Replica::websocket().await;
    let world = World::with(&[&replica]).await;
    let mut client = open(&world).await;
    client.stream.get_mut().shutdown().await.unwrap();
    assert!(client.is_closed().await);
    let bytes = until("the record", async || {
        world.console.telemetry().into_iter().flat_map(|batch| batch.records).map(|record| record.status).next_back()
    });
    assert_eq!(bytes.await, 101);
}
