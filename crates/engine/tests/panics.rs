//! A panic in a connection's task. No input is known that makes one, so the test makes one itself: the engine says that
//! it ejects a replica from within the task of the connection whose request failed, and who listens to its log panics.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::id::{RANDOM_LEN, ServiceId};
use domain::snapshot::{Resource, ServiceConfig};
use harness::http2::{Client2, empty};
use harness::{Client, HOST, Replica, TOKEN, World, gateway, service, service_id, until};
use link::telemetry::AccessRecord;
use std::sync::{Mutex, PoisonError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// The threads that panicked.
static PANICKED: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn panicked() -> Vec<String> {
    PANICKED.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Panics where a replica is ejected, on the thread that ejects it.
struct Bomb;

impl<S: tracing::Subscriber> Layer<S> for Bomb {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "engine::balance" {
            let thread = std::thread::current().name().unwrap_or_default().to_owned();
            PANICKED.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
            panic!("made by a test");
        }
    }
}

const BROKEN: &str = "/api/predict/broken";
const MODEL: &str = "/api/predict/model";
const LIVE: &str = "/api/predict/live";

fn broken_id() -> ServiceId {
    ServiceId::from_random([33; RANDOM_LEN])
}

fn live_id() -> ServiceId {
    ServiceId::from_random([34; RANDOM_LEN])
}

/// All on one thread: a gateway with one worker of its own. Each request to `broken` whose replica is not ejected ejects
/// it, for a moment.
async fn world(good: &Replica, bad: &Replica, socket: &Replica) -> World {
    let _ = tracing_subscriber::registry().with(Bomb).try_init();
    let mut world = World::new().await;
    let mut own = gateway(world.own, &["127.0.0.0/8"]);
    own.capacity.workers = 1;
    let mut broken = ServiceConfig { id: broken_id(), name: "broken".into(), ..service() };
    broken.policy.health.failures = 1;
    broken.policy.health.ejection_ms = 1;
    broken.policy.health.max_ejected_percent = 100;
    // What a panic does not give back would leave no room for the next.
    broken.policy.limits.in_flight = Some(1);
    broken.policy.limits.in_flight_per_replica = Some(1);
    let live = ServiceConfig { id: live_id(), name: "live".into(), ..service() };
    world
        .change(|snapshot| {
            snapshot.put(Resource::Gateway(own));
            snapshot.put(Resource::Service(broken));
            snapshot.put(Resource::Service(live));
        })
        .await;
    let ready = [(service_id(), good.address), (broken_id(), bad.address), (live_id(), socket.address)];
    world.agent.ready_for(&ready).await;
    world
}

/// A request for which nothing but an end came. Between two ejections it may be told 502.
async fn is_broken_off(world: &World) -> Client {
    until("a panic", async || {
        let mut client = world.client().await;
        client.write(&format!("GET {BROKEN} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n\r\n")).await;
        let answer = client.answer_head().await;
        if let Some(answer) = &answer {
            assert_eq!(answer.status, 502, "{answer:?}");
        }
        answer.is_none().then_some(client)
    })
    .await
}

fn records(world: &World) -> Vec<AccessRecord> {
    let mut seen = std::collections::BTreeMap::new();
    for batch in world.console.telemetry() {
        seen.insert(batch.sequence, batch.records);
    }
    seen.into_values().flatten().collect()
}

#[tokio::test]
async fn one_ends_its_own_connection_only() {
    let (good, bad, socket) = (Replica::echo("good").await, Replica::closing().await, Replica::websocket().await);
    let world = world(&good, &bad, &socket).await;
    // Open before, idle, and in the middle of something.
    let mut others = Vec::new();
    for _ in 0..5 {
        let mut client = world.client().await;
        assert_eq!(client.get(MODEL).await.status, 200);
        others.push(client);
    }
    let mut other2 = Client2::clear(world.own).await;
    assert_eq!(other2.get(MODEL).await.status, 200);
    let mut tunnel = tokio::net::TcpStream::connect(world.address).await.unwrap();
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let head = format!("GET {LIVE} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n{upgrade}\r\n");
    tunnel.write_all(head.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(tunnel.read_u8().await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));

    for round in 1..=3 {
        let mut client = is_broken_off(&world).await;
        assert!(client.is_closed().await);
        assert_eq!(panicked().len(), round);
    }
    // One stream of an HTTP/2 connection.
    let mut client2 = Client2::clear(world.own).await;
    until("a panic", async || {
        let request = client2.request("GET", BROKEN).body(empty()).unwrap();
        client2.sender.ready().await.ok();
        client2.sender.send_request(request).await.err()
    })
    .await;
    let threads = panicked();
    assert_eq!(threads.len(), 4);
    assert!(threads.iter().all(|thread| *thread == threads[0] && thread.starts_with("gw-")), "one thread: {threads:?}");

    // Whoever shared the thread notices nothing, and it takes new connections.
    for client in &mut others {
        assert_eq!(client.get(MODEL).await.status, 200);
    }
    assert_eq!(other2.get(MODEL).await.status, 200);
    tunnel.write_all(b"still there").await.unwrap();
    let mut back = [0; 11];
    tunnel.read_exact(&mut back).await.unwrap();
    assert_eq!(&back, b"still there");
    assert_eq!(world.get(MODEL).await.status, 200);
    assert_eq!(Client2::clear(world.own).await.get(MODEL).await.status, 200);
    assert_eq!(Client::connect(world.own).await.get(MODEL).await.status, 200, "the gateway's own port, too");

    // Each left its record, which blames nobody else.
    until("the records", async || {
        let broken = records(&world).into_iter().filter(|record| record.service_id == Some(broken_id()));
        let told: Vec<_> = broken.filter(|record| record.detail.as_deref() == Some("Panicked")).collect();
        (told.len() == 4).then(|| assert!(told.iter().all(|record| record.status == 500), "{told:?}"))
    })
    .await;
}

/// What is shipped unwinds, too: no profile of ours says otherwise but the browser's, which has no connections. The
/// engine does not compile where it would abort.
#[test]
fn what_is_shipped_unwinds() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml")).unwrap();
    let (mut section, mut profiles, mut aborting) = (String::new(), Vec::new(), Vec::new());
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']').to_owned();
            profiles.extend(section.strip_prefix("profile.").map(str::to_owned));
        } else if let Some((key, value)) = line.split_once('=')
            && (key.trim(), value.trim()) == ("panic", "\"abort\"")
        {
            aborting.push(section.clone());
        }
    }
    assert!(profiles.iter().any(|name| name == "release") && profiles.iter().any(|name| name == "dist"));
    assert_eq!(aborting, ["profile.wasm-release"]);
}
