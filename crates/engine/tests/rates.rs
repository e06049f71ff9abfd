//! Requests a second.
#![allow(clippy::unwrap_used)]

mod harness;

use domain::id::{RANDOM_LEN, TokenId};
use domain::secret::Secret;
use domain::snapshot::policy::Rate;
use domain::snapshot::{Resource, ServiceConfig};
use harness::{Answer, Client, HOST, Replica, TOKEN, World, service, until};
use std::time::{Duration, Instant};

fn limited(edit: impl FnOnce(&mut ServiceConfig)) -> Resource {
    let mut service = service();
    edit(&mut service);
    Resource::Service(service)
}

async fn with(token: &str, client: &mut Client) -> Answer {
    let headers = format!("Host: {HOST}\r\nAuthorization: {token}\r\n");
    client.head("GET /api/predict/model HTTP/1.1", &headers).await
}

/// Asks that often. Returns how many passed, and at most how many more may have become allowed meanwhile.
async fn passing(times: usize, token: &str, client: &mut Client) -> (u64, u64) {
    let (start, mut passed) = (Instant::now(), 0);
    for _ in 0..times {
        let answer = with(token, client).await;
        match answer.status {
            200 => passed += 1,
            _ => assert_eq!((answer.status, answer.code().as_str()), (429, "TooManyRequests")),
        }
    }
    (passed, start.elapsed().as_secs() + 1)
}

fn number(answer: &Answer, name: &str) -> u64 {
    answer.headers.get(name).unwrap_or_else(|| panic!("{name} in {answer:?}")).parse().unwrap()
}

#[tokio::test]
async fn a_service_has_a_rate_and_says_what_is_left() {
    let replica = Replica::echo("a").await;
    let mut world = World::with(&[&replica]).await;
    let mut client = world.client().await;
    assert!(!client.get("/api/predict/model").await.headers.contains_key("x-ratelimit-limit"), "no limit, no header");
    world.put(limited(|service| service.policy.limits.rate = Some(Rate { per_second: 1, burst: 5 }))).await;
    // Callers without a token cost nothing.
    for _ in 0..10 {
        assert_eq!(with("wrong", &mut client).await.status, 401);
    }
    let start = Instant::now();
    let answers = [
        client.get("/api/predict/model").await,
        client.get("/api/predict/model").await,
        client.get("/api/predict/model").await,
        client.get("/api/predict/model").await,
        client.get("/api/predict/model").await,
    ];
    let remaining: Vec<u64> = answers.iter().map(|answer| number(answer, "x-ratelimit-remaining")).collect();
    let reset: Vec<u64> = answers.iter().map(|answer| number(answer, "x-ratelimit-reset")).collect();
    let quick = start.elapsed() < Duration::from_secs(1);
    assert!(answers.iter().all(|answer| answer.status == 200 && number(answer, "x-ratelimit-limit") == 5));
    assert!(!quick || (remaining == [4, 3, 2, 1, 0] && reset == [1, 2, 3, 4, 5]), "{remaining:?} {reset:?}");
    let refused =
        until("a refusal", async || Some(client.get("/api/predict/model").await).filter(|answer| answer.status != 200))
            .await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "TooManyRequests"));
    assert_eq!((number(&refused, "retry-after"), number(&refused, "x-ratelimit-remaining")), (1, 0));
    assert_eq!((number(&refused, "x-ratelimit-limit"), refused.headers.contains_key("x-ratelimit-reset")), (5, true));
    // The engine's own refusals behind the limit say it, too, and in time it is free again.
    world.ready(&[]).await;
    let free = until("another one", async || {
        Some(client.get("/api/predict/model").await).filter(|answer| answer.status != 429)
    })
    .await;
    assert_eq!((free.status, number(&free, "x-ratelimit-limit")), (503, 5));
}

#[tokio::test]
async fn a_new_configuration_gives_nothing_back() {
    let replica = Replica::echo("a").await;
    let mut world = World::with(&[&replica]).await;
    let rate = Some(Rate { per_second: 1, burst: 50 });
    world.put(limited(|service| service.policy.limits.rate = rate)).await;
    let mut client = world.client().await;
    let (passed, more) = passing(60, TOKEN, &mut client).await;
    assert!((50..=50 + more).contains(&passed), "{passed}");
    let start = Instant::now();
    world
        .put(limited(|service| {
            service.policy.limits.rate = rate;
            service.body_limit += 1;
        }))
        .await;
    let (passed, _) = passing(10, TOKEN, &mut client).await;
    assert!(passed <= start.elapsed().as_secs() + 1, "{passed}");
}

#[tokio::test]
async fn each_token_has_a_rate_of_its_own() {
    let replica = Replica::echo("a").await;
    let mut world = World::with(&[&replica]).await;
    world
        .put(limited(|service| {
            let mut other = service.tokens[0].clone();
            other.id = TokenId::from_random([5; RANDOM_LEN]);
            other.digest = Secret::new("other").digest();
            service.tokens.push(other);
            service.policy.limits.token_rate = Some(Rate { per_second: 1, burst: 10 });
            service.policy.limits.rate = Some(Rate { per_second: 1, burst: 1000 });
        }))
        .await;
    // On two connections, so on two workers.
    let mut clients = [world.client().await, world.client().await];
    let (first, more) = passing(15, TOKEN, &mut clients[0]).await;
    assert!((10..=10 + more).contains(&first), "{first}");
    let (again, more) = passing(5, TOKEN, &mut clients[1]).await;
    assert!(again <= more, "the same token elsewhere: {again}");
    let (other, more) = passing(15, "other", &mut clients[1]).await;
    assert!((10..=10 + more).contains(&other), "{other}");
    assert_eq!(number(&with("other", &mut clients[0]).await, "x-ratelimit-limit"), 10, "the narrower one is told");
}
