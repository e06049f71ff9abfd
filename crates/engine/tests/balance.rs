//! Which replica gets a request, and what happens when one fails.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::snapshot::policy::{Balance, HashOn, Retry};
use harness::{Client, HOST, Replica, TOKEN, World, until};
use std::collections::BTreeMap;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

const PATH: &str = "/api/predict/model";

/// Who answers, by number of answers.
async fn asked(client: &mut Client, times: usize, line: &str, headers: &str) -> BTreeMap<String, usize> {
    let mut seen = BTreeMap::new();
    for _ in 0..times {
        let answer = client.head(line, &format!("Host: {HOST}\r\nAuthorization: {TOKEN}\r\n{headers}")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        *seen.entry(answer.json()["replica"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    seen
}

async fn gets(client: &mut Client, times: usize) -> BTreeMap<String, usize> {
    asked(client, times, &format!("GET {PATH} HTTP/1.1"), "").await
}

async fn post(client: &mut Client, body: &str) -> harness::Answer {
    let headers = format!("Host: {HOST}\r\nAuthorization: {TOKEN}\r\nContent-Length: {}\r\n", body.len());
    client.raw(&format!("POST {PATH} HTTP/1.1\r\n{headers}\r\n{body}")).await
}

#[tokio::test]
async fn a_body_that_went_out_on_a_stale_connection_goes_out_again() {
    let replica = Replica::stale().await;
    let world = World::with(&[&replica]).await;
    let mut client = world.client().await;
    for _ in 0..20 {
        let answer = post(&mut client, "some body").await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "ok"));
    }
}

#[tokio::test]
async fn what_may_be_repeated_is_tried_elsewhere() {
    let (bad, good) = (Replica::closing().await, Replica::echo("good").await);
    let mut world = World::with(&[&bad, &good]).await;
    world.policy(|policy| policy.health.failures = 0).await;
    let mut client = world.client().await;
    assert_eq!(gets(&mut client, 8).await["good"], 8);
    // A request that may have been worked on is not made twice.
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(post(&mut client, "x").await.status);
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 502, 502]);
}

#[tokio::test]
async fn retries_have_a_budget() {
    let bad = [Replica::closing().await, Replica::closing().await, Replica::closing().await];
    let mut world = World::with(&[&bad[0], &bad[1], &bad[2]]).await;
    world
        .policy(|policy| {
            policy.health.failures = 0;
            policy.retry = Retry { budget_percent: 0, ..Retry::default() };
        })
        .await;
    let mut client = world.client().await;
    for _ in 0..30 {
        assert_eq!(client.get(PATH).await.status, 502);
    }
    let asked: usize = bad.iter().map(|replica| replica.connections.load(SeqCst)).sum();
    assert_eq!(asked, 30 + 10, "the reserve, and not one more");
}

#[tokio::test]
async fn an_answer_that_says_overloaded_is_asked_for_elsewhere() {
    let bad = Replica::saying("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n").await;
    let good = Replica::echo("good").await;
    let mut world = World::with(&[&bad, &good]).await;
    world.policy(|policy| policy.health.failures = 0).await;
    let mut client = world.client().await;
    let first = [client.get(PATH).await.status, client.get(PATH).await.status];
    assert!(first.contains(&503), "not unless it is wanted: {first:?}");
    world
        .policy(|policy| {
            policy.health.failures = 0;
            policy.retry.on_status = true;
        })
        .await;
    assert_eq!(gets(&mut client, 8).await["good"], 8);
}

#[tokio::test]
async fn one_that_fails_in_a_row_is_ejected_for_a_while() {
    let bad = Replica::saying("HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n").await;
    let good = Replica::echo("good").await;
    let mut world = World::with(&[&bad, &good]).await;
    world.policy(|policy| policy.health.ejection_ms = 300).await;
    let mut client = world.client().await;
    let mut failed = 0;
    for _ in 0..40 {
        failed += usize::from(client.get(PATH).await.status == 500);
    }
    assert!(failed >= 5, "{failed}");
    assert!(failed < 10, "ejected: {failed}");
    until("another chance", async || (client.get(PATH).await.status == 500).then_some(())).await;
}

#[tokio::test]
async fn the_last_ones_are_not_ejected() {
    let bad = Replica::saying("HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n").await;
    let world = World::with(&[&bad]).await;
    let mut client = world.client().await;
    for _ in 0..20 {
        assert_eq!(client.get(PATH).await.status, 500);
    }
}

