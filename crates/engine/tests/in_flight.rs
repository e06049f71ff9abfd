//! Requests under way, and those that wait.
#![allow(clippy::unwrap_used)]

mod harness;

use domain::snapshot::Resource;
use domain::snapshot::policy::{Limits, Queue};
use harness::{Answer, Client, HOST, Replica, TOKEN, World, service, until};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

type Streams = UnboundedReceiver<UnboundedSender<String>>;

fn limits(edit: impl FnOnce(&mut Limits)) -> Resource {
    let mut service = service();
    edit(&mut service.policy.limits);
    Resource::Service(service)
}

const LONG: u64 = 60_000;

async fn ask(world: &World) -> Client {
    let mut client = world.client().await;
    client.write(&format!("GET /api/predict/model HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n\r\n")).await;
    client
}

/// A request under way, until the sender is dropped.
async fn begin(world: &World, streams: &mut Streams) -> (Client, UnboundedSender<String>) {
    let mut client = ask(world).await;
    let events = streams.recv().await.unwrap();
    events.send("first".into()).unwrap();
    assert_eq!(client.answer_head().await.unwrap().status, 200);
    assert_eq!(client.chunk().await.as_deref(), Some("first"));
    (client, events)
}

/// Until the engine has so many requests of the service, under way or waiting.
async fn arrived(world: &World, wanted: u64) {
    until("requests", async || {
        let batches = world.console.telemetry();
        let newest = batches.iter().rev().find_map(|batch| batch.services.first())?;
        (newest.counters.in_flight == wanted).then_some(())
    })
    .await;
}

fn is(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.code().as_str()), (status, code), "{answer:?}");
}

#[tokio::test]
async fn one_too_many_is_refused_until_an_answer_has_ended() {
    let (replica, mut streams) = Replica::events().await;
    let mut world = World::with(&[&replica]).await;
    world.put(limits(|limits| limits.in_flight = Some(1))).await;
    let (mut first, events) = begin(&world, &mut streams).await;
    for _ in 0..3 {
        let refused = world.get("/api/predict/model").await;
        is(&refused, 503, "ServiceBusy");
        assert_eq!(refused.headers["retry-after"], "1");
    }
    drop(events);
    assert_eq!(first.chunk().await, None);
    // Another worker may still see it for a moment.
    let next = async || {
        let mut client = ask(&world).await;
        tokio::select! {
            events = streams.recv() => Some((client, events.unwrap())),
            answer = client.answer() => { is(&answer, 503, "ServiceBusy"); None }
        }
    };
    let mut next = next;
    let (client, events) = until("a place", &mut next).await;
    drop(client);
    // Broken off is ended, too.
    until("a place", &mut next).await;
    drop(events);
}

#[tokio::test]
async fn who_waits_comes_in_in_order() {
    let (replica, mut streams) = Replica::events().await;
    let mut world = World::with(&[&replica]).await;
    world
        .put(limits(|limits| {
            limits.in_flight = Some(1);
            limits.queue = Some(Queue { length: 2, wait_ms: LONG });
        }))
        .await;
    let (mut first, events) = begin(&world, &mut streams).await;
    let mut second = ask(&world).await;
    arrived(&world, 2).await;
    let mut third = ask(&world).await;
    arrived(&world, 3).await;
    is(&world.get("/api/predict/model").await, 503, "ServiceBusy");
    drop(events);
    assert_eq!(first.chunk().await, None);
    let events = streams.recv().await.unwrap();
    events.send("second".into()).unwrap();
    assert_eq!(second.answer_head().await.unwrap().status, 200);
    assert_eq!(second.chunk().await.as_deref(), Some("second"));
    assert!(streams.try_recv().is_err(), "the third still waits");
    drop(events);
    let events = streams.recv().await.unwrap();
    events.send("third".into()).unwrap();
    assert_eq!(third.answer_head().await.unwrap().status, 200);
}

#[tokio::test]
async fn waiting_ends() {
    let (replica, mut streams) = Replica::events().await;
    let mut world = World::with(&[&replica]).await;
    let queue = |wait_ms| {
        limits(|limits| {
            limits.in_flight = Some(1);
            limits.queue = Some(Queue { length: 1, wait_ms });
        })
    };
    world.put(queue(50)).await;
    let (_first, events) = begin(&world, &mut streams).await;
    let late = world.get("/api/predict/model").await;
    is(&late, 503, "QueueTimeout");
    assert_eq!(late.headers["retry-after"], "1");
    world.put(queue(LONG)).await;
    // Who goes away makes room, with a body, too.
    let mut second = world.client().await;
    let head = format!("POST /api/predict/model HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n");
    second.write(&format!("{head}Content-Length: 4\r\n\r\nbody")).await;
    arrived(&world, 2).await;
    is(&world.get("/api/predict/model").await, 503, "ServiceBusy");
    drop(second);
    until("its record", async || {
        let records = world.console.telemetry().into_iter().flat_map(|batch| batch.records);
        records.into_iter().find(|record| record.status == 499)
    })
    .await;
    let mut third = ask(&world).await;
    arrived(&world, 2).await;
    drop(events);
    let events = streams.recv().await.unwrap();
    events.send("third".into()).unwrap();
    assert_eq!(third.answer_head().await.unwrap().status, 200);
    assert!(streams.try_recv().is_err(), "the second was never sent");
}

