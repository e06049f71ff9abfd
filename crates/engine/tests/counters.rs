//! What the console is told of a service, for its page and for its autoscaler.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::snapshot::policy::{Limits, Queue};
use harness::{Client, HOST, Replica, TOKEN, World, until};
use link::telemetry::ServiceCounters;
use std::time::Duration;

async fn told(world: &World, fits: impl Fn(&ServiceCounters) -> bool) -> ServiceCounters {
    until("counters", async || {
        let newest = world.console.telemetry().iter().rev().find_map(|batch| batch.services.first().cloned())?;
        fits(&newest).then_some(newest)
    })
    .await
}

async fn ask(world: &World) -> Client {
    let mut client = world.client().await;
    client.write(&format!("GET /api/predict/model HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n\r\n")).await;
    client
}

#[tokio::test]
async fn how_long_requests_took() {
    let slow = Replica::slow_echo("a", Duration::from_millis(200)).await;
    let quick = Replica::echo("b").await;
    let mut world = World::with(&[&quick]).await;
    for _ in 0..90 {
        assert_eq!(world.get("/api/predict/model").await.status, 200);
    }
    world.ready(&[&slow]).await;
    for _ in 0..10 {
        assert_eq!(world.get("/api/predict/model").await.status, 200);
    }
    let all = told(&world, |it| it.counters.requests == 100 && it.counters.in_flight == 0).await;
    assert_eq!(all.latency.count(), 100);
    let (p50, p95) = (all.latency.quantile(0.5).unwrap(), all.latency.quantile(0.95).unwrap());
    assert!(p50 < 190_000 && p95 > 195_000, "{p50} {p95}");
    // The same time, counted in another way.
    let buckets = all.latency.buckets().iter();
    let sum: u64 = buckets.map(|(bucket, count)| count * domain::histogram::bounds(*bucket).0).sum();
    assert!(sum <= all.counters.micros && all.counters.micros < sum + sum / 20, "{sum} {}", all.counters.micros);
}

#[tokio::test]
async fn what_each_replica_has() {
    let (silent, closing) = (Replica::silent().await, Replica::closing().await);
    let mut world = World::with(&[&silent]).await;
    let _waiting = [ask(&world).await, ask(&world).await];
    let busy = told(&world, |it| it.replicas.iter().any(|replica| replica.in_flight == 2)).await;
    assert_eq!((busy.replicas.len(), busy.replicas[0].requests, busy.replicas[0].failures), (1, 2, 0));
    assert_eq!(busy.counters.in_flight, 2);
    world.ready(&[&closing]).await;
    assert_eq!(world.get("/api/predict/model").await.status, 502);
    let failed = told(&world, |it| it.counters.status_5xx == 1).await;
    assert_eq!(failed.replicas.len(), 1, "those that are ready: {failed:?}");
    assert!(failed.replicas[0].failures >= 1 && failed.replicas[0].in_flight == 0, "{failed:?}");
}

/// What is under way at a replica counts whatever it weighs meanwhile.
#[tokio::test]
async fn a_new_weight_changes_nothing_of_what_it_has() {
    let silent = Replica::silent().await;
    let mut world = World::with(&[&silent]).await;
    let mut waiting = vec![ask(&world).await, ask(&world).await];
    let has = async |world: &World, count: u64| {
        told(world, |it| matches!(&it.replicas[..], [one] if one.in_flight == count)).await.replicas[0].requests
    };
    assert_eq!(has(&world, 2).await, 2);
    world.agent.weights.insert(silent.address, 50);
    world.ready(&[&silent]).await;
    waiting.push(ask(&world).await);
    assert_eq!(has(&world, 3).await, 3, "and what it has had");
    waiting.truncate(1);
    has(&world, 1).await;
    drop(waiting);
    has(&world, 0).await;
}

#[tokio::test]
async fn who_waits_for_a_place() {
    let (replica, mut streams) = Replica::events().await;
    let mut world = World::with(&[&replica]).await;
    let queue = Some(Queue { length: 9, wait_ms: 60_000 });
    world.policy(|policy| policy.limits = Limits { in_flight: Some(1), queue, ..Limits::default() }).await;
    let first = ask(&world).await;
    let events = streams.recv().await.unwrap();
    let mut others = vec![ask(&world).await, ask(&world).await];
    let waiting = told(&world, |it| it.queued == 2).await;
    assert_eq!((waiting.counters.in_flight, waiting.held), (3, 0));
    others.pop();
    told(&world, |it| it.queued == 1).await;
    drop((first, events));
    told(&world, |it| it.queued == 0 && it.counters.in_flight == 1).await;
}

#[tokio::test]
async fn tokens_and_the_time_to_the_first() {
    let (replica, mut streams) = Replica::event_stream().await;
    let mut world = World::with(&[&replica]).await;
    world.policy(|policy| policy.stream.observe = true).await;
    for _ in 0..2 {
        let mut client = ask(&world).await;
        let events = streams.recv().await.unwrap();
        for event in [
            "data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"}}]}\n\n",
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":5}}\n\n",
        ] {
            events.send(Some(event)).unwrap();
        }
        drop(events);
        assert_eq!(client.answer().await.status, 200);
    }
    let all = told(&world, |it| it.counters.requests == 2).await;
    assert_eq!((all.tokens_in, all.tokens_out, all.first_token.count()), (6, 10, 2));
    assert!(all.first_token.quantile(1.0).unwrap() < all.latency.quantile(1.0).unwrap() * 51 / 50 + 10_000);
}

#[tokio::test]
async fn the_time_of_each_token_behind_the_first() {
    const BETWEEN: Duration = Duration::from_millis(60);
    let (replica, mut streams) = Replica::event_stream().await;
    let mut world = World::with(&[&replica]).await;
    world.policy(|policy| policy.stream.observe = true).await;
    // In one piece: nobody knows what its tokens took.
    for pieces in [1, 2] {
        let mut client = ask(&world).await;
        let events = streams.recv().await.unwrap();
        for piece in 0..pieces {
            if piece > 0 {
                tokio::time::sleep(BETWEEN).await;
            }
            events.send(Some("data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"}}]}\n\n")).unwrap();
        }
        events.send(Some("data: {\"choices\":[],\"usage\":{\"completion_tokens\":4}}\n\n")).unwrap();
        drop(events);
        assert_eq!(client.answer().await.status, 200);
    }
    let all = told(&world, |it| it.counters.requests == 2).await;
    assert_eq!((all.first_token.count(), all.per_token.count()), (2, 1));
    // Three tokens behind the first.
    let each = Duration::from_micros(all.per_token.quantile(1.0).unwrap());
    assert!(each > BETWEEN / 4 && each < BETWEEN, "{each:?}");
}