/// A connection whose request is not answered.
async fn hangs(world: &World) -> Option<Client> {
    let mut client = world.client().await;
    client.write(&format!("GET {PATH} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n\r\n")).await;
    let answer = tokio::time::timeout(Duration::from_millis(50), client.answer_head()).await;
    answer.is_err().then_some(client)
}

#[tokio::test]
async fn who_hangs_gets_no_more() {
    let (stuck, free) = (Replica::silent().await, Replica::echo("free").await);
    let mut world = World::with(&[&stuck, &free]).await;
    world.policy(|policy| policy.balance = Balance::LeastRequests).await;
    let hanging = until("a request that hangs", async || hangs(&world).await).await;
    let mut client = world.client().await;
    assert_eq!(gets(&mut client, 30).await["free"], 30);
    // Gone, it is not busy any more.
    drop(hanging);
    until("a turn for the other one", async || hangs(&world).await).await;
}

#[tokio::test]
async fn the_faster_one_gets_more() {
    let (slow, fast) = (Replica::slow_echo("slow", Duration::from_millis(40)).await, Replica::echo("fast").await);
    let mut world = World::with(&[&slow, &fast]).await;
    world.policy(|policy| policy.balance = Balance::PeakEwma).await;
    let seen = gets(&mut world.client().await, 60).await;
    assert!(seen["fast"] >= 50, "{seen:?}");
}

#[tokio::test]
async fn the_same_value_goes_to_the_same_one() {
    let replicas = [Replica::echo("a").await, Replica::echo("b").await, Replica::echo("c").await];
    let [a, b, c] = &replicas;
    for (on, header) in
        [(HashOn::Header("x-user".into()), "x-user: "), (HashOn::Cookie("user".into()), "cookie: other=1; user=")]
    {
        let mut world = World::with(&[a, b, c]).await;
        world.policy(|policy| policy.balance = Balance::ConsistentHash { on }).await;
        let mut client = world.client().await;
        let line = format!("GET {PATH} HTTP/1.1");
        let mut owners = BTreeMap::new();
        for user in 0..30 {
            let seen = asked(&mut client, 3, &line, &format!("{header}{user}\r\n")).await;
            assert_eq!(seen.len(), 1, "{user}: {seen:?}");
            owners.insert(user, seen.into_keys().next().unwrap());
        }
        assert!(["a", "b", "c"].iter().all(|name| owners.values().any(|owner| owner == name)), "{owners:?}");
        // Who goes takes only its own along.
        world.ready(&[a, b]).await;
        for (user, owner) in owners.iter().filter(|(_, owner)| *owner != "c") {
            let seen = asked(&mut client, 1, &line, &format!("{header}{user}\r\n")).await;
            assert!(seen.contains_key(owner), "{user}");
        }
        assert!(asked(&mut client, 30, &line, "").await.len() > 1, "who has no value is spread");
    }
}

#[tokio::test]
async fn the_same_address_goes_to_the_same_one() {
    let (a, b) = (Replica::echo("a").await, Replica::echo("b").await);
    let mut world = World::with(&[&a, &b]).await;
    world.policy(|policy| policy.balance = Balance::ConsistentHash { on: HashOn::Address }).await;
    let line = format!("GET {PATH} HTTP/1.1");
    let mut owners = BTreeMap::new();
    for host in 1..=20 {
        for _ in 0..2 {
            let socket = tokio::net::TcpSocket::new_v4().unwrap();
            socket.bind(([127, 9, 0, host], 0).into()).unwrap();
            let mut client = Client::over(socket.connect(world.address).await.unwrap());
            let seen = asked(&mut client, 2, &line, "").await;
            assert_eq!(seen.len(), 1, "{host}: {seen:?}");
            let owner = seen.into_keys().next().unwrap();
            assert_eq!(owners.entry(host).or_insert_with(|| owner.clone()), &owner);
        }
    }
    assert!(["a", "b"].iter().all(|name| owners.values().any(|owner| owner == name)), "{owners:?}");
}

