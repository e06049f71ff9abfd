//! Doors that close and doors that are exchanged while many are inside.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::snapshot::{Resource, ResourceKey};
use harness::client::Answer;
use harness::clients::Asking;
use harness::other::{self, other_gateway, other_service};
use harness::{Client, HOST, Replica, TOKEN, World, free_address, gateway, gateway_id, service_id, until};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Enough for some requests to be under way at any moment.
const CLIENTS: usize = 60;

fn request(host: &str) -> String {
    format!("GET /api/predict/model HTTP/1.1\r\nHost: {host}\r\nAuthorization: {TOKEN}\r\n\r\n")
}

/// The usual gateway and another one, each with its own port and a replica behind it.
async fn world(first: &Replica, second: &Replica) -> (World, SocketAddr) {
    let mut world = World::new().await;
    let others = free_address();
    world
        .change(|snapshot| {
            snapshot.put(Resource::Gateway(other_gateway(others, &["127.0.0.0/8"])));
            snapshot.put(Resource::Service(other_service()));
        })
        .await;
    world.agent.ready_for(&[(service_id(), first.address), (other::service_id(), second.address)]).await;
    (world, others)
}

/// Answers after a pause, and tells how often it was asked.
async fn counting(pause: Duration) -> (Replica, Arc<AtomicUsize>) {
    let asked = Arc::<AtomicUsize>::default();
    let counted = asked.clone();
    let replica = Replica::serve(move |mut stream| {
        let asked = counted.clone();
        async move {
            let mut buffer = [0; 4096];
            while stream.read(&mut buffer).await.is_ok_and(|len| len > 0) {
                asked.fetch_add(1, SeqCst);
                tokio::time::sleep(pause).await;
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
            }
        }
    })
    .await;
    (replica, asked)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_leaves_under_load_and_cuts_nobody_off() {
    // Answers that take a while: most clients wait for one when the gateway goes.
    let (staying, asked) = counting(Duration::from_millis(5)).await;
    let (leaving, asked_leaving) = counting(Duration::from_millis(20)).await;
    let (mut world, others) = world(&staying, &leaving).await;
    let stays = [
        Asking::start(CLIENTS, world.own, &request(HOST)),
        // Under the same address, by name, as the gateway that goes.
        Asking::start(CLIENTS / 2, world.address, &request(HOST)),
    ];
    let goes = Asking::start(CLIENTS, others, &request(other::HOST));
    until("all to be under way", async || {
        let busy = stays.iter().chain([&goes]).all(|asking| asking.answered() > 5 * CLIENTS);
        busy.then_some(())
    })
    .await;

    world
        .change(|snapshot| {
            snapshot.remove(&ResourceKey::Service(other::service_id()));
            snapshot.remove(&ResourceKey::Gateway(other::gateway_id()));
        })
        .await;
    // What was published is done: nobody listens, and whoever wants the port may have it, though connections of
    // before still end.
    assert!(tokio::net::TcpStream::connect(others).await.is_err());
    let next = tokio::net::TcpSocket::new_v4().unwrap();
    next.set_reuseaddr(true).unwrap();
    // It does not listen: the clients shall meet nobody.
    next.bind(others).unwrap();
    drop(next);

    let (mut answered, mut unanswered, mut turned_away) = (0, 0, 0);
    for met in goes.met().await {
        assert!(met.cut.is_empty(), "{:?}", met.cut);
        assert!(met.refused && met.answered > 0, "{met:?}");
        // Who asked in the very moment may hear that there is no such gateway.
        assert!(met.others.iter().all(|status| *status == 404), "{:?}", met.others);
        // A connection that waits for nothing is closed, and a request may cross that.
        assert!(met.unanswered <= 1, "{met:?}");
        answered += met.answered;
        unanswered += met.unanswered;
        turned_away += met.others.len();
    }
    assert_eq!(answered, asked_leaving.load(SeqCst), "whatever a replica was asked was answered");
    let before: usize = stays.iter().map(Asking::answered).sum();
    until("the others to go on", async || {
        let now: usize = stays.iter().map(Asking::answered).sum();
        (now > before + 10 * CLIENTS).then_some(())
    })
    .await;
    let mut answered = 0;
    for asking in stays {
        asking.stop();
        for met in asking.met().await {
            let failed = met.unanswered + met.others.len() + met.cut.len();
            assert!(failed == 0 && !met.refused, "{met:?}");
            answered += met.answered;
        }
    }
    assert_eq!(answered, asked.load(SeqCst), "and asked once");
    println!("{answered} answers by the gateway that stays, 0 failed; of {CLIENTS} clients of the one that goes");
    println!("0 answers were cut, {turned_away} said 404, {unanswered} requests crossed the end of their connection");
    // And it may come back to where it was.
    world
        .change(|snapshot| {
            snapshot.put(Resource::Gateway(other_gateway(others, &["127.0.0.0/8"])));
            snapshot.put(Resource::Service(other_service()));
        })
        .await;
    assert_eq!(by_address(others).await.status, 200);
}

/// By no name: another gateway's is not welcome where one has a door alone.
async fn by_address(door: SocketAddr) -> Answer {
    let headers = format!("Host: {door}\r\nAuthorization: {TOKEN}\r\n");
    Client::connect(door).await.head("GET /api/predict/model HTTP/1.1", &headers).await
}

/// Which replica answers at this door.
async fn at(door: SocketAddr) -> String {
    by_address(door).await.json()["replica"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn two_gateways_exchange_their_ports_in_one_save() {
    let (first, second) = (Replica::echo("first").await, Replica::echo("second").await);
    let (mut world, q) = world(&first, &second).await;
    let p = world.own;
    assert_eq!((at(p).await, at(q).await), ("first".into(), "second".into()));

    // A request under way at each of the two, and a connection that only waits.
    let (slow, mut streams) = Replica::events().await;
    world.agent.ready_for(&[(service_id(), slow.address), (other::service_id(), slow.address)]).await;
    let mut under_way = Vec::new();
    for door in [p, q] {
        let mut client = Client::connect(door).await;
        client.write(&request("any.example")).await;
        under_way.push((client, streams.recv().await.unwrap()));
        assert_eq!(under_way.last_mut().unwrap().0.answer_head().await.unwrap().status, 200);
    }
    world.agent.ready_for(&[(service_id(), first.address), (other::service_id(), second.address)]).await;
    let mut waiting = Client::connect(p).await;
    assert_eq!(waiting.get("/").await.json()["gateway"], gateway_id().to_string());

    for (own, others, expected) in [(q, p, ["second", "first"]), (p, q, ["first", "second"])] {
        // Panics if it is refused.
        world
            .change(|snapshot| {
                snapshot.put(Resource::Gateway(gateway(own, &["127.0.0.0/8"])));
                snapshot.put(Resource::Gateway(other_gateway(others, &["127.0.0.0/8"])));
            })
            .await;
        assert_eq!([at(p).await, at(q).await], expected, "the ports have changed hands");
        for (client, events) in &mut under_way {
            events.send("on and on".into()).unwrap();
            assert_eq!(client.chunk().await.as_deref(), Some("on and on"));
        }
    }
    // Who asks at a port asks whoever has it now, or is asked to come again.
    waiting.write("GET / HTTP/1.1\r\nHost: any.example\r\n\r\n").await;
    if let Some(answer) = waiting.answer_head().await {
        assert_eq!(answer.status, 200);
    }
    for (mut client, events) in under_way {
        events.send("end".into()).unwrap();
        drop(events);
        assert_eq!(client.chunk().await.as_deref(), Some("end"));
        assert_eq!(client.chunk().await, None, "a whole answer");
    }
}

/// The new one is open before the old one closes: who finds the old one closed finds the new one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_moves_is_always_at_one_of_its_ports() {
    let mut world = World::new().await;
    let ports = [world.own, free_address()];
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let (looking, told) = (stop.clone(), Arc::<AtomicUsize>::default());
    let moved = told.clone();
    let watcher = tokio::task::spawn_blocking(move || {
        let mut last = 0;
        while !looking.load(SeqCst) {
            if std::net::TcpStream::connect(ports[last]).is_err() {
                last = 1 - last;
                moved.fetch_add(1, SeqCst);
                std::net::TcpStream::connect(ports[last]).expect("the other one is open");
            }
        }
    });
    for turn in 1..=30 {
        world.put(Resource::Gateway(gateway(ports[turn % 2], &["127.0.0.0/8"]))).await;
        until("the move to be seen", async || (told.load(SeqCst) >= turn || watcher.is_finished()).then_some(())).await;
    }
    stop.store(true, SeqCst);
    watcher.await.unwrap();
    assert_eq!(told.load(SeqCst), 30);
}

/// The port of one that goes is another's in the same save.
#[tokio::test]
async fn a_port_is_handed_over_in_one_save() {
    let (first, second) = (Replica::echo("first").await, Replica::echo("second").await);
    let (mut world, q) = world(&first, &second).await;
    let p = world.own;
    world
        .change(|snapshot| {
            snapshot.remove(&ResourceKey::Service(other::service_id()));
            snapshot.remove(&ResourceKey::Gateway(other::gateway_id()));
            snapshot.put(Resource::Gateway(gateway(q, &["127.0.0.0/8"])));
        })
        .await;
    assert_eq!(at(q).await, "first");
    assert!(tokio::net::TcpStream::connect(p).await.is_err(), "where it was, nobody is");
}