#[tokio::test]
async fn the_body_of_who_waited_arrives_whole() {
    let (replica, mut streams) = Replica::events().await;
    let mut world = World::with(&[&replica]).await;
    let wait = |limits: &mut Limits| {
        limits.in_flight = Some(1);
        limits.queue = Some(Queue { length: 4, wait_ms: LONG });
    };
    world.put(limits(wait)).await;
    let (_first, events) = begin(&world, &mut streams).await;
    let head = format!("POST /api/predict/model HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n");
    let bodies = [
        "Content-Length: 0\r\n\r\n".to_owned(),
        format!("Content-Length: 900\r\n\r\n{}", "x".repeat(900)),
        format!("Transfer-Encoding: chunked\r\n\r\n{}0\r\n\r\n", format!("a\r\n{}\r\n", "y".repeat(10)).repeat(40)),
        "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n".to_owned(),
    ];
    let mut clients = Vec::new();
    for (at, body) in bodies.iter().enumerate() {
        let mut client = world.client().await;
        client.write(&format!("{head}{body}")).await;
        clients.push(client);
        arrived(&world, at as u64 + 2).await;
    }
    // Those who waited go to what is ready now.
    let echo = Replica::echo("b").await;
    world.ready(&[&echo]).await;
    drop(events);
    let mut clients = clients.into_iter();
    for len in [0, 900, 400] {
        let answer = clients.next().unwrap().answer().await;
        assert_eq!((answer.status, &answer.json()["len"]), (200, &len.into()), "{answer:?}");
    }
    let mut asking = clients.next().unwrap();
    assert_eq!(asking.answer_head().await.unwrap().status, 100);
    let answer = asking.raw("end").await;
    assert_eq!((answer.status, &answer.json()["len"]), (200, &3.into()), "{answer:?}");
}

#[tokio::test]
async fn a_replica_takes_so_many() {
    let (a, mut of_a) = Replica::events().await;
    let (b, mut of_b) = Replica::events().await;
    let mut world = World::with(&[&a, &b]).await;
    world.put(limits(|limits| limits.in_flight_per_replica = Some(1))).await;
    let (mut one, mut two) = (ask(&world).await, ask(&world).await);
    let (first, second) = (of_a.recv().await.unwrap(), of_b.recv().await.unwrap());
    for _ in 0..4 {
        is(&world.get("/api/predict/model").await, 450, "ReplicasBusy");
    }
    // The one that is free is found, whoseever turn it is.
    first.send("x".into()).unwrap();
    drop(first);
    assert_eq!(one.answer_head().await.unwrap().status, 200);
    assert_eq!(two.answer_head().await.unwrap().status, 200);
    let (one, two) = tokio::select! {
        _ = one.chunk() => (one, two),
        _ = two.chunk() => (two, one),
    };
    drop(one);
    until("a place", async || {
        let mut client = ask(&world).await;
        tokio::select! {
            events = of_a.recv() => events.map(|_| ()),
            answer = client.answer() => { is(&answer, 450, "ReplicasBusy"); None }
        }
    })
    .await;
    drop((two, second));
}

#[tokio::test]
async fn more_room_lets_in_who_waits() {
    let (a, mut of_a) = Replica::events().await;
    let mut world = World::with(&[&a]).await;
    let per_replica = |each| {
        limits(|limits| {
            limits.in_flight_per_replica = Some(each);
            limits.queue = Some(Queue { length: 9, wait_ms: LONG });
        })
    };
    world.put(per_replica(1)).await;
    let (_first, _events) = begin(&world, &mut of_a).await;
    let _second = ask(&world).await;
    arrived(&world, 2).await;
    // A new replica, while nobody has left and nobody comes.
    let (b, mut of_b) = Replica::events().await;
    world.ready(&[&a, &b]).await;
    let _at_b = of_b.recv().await.unwrap();
    let _third = ask(&world).await;
    arrived(&world, 3).await;
    // A higher limit.
    world.put(per_replica(2)).await;
    tokio::select! {
        events = of_a.recv() => assert!(events.is_some()),
        events = of_b.recv() => assert!(events.is_some()),
    }
}

/// As EAS has it: 450 says that the queue of each instance is full, and that another one may have room.
#[tokio::test]
async fn a_full_queue_of_busy_replicas_is_told_from_a_full_service() {
    let (a, mut of_a) = Replica::events().await;
    let mut world = World::with(&[&a]).await;
    let queue = Some(Queue { length: 1, wait_ms: LONG });
    world.put(limits(|limits| (limits.in_flight_per_replica, limits.queue) = (Some(1), queue))).await;
    let (first, events) = begin(&world, &mut of_a).await;
    let second = ask(&world).await;
    arrived(&world, 2).await;
    let refused = world.get("/api/predict/model").await;
    is(&refused, 450, "ReplicasBusy");
    assert!(!refused.headers.contains_key("retry-after"), "another replica may have room now");
    // The same where it is the service that takes no more.
    world.put(limits(|limits| (limits.in_flight, limits.queue) = (Some(1), queue))).await;
    is(&world.get("/api/predict/model").await, 503, "ServiceBusy");
    drop((first, second, events));
}