#[tokio::test]
async fn prompts_that_begin_alike_go_to_the_same_one() {
    let (a, b) = (Replica::echo("a").await, Replica::echo("b").await);
    let mut world = World::with(&[&a, &b]).await;
    world.policy(|policy| policy.balance = Balance::PrefixAffinity { bytes: 16, load_percent: 200 }).await;
    let mut client = world.client().await;
    let mut owners = BTreeMap::<String, String>::new();
    for round in 0..3 {
        for prompt in 0..12 {
            let body = format!("system prompt {prompt:02}: and then question {round}, {}", "x".repeat(500));
            let answer = post(&mut client, &body).await.json();
            assert_eq!(answer["len"], body.len(), "all of it arrives");
            let owner = answer["replica"].as_str().unwrap().to_owned();
            let before = owners.entry(body[..16].to_owned()).or_insert_with(|| owner.clone());
            assert_eq!(*before, owner);
        }
    }
    assert!(["a", "b"].iter().all(|name| owners.values().any(|owner| owner == name)), "{owners:?}");
}

#[tokio::test]
async fn a_new_one_starts_slowly() {
    let (old, new) = (Replica::echo("old").await, Replica::echo("new").await);
    let mut world = World::with(&[&old]).await;
    world.policy(|policy| policy.health.slow_start_ms = 1_500).await;
    let mut client = world.client().await;
    // The old one has to have grown old.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    world.ready(&[&old, &new]).await;
    let seen = gets(&mut client, 60).await;
    assert!(seen.get("new").copied().unwrap_or_default() < 20, "{seen:?}");
    until("its full share", async || {
        let seen = gets(&mut client, 40).await;
        (seen.get("new").copied().unwrap_or_default() >= 18).then_some(())
    })
    .await;
}

#[tokio::test]
async fn each_gets_what_it_weighs() {
    let (light, heavy) = (Replica::echo("light").await, Replica::echo("heavy").await);
    let mut world = World::new().await;
    world.agent.weights.insert(heavy.address, 300);
    world.ready(&[&light, &heavy]).await;
    let mut client = world.client().await;
    for balance in [Balance::RoundRobin, Balance::LeastRequests] {
        world.policy(|policy| policy.balance = balance.clone()).await;
        let seen = gets(&mut client, 1_000).await;
        // Least requests draws lots: five times its deviation.
        assert!(seen["light"].abs_diff(250) <= 70, "{balance:?}: {seen:?}");
    }
    // Told otherwise, they take turns as before.
    world.agent.weights.clear();
    world.ready(&[&light, &heavy]).await;
    world.policy(|_| {}).await;
    let seen = gets(&mut client, 100).await;
    assert_eq!((seen["light"], seen["heavy"]), (50, 50));
}

/// So many at once; who answers how many.
async fn at_once(world: &World, count: usize) -> BTreeMap<String, usize> {
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..count {
        let mut client = world.client().await;
        asking.spawn(async move { post(&mut client, "all of them begin alike").await });
    }
    let mut seen = BTreeMap::new();
    for answer in asking.join_all().await {
        assert_eq!(answer.status, 200, "{}", answer.body);
        *seen.entry(answer.json()["replica"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    seen
}

#[tokio::test]
async fn a_prompt_that_everybody_asks_is_shared_out() {
    let pause = Duration::from_millis(400);
    let (a, b) = (Replica::slow_echo("a", pause).await, Replica::slow_echo("b", pause).await);
    let mut world = World::with(&[&a, &b]).await;
    for (load_percent, most) in [(100, 5), (1_000, 10)] {
        world.policy(|policy| policy.balance = Balance::PrefixAffinity { bytes: 16, load_percent }).await;
        let seen = at_once(&world, 10).await;
        assert_eq!(seen.values().max(), Some(&most), "{load_percent}: {seen:?}");
    }
}

#[tokio::test]
async fn a_new_one_starts_slowly_where_the_least_loaded_is_picked() {
    let pause = Duration::from_millis(300);
    let (old, new) = (Replica::slow_echo("old", pause).await, Replica::slow_echo("new", pause).await);
    for (balance, weights) in [
        (Balance::LeastRequests, false),
        (Balance::PeakEwma, false),
        (Balance::LeastRequests, true),
        (Balance::PeakEwma, true),
    ] {
        let mut world = World::with(&[&old]).await;
        if weights {
            world.agent.weights.insert(new.address, 101);
        }
        world
            .policy(|policy| {
                policy.balance = balance.clone();
                policy.health.slow_start_ms = 1_500;
            })
            .await;
        at_once(&world, 2).await;
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        world.ready(&[&old, &new]).await;
        let seen = at_once(&world, 22).await;
        assert!(seen.get("new").copied().unwrap_or_default() < 8, "{balance:?}, {weights}: {seen:?}");
    }
}
