//! A service of which nothing runs while nobody asks, and many who ask at once.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::http::{Answer, Http};
use common::model::{open_gateway, token};
use common::services::{deploy, document, events, running, sample};
use common::{Console, Product, is_long, until};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

const BURST: usize = 100;

/// Nothing of it runs until somebody asks; who asks waits for so long.
fn to_zero(hold_ms: u64) -> Value {
    json!({ "autoscaler": {
        "min": 0, "max": 3, "strategies": { "qps": 1000 }, "scale_to_zero": true,
        "behavior": { "onZero": { "scaleDownGracePeriodSeconds": 600, "holdRequests": 200, "holdMilliseconds": hold_ms } },
    } })
}

fn started(console: &mut Console, product: &Product, process: Value, hold_ms: u64) -> (String, SocketAddr, String) {
    let (gateway, door) = open_gateway(console, "first");
    let (service, token) = asleep(console, &document("model", &gateway, process, to_zero(hold_ms)));
    assert_eq!(product.replicas().len(), 0);
    assert_eq!(console.page(&format!("/services/{service}")).status, 200);
    (service, door, token)
}

/// Deployed, and known to the engine. With its token.
fn asleep(console: &mut Console, document: &Value) -> (String, String) {
    let mut document = document.clone();
    document["metadata"]["instance"] = json!(0);
    let service = deploy(console, &document);
    let read = running(console, &service, 0);
    assert_eq!((&read["summary"]["wanted"], read["running"].as_bool()), (&json!(0), Some(true)), "{read:#}");
    assert_eq!(read["conditions"], json!([]), "{read:#}");
    until("the engine to have it", || {
        let read = console.gateway(document["networking"]["gateway"].as_str().unwrap());
        let mut engines = read["engines"].as_array()?.iter();
        engines.all(|engine| engine["loaded"] == engine["newest"]).then_some(())
    });
    let token = token(console, &service);
    (service, token)
}

/// All at once, each on a connection of its own; with the time that each took.
fn burst(count: usize, door: SocketAddr, token: &str) -> Vec<(Answer, Duration)> {
    burst_at("model", count, door, token)
}

fn burst_at(name: &str, count: usize, door: SocketAddr, token: &str) -> Vec<(Answer, Duration)> {
    let path = format!("/api/predict/{name}");
    let ask = || {
        let mut connection = Http::connect(door).unwrap();
        let asked = Instant::now();
        let answer = connection.get(&path, &[("Authorization", token)]).unwrap();
        (answer, asked.elapsed())
    };
    std::thread::scope(|scope| {
        let asking: Vec<_> = (0..count).map(|_| scope.spawn(ask)).collect();
        asking.into_iter().map(|each| each.join().unwrap()).collect()
    })
}

fn count(events: &[Value], kind: &str) -> u64 {
    events.iter().filter(|event| event["kind"] == kind).map(|event| event["count"].as_u64().unwrap()).sum()
}

#[test]
fn a_burst_makes_one_start() {
    let product = Product::start();
    let mut console = product.administrator();
    let (service, door, token) = started(&mut console, &product, sample(), 20_000);
    let answers = burst(BURST, door, &token);
    let slowest = answers.iter().map(|(_, took)| *took).max().unwrap();
    println!("{BURST} requests answered from zero, the slowest after {slowest:?}");
    for (answer, _) in &answers {
        assert_eq!((answer.status, answer.body.as_str()), (200, "True\n"));
    }
    running(&mut console, &service, 1);
    assert_eq!(product.replicas().len(), 1);
    let events = until("the start to be written down", || {
        let events = events(&mut console, &service);
        (count(&events, "replica_ready") > 0).then_some(events)
    });
    assert_eq!((count(&events, "replica_started"), count(&events, "scaled")), (1, 1), "{events:#?}");
}

/// Whenever the console is killed, before it has heard of the requests or while the replica starts.
#[test]
fn a_console_that_is_killed_meanwhile_makes_one_start_all_the_same() {
    let moments: &[u64] = if is_long() { &[0, 20, 50, 100, 200, 300, 500, 800, 1200, 2000] } else { &[0, 100, 700] };
    let mut product = Product::start();
    let mut console = product.administrator();
    let (gateway, door) = open_gateway(&mut console, "first");
    for (round, moment) in moments.iter().enumerate() {
        let name = format!("model_{round}");
        let (service, token) = asleep(&mut console, &document(&name, &gateway, sample(), to_zero(40_000)));
        let asking = std::thread::spawn(move || burst_at(&name, 20, door, &token));
        // No wait for a state: the moment is what is tried out.
        std::thread::sleep(Duration::from_millis(*moment));
        let killed = product.kill9("console");
        product.next_pid("console", killed);
        product.wait_for_console();
        console = console.again();
        let answers = asking.join().unwrap();
        let slowest = answers.iter().map(|(_, took)| *took).max().unwrap();
        println!("killed after {moment} ms: the slowest of 20 answered after {slowest:?}");
        for (answer, _) in &answers {
            assert_eq!((answer.status, answer.body.as_str()), (200, "True\n"), "{moment} ms");
        }
        running(&mut console, &service, 1);
        assert_eq!(product.replicas().len(), round + 1, "one, and none twice");
    }
}

#[test]
fn who_waits_too_long_is_told_when_to_come_again() {
    const HOLD: Duration = Duration::from_secs(4);
    let product = Product::start();
    let mut console = product.administrator();
    // Never listens.
    let process = json!({ "script": "exec sleep 1000" });
    let (service, door, token) = started(&mut console, &product, process, HOLD.as_millis() as u64);
    let answers = burst(BURST, door, &token);
    let times = answers.iter().map(|(_, took)| *took);
    println!("{BURST} requests held from {:?} to {:?}", times.clone().min().unwrap(), times.max().unwrap());
    for (answer, took) in &answers {
        assert_eq!(answer.status, 503, "{}", answer.body);
        let seconds: u64 = answer.header("retry-after").expect("when to come again").parse().unwrap();
        assert!((1..=60).contains(&seconds), "{seconds}");
        assert!(answer.body.contains("try again"), "{}", answer.body);
        // Not before the time, and none hangs.
        assert!(*took >= HOLD - Duration::from_millis(50) && *took < HOLD + Duration::from_secs(3), "{took:?}");
    }
    // It starts still, and says so.
    let read = console.service(&service);
    assert_eq!((&read["summary"]["status"], product.replicas().len()), (&json!("waiting"), 1), "{read:#}");
}
