//! Requests of a service without a replica, where they may wait for one.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::snapshot::Resource;
use domain::snapshot::policy::Hold;
use harness::http2::{Client2, empty};
use harness::{Answer, Client, HOST, Replica, TOKEN, World, service, until};
use link::telemetry::ServiceCounters;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const LONG: u64 = 60_000;

async fn world(hold: Hold) -> World {
    let mut world = World::new().await;
    world.policy(|policy| policy.hold = Some(hold)).await;
    world
}

async fn ask(world: &World) -> Client {
    let mut client = world.client().await;
    client.write(&format!("GET /api/predict/model HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n\r\n")).await;
    client
}

fn newest(world: &World) -> Option<ServiceCounters> {
    world.console.telemetry().iter().rev().find_map(|batch| batch.services.first().cloned())
}

async fn held(world: &World, wanted: u64) {
    until("held requests", async || newest(world).filter(|it| it.held == wanted)).await;
}

fn is(answer: &Answer, code: &str) {
    assert_eq!((answer.status, answer.code().as_str()), (503, code), "{answer:?}");
    assert!(answer.headers["retry-after"].parse::<u64>().unwrap() > 0);
}

/// Answers each request after a while; counts those that it has at once, and how many that were at most.
async fn counting(now: Arc<AtomicUsize>, most: Arc<AtomicUsize>) -> Replica {
    Replica::serve(move |mut stream| {
        let (now, most) = (now.clone(), most.clone());
        async move {
            let mut buffer = [0; 4096];
            while stream.read(&mut buffer).await.is_ok_and(|len| len > 0) {
                most.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
                tokio::time::sleep(Duration::from_millis(5)).await;
                now.fetch_sub(1, SeqCst);
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_burst_waits_and_goes_on_within_the_limits() {
    let mut world = World::new().await;
    world
        .policy(|policy| {
            policy.hold = Some(Hold { length: 100, wait_ms: LONG });
            policy.limits.in_flight_per_replica = Some(4);
        })
        .await;
    let mut clients = Vec::new();
    for _ in 0..100 {
        clients.push(ask(&world).await);
    }
    held(&world, 100).await;
    is(&world.get("/api/predict/model").await, "HoldFull");
    let counts: Vec<_> = (0..2).map(|_| <(Arc<AtomicUsize>, Arc<AtomicUsize>)>::default()).collect();
    let one = counting(counts[0].0.clone(), counts[0].1.clone()).await;
    let two = counting(counts[1].0.clone(), counts[1].1.clone()).await;
    world.ready(&[&one, &two]).await;
    for client in &mut clients {
        assert_eq!(client.answer().await.status, 200);
    }
    for (_, most) in &counts {
        assert!((2..=4).contains(&most.load(SeqCst)), "{counts:?}");
    }
    held(&world, 0).await;
    let told = until("all of them", async || newest(&world).filter(|it| it.counters.in_flight == 0)).await;
    let of_replicas: Vec<_> = told.replicas.iter().map(|replica| replica.requests).collect();
    assert_eq!(of_replicas.iter().sum::<u64>(), 100, "{told:?}");
    assert!(of_replicas.iter().all(|requests| (30..=70).contains(requests)), "{of_replicas:?}");
}

#[tokio::test]
async fn the_console_is_told_at_once() {
    let mut world = world(Hold { length: 9, wait_ms: LONG }).await;
    let replica = Replica::echo("a").await;
    let mut waited = Duration::ZERO;
    for _ in 0..10 {
        let asked = Instant::now();
        let mut client = ask(&world).await;
        held(&world, 1).await;
        waited += asked.elapsed();
        world.ready(&[&replica]).await;
        assert_eq!(client.answer().await.status, 200);
        world.ready(&[]).await;
        held(&world, 0).await;
    }
    // In the engine's own rhythm it would be half a second each.
    assert!(waited < Duration::from_millis(2500), "{waited:?}");
}

#[tokio::test]
async fn waiting_ends_with_a_time_to_try_again() {
    let mut world = world(Hold { length: 1, wait_ms: 100 }).await;
    is(&world.get("/api/predict/model").await, "HoldTimeout");
    // Without it, nothing has changed.
    world.policy(|policy| policy.hold = None).await;
    let refused = world.get("/api/predict/model").await;
    assert_eq!((refused.status, refused.code().as_str()), (503, "NoHealthyUpstream"));
    // Who waits when it is taken away is told as well.
    world.policy(|policy| policy.hold = Some(Hold { length: 1, wait_ms: LONG })).await;
    let mut client = ask(&world).await;
    held(&world, 1).await;
    world.policy(|policy| policy.hold = None).await;
    assert_eq!(client.answer().await.code(), "NoHealthyUpstream");
}

/// What has been taken back meanwhile opens nothing.
#[tokio::test]
async fn who_may_no_longer_is_told_so_when_its_turn_comes() {
    let hold = Hold { length: 9, wait_ms: LONG };
    let mut world = world(hold).await;
    let replica = Replica::echo("a").await;
    let mut client = ask(&world).await;
    held(&world, 1).await;
    let mut other = service();
    other.policy.hold = Some(hold);
    other.tokens[0].digest = domain::secret::Secret::new("another").digest();
    other.tokens[0].id = domain::id::TokenId::from_random([9; domain::id::RANDOM_LEN]);
    world.put(Resource::Service(other)).await;
    world.ready(&[&replica]).await;
    assert_eq!(client.answer().await.code(), "Unauthorized");
    world.ready(&[]).await;
    world.policy(|policy| policy.hold = Some(hold)).await;
    let mut client = ask(&world).await;
    held(&world, 1).await;
    world.whitelist(&["192.0.2.0/24"]).await;
    world.ready(&[&replica]).await;
    assert_eq!(client.answer().await.code(), "SourceNotAllowed");
    assert_eq!(replica.connections.load(SeqCst), 0);
}

#[tokio::test]
async fn the_time_that_it_waits_is_not_the_replicas() {
    let mut world = World::new().await;
    let mut timed = service();
    timed.policy.hold = Some(Hold { length: 1, wait_ms: LONG });
    timed.timeouts.request_ms = 150;
    world.put(Resource::Service(timed)).await;
    let mut client = ask(&world).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let replica = Replica::slow_echo("a", Duration::from_millis(50)).await;
    world.ready(&[&replica]).await;
    assert_eq!(client.answer().await.status, 200);
    let record =
        until("its record", async || world.console.telemetry().into_iter().flat_map(|batch| batch.records).next())
            .await;
    assert!(record.sent_us.unwrap() > 300_000 && record.duration_us > record.sent_us.unwrap(), "{record:?}");
}

#[tokio::test]
async fn who_goes_away_leaves_at_once() {
    let mut world = World::new().await;
    let mut large = service();
    large.policy.hold = Some(Hold { length: 9, wait_ms: LONG });
    large.body_limit = 64 * 1024 * 1024;
    world.put(Resource::Service(large)).await;
    let bare = ask(&world).await;
    held(&world, 1).await;
    // A body that is not read to its end hides the client's, as long as it fits into the socket.
    let mut long = world.client().await;
    let head = format!("POST /api/predict/model HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n");
    long.write(&format!("{head}Content-Length: 300000\r\n\r\n{}", "x".repeat(100_000))).await;
    held(&world, 2).await;
    let mut asking = world.client().await;
    asking.write(&format!("{head}Expect: 100-continue\r\nContent-Length: 3\r\n\r\n")).await;
    held(&world, 3).await;
    let mut http2 = Client2::clear(world.address).await;
    let request = http2.request("GET", "/api/predict/model").body(empty()).unwrap();
    let waiting = tokio::spawn(async move { http2.sender.send_request(request).await.map(|_| ()) });
    held(&world, 4).await;
    drop((bare, long, asking));
    waiting.abort();
    let gone = Instant::now();
    held(&world, 0).await;
    // Telemetry itself has a rhythm of a second.
    assert!(gone.elapsed() < Duration::from_secs(5), "{:?}", gone.elapsed());
    let replica = Replica::echo("a").await;
    world.ready(&[&replica]).await;
    assert_eq!(world.get("/api/predict/model").await.status, 200);
    assert_eq!(newest(&world).unwrap().replicas.iter().map(|replica| replica.requests).sum::<u64>(), 0);
    let records: Vec<_> = until("their records", async || {
        let records: Vec<_> = world.console.telemetry().into_iter().flat_map(|batch| batch.records).collect();
        Some(records).filter(|records| records.len() >= 4)
    })
    .await;
    assert_eq!(records.iter().filter(|record| record.status == 499).count(), 4, "{records:?}");
}

#[tokio::test]
async fn a_long_body_stays_where_it_is() {
    let mut world = World::new().await;
    let mut large = service();
    large.policy.hold = Some(Hold { length: 9, wait_ms: LONG });
    large.body_limit = 64 * 1024 * 1024;
    world.put(Resource::Service(large)).await;
    const LENGTH: usize = 32 * 1024 * 1024;
    let stream = tokio::net::TcpStream::connect(world.address).await.unwrap();
    let (reader, mut writer) = stream.into_split();
    let head = format!(
        "POST /api/predict/model HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\nContent-Length: {LENGTH}\r\n\r\n"
    );
    let written = Arc::<AtomicUsize>::default();
    let count = written.clone();
    let writing = tokio::spawn(async move {
        writer.write_all(head.as_bytes()).await.unwrap();
        let piece = vec![b'x'; 64 * 1024];
        for _ in 0..LENGTH / piece.len() {
            writer.write_all(&piece).await.unwrap();
            count.fetch_add(piece.len(), SeqCst);
        }
        writer
    });
    held(&world, 1).await;
    // What fits into the sockets has gone when nothing moves any more.
    let mut before = usize::MAX;
    until("the sockets are full", async || {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = written.load(SeqCst);
        (std::mem::replace(&mut before, now) == now).then_some(())
    })
    .await;
    assert!(before < LENGTH * 3 / 4, "{before} of {LENGTH} were taken");
    let replica = Replica::echo("a").await;
    world.ready(&[&replica]).await;
    let _writer = writing.await.unwrap();
    let mut client = Client::over(tokio::io::join(reader, tokio::io::sink()));
    let answer = client.answer().await;
    assert_eq!((answer.status, &answer.json()["len"]), (200, &LENGTH.into()));
}

mod events {
    use super::*;

    async fn silent(keep_alive_ms: u64, wait_ms: u64) -> World {
        let mut world = World::new().await;
        world
            .policy(|policy| {
                policy.hold = Some(Hold { length: 9, wait_ms });
                policy.stream.keep_alive_ms = keep_alive_ms;
            })
            .await;
        world
    }

    /// Asks for events, by a header or in the body.
    async fn events(world: &World, by_header: bool) -> Client {
        let mut client = world.client().await;
        let head = format!("POST /api/predict/model HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n");
        let (more, body) = match by_header {
            true => ("Accept: text/event-stream\r\n", "{}"),
            false => ("Accept: application/json\r\n", r#"{"messages":[], "stream": true}"#),
        };
        client.write(&format!("{head}{more}Content-Length: {}\r\n\r\n{body}", body.len())).await;
        client
    }

    async fn begins(client: &mut Client) {
        let head = client.answer_head().await.unwrap();
        assert_eq!((head.status, head.headers["content-type"].as_str()), (200, "text/event-stream"));
        for _ in 0..3 {
            assert_eq!(client.chunk().await.as_deref(), Some(": keep-alive\n\n"));
        }
    }

    /// The next piece that is no comment.
    async fn said(client: &mut Client) -> Option<String> {
        loop {
            match client.chunk().await {
                Some(comment) if comment.starts_with(": ") => {}
                said => return said,
            }
        }
    }

    #[tokio::test]
    async fn a_stream_begins_before_its_replica() {
        let (replica, mut streams) = Replica::event_stream().await;
        let mut world = silent(30, LONG).await;
        for by_header in [true, false] {
            let mut client = events(&world, by_header).await;
            begins(&mut client).await;
            world.ready(&[&replica]).await;
            let events = streams.recv().await.unwrap();
            events.send(Some("data: 1\n\n")).unwrap();
            assert_eq!(said(&mut client).await.as_deref(), Some("data: 1\n\n"));
            drop(events);
            assert_eq!(said(&mut client).await, None);
            // The connection carries another request.
            assert_eq!(client.get("/").await.status, 200);
            world.ready(&[]).await;
        }
    }

    #[tokio::test]
    async fn over_http2_too() {
        let (replica, mut streams) = Replica::event_stream().await;
        let mut world = silent(30, LONG).await;
        let mut client = Client2::clear(world.address).await;
        let request = client.request("GET", "/api/predict/model").header("accept", "text/event-stream");
        let response = client.send(request.body(empty()).unwrap()).await;
        assert_eq!(
            (response.status().as_u16(), &response.headers()["content-type"]),
            (200, &"text/event-stream".parse().unwrap())
        );
        let mut body = response.into_body();
        assert_eq!(harness::http2::piece(&mut body).await.unwrap(), ": keep-alive\n\n");
        world.ready(&[&replica]).await;
        let events = streams.recv().await.unwrap();
        events.send(Some("data: 1\n\n")).unwrap();
        until("the event", async || {
            let piece = harness::http2::piece(&mut body).await.unwrap();
            piece.starts_with(b"data: 1").then_some(())
        })
        .await;
    }

    #[tokio::test]
    async fn what_goes_wrong_then_is_an_event() {
        let mut world = silent(20, 200).await;
        let mut client = events(&world, true).await;
        begins(&mut client).await;
        let error = said(&mut client).await.unwrap();
        assert!(error.starts_with("event: error\ndata: {\"error\":{") && error.contains("\"HoldTimeout\""), "{error}");
        assert_eq!(client.chunk().await, None);
        let mut client = events(&world, false).await;
        begins(&mut client).await;
        let other = Replica::saying("HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\nno").await;
        world.ready(&[&other]).await;
        let error = said(&mut client).await.unwrap();
        assert!(error.contains("\"NoEventStream\"") && error.contains("answered 400"), "{error}");
        let data = error.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
        assert!(serde_json::from_str::<serde_json::Value>(data).unwrap()["error"]["message"].is_string());
        assert_eq!(client.chunk().await, None);
        let records = until("their records", async || {
            let records: Vec<_> = world.console.telemetry().into_iter().flat_map(|batch| batch.records).collect();
            Some(records).filter(|records| records.len() == 2)
        })
        .await;
        let said: Vec<_> = records.iter().map(|it| (it.status, it.detail.as_deref().unwrap())).collect();
        assert_eq!(said, [(503, "HoldTimeout"), (400, "NoEventStream")]);
    }

    #[tokio::test]
    async fn who_wants_none_gets_its_own_answer() {
        let mut world = silent(20, LONG).await;
        let mut client = ask(&world).await;
        let quiet = tokio::time::timeout(Duration::from_millis(200), client.line()).await;
        assert!(quiet.is_err(), "{quiet:?}");
        let mut drained = events(&world, true).await;
        begins(&mut drained).await;
        drop(drained);
        held(&world, 1).await;
        let other = Replica::saying("HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\nno").await;
        world.ready(&[&other]).await;
        // The rest of the line that was asked for above is still to come.
        assert_eq!(client.answer().await.status, 404);
    }

    #[tokio::test]
    async fn one_that_starts_in_time_answers_itself() {
        let mut world = silent(5_000, LONG).await;
        let mut client = events(&world, true).await;
        held(&world, 1).await;
        let other = Replica::saying("HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\nno").await;
        world.ready(&[&other]).await;
        assert_eq!(client.answer().await.status, 404);
    }
}
