//! Services change while they are asked as much as they can be, over HTTP/2 and by two hundred event streams.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;
#[path = "../../crates/engine/tests/harness/files.rs"]
mod files;

use common::http::Http;
use common::model::{open_gateway, token};
use common::services::{deploy, document, running, sample, update};
use common::streams::Streams;
use common::{Console, Product, h2load, until};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Instant;

const STREAMS: usize = 200;
/// Of which the group's weights are counted.
const COUNTED: u32 = 10_000;
/// That ask for them at the same time.
const CLIENTS: u32 = 4;

/// The sample model, which says this at `/version`.
fn saying(version: &str) -> Value {
    let mut process = sample();
    process["env"] = json!([{ "name": "VERSION", "value": version }]);
    process
}

/// While somebody does all this, h2load and the streams go on; nothing of them may fail.
fn under_load(product: &Product, of: (&str, SocketAddr, &str, &str), at_once: [&str; 2], work: impl FnOnce(&Streams)) {
    let (gateway, door, name, token) = of;
    let (host, path) = (format!("{gateway}.local.gw.localhost"), format!("/api/predict/{name}"));
    let streams = Streams::begin(STREAMS, door, &path, token);
    let (done, address) = (AtomicBool::new(false), product.ports.https());
    let answered = std::thread::scope(|scope| {
        let asking = scope.spawn(|| h2load::ask(address, &host, &path, token, at_once, &done));
        work(&streams);
        assert!(!asking.is_finished(), "it is asked all the while");
        done.store(true, Relaxed);
        asking.join().unwrap()
    });
    let (ended, failed) = streams.end();
    println!("{answered} requests answered, {ended} streams came to their end, {} did not", failed.len());
    assert!(answered >= h2load::REQUESTS && ended >= STREAMS, "that is no load");
    assert!(failed.is_empty(), "{} streams failed: {:?}", failed.len(), &failed[..failed.len().min(5)]);
}

fn rolled(console: &mut Console, service: &str, version: u64, replicas: u64) {
    until(&format!("version {version}"), || {
        let read = console.service(service);
        (read["version"] == version && read["rollout"]["phase"] == "completed").then_some(())
    });
    running(console, service, replicas);
}

#[test]
fn nobody_notices_rolling_and_scaling() {
    if !h2load::is_there() {
        return;
    }
    assert!(files::most() > 1_000, "too few open files are allowed");
    let product = Product::start();
    let mut console = product.administrator();
    let (gateway, door) = open_gateway(&mut console, "first");
    let mut model = document("model", &gateway, saying("1"), json!({}));
    model["metadata"]["rolling_strategy"] = json!({ "max_surge": 2 });
    let service = deploy(&mut console, &model);
    running(&mut console, &service, 1);
    let token = token(&mut console, &service);
    let version = || {
        let answer = Http::connect(door)?.get("/api/predict/model/version", &[("Authorization", &token)])?;
        std::io::Result::Ok(answer.body.trim().to_owned())
    };

    under_load(&product, (&gateway, door, "model", &token), ["4", "4"], |streams| {
        let mut step = |what: &str, work: &mut dyn FnMut(&mut Console), answers: &str| {
            let began = Instant::now();
            work(&mut console);
            println!("{what}: {:?}", began.elapsed());
            assert_eq!(version().unwrap(), answers, "{what}");
        };
        step(
            "one becomes five",
            &mut |console| {
                console.change("service.scale", &service, &[("replicas", "5")]).ok();
                running(console, &service, 5);
            },
            "1",
        );
        step(
            "five of another version",
            &mut |console| {
                model["process"] = saying("2");
                model["metadata"]["instance"] = json!(5);
                update(console, &service, &model);
                rolled(console, &service, 2, 5);
            },
            "2",
        );
        step(
            "back to the first",
            &mut |console| {
                console.change("service.roll_back", &service, &[("version", "1")]).ok();
                rolled(console, &service, 1, 5);
            },
            "1",
        );
        step(
            "five become one",
            &mut |console| {
                console.change("service.scale", &service, &[("replicas", "1")]).ok();
                running(console, &service, 1);
            },
            "1",
        );
        streams.go_on();
    });
}

/// How many of so many requests each version answered, in thousandths.
fn shares(door: SocketAddr, token: &str, count: u32) -> BTreeMap<String, u32> {
    let ask = || {
        let (mut connection, mut answers) = (Http::connect(door).unwrap(), BTreeMap::<String, u32>::new());
        for _ in 0..count / CLIENTS {
            let answer = connection.get("/api/predict/models/version", &[("Authorization", token)]).unwrap();
            assert_eq!(answer.status, 200, "{}", answer.body);
            *answers.entry(answer.body.trim().to_owned()).or_default() += 1;
        }
        answers
    };
    let mut all = BTreeMap::<String, u32>::new();
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(ask)).collect();
        for (version, count) in clients.into_iter().flat_map(|client| client.join().unwrap()) {
            *all.entry(version).or_default() += count;
        }
    });
    all.values_mut().for_each(|each| *each = *each * 1000 / count);
    all
}

/// Every engine has what was said last.
fn loaded(console: &mut Console, gateway: &str) {
    until("the engines to have it", || {
        let read = console.gateway(gateway);
        let mut engines = read["engines"].as_array()?.iter();
        engines.all(|engine| engine["loaded"] == engine["newest"]).then_some(())
    });
}

#[test]
fn a_canary_gets_what_was_said() {
    if !h2load::is_there() {
        return;
    }
    let product = Product::start();
    let mut console = product.administrator();
    let (gateway, door) = open_gateway(&mut console, "first");
    let services = ["stable", "canary"].map(|name| {
        let more = json!({ "metadata": { "group": "models" } });
        let service = deploy(&mut console, &document(name, &gateway, saying(name), more));
        running(&mut console, &service, 1);
        service
    });
    let groups = console.call("group.list", &[]).ok();
    let group = groups[0]["id"].as_str().unwrap().to_owned();
    let read = console.call("group.read", &[("id", &group)]).ok();
    let revision = read["revision"].to_string();
    console.call("group.set_weights", &[("id", &group), ("revision", &revision), ("weights", "fixed")]).ok();
    let id = read["tokens"][0]["id"].as_str().unwrap();
    let token = console.call("group.reveal_token", &[("group", &group), ("id", id)]).ok();
    let token = token.as_str().unwrap();
    let mut weigh = |weights: [u32; 2]| {
        for (service, weight) in services.iter().zip(weights) {
            console.change("service.set_place", service, &[("draft[weight]", &weight.to_string())]).ok();
        }
        loaded(&mut console, &gateway);
    };
    weigh([100, 0]);

    under_load(&product, (&gateway, door, "models", token), ["2", "2"], |streams| {
        for weights in [[100, 0], [90, 10], [50, 50], [0, 100]] {
            weigh(weights);
            let shares = shares(door, token, COUNTED);
            println!("{weights:?}: {shares:?} of a thousand");
            for (version, weight) in ["stable", "canary"].iter().zip(weights) {
                let share = shares.get(*version).copied().unwrap_or_default();
                assert!(share.abs_diff(weight * 10) <= 20, "{version} is to have {weight} %: {shares:?}");
                assert!(weight > 0 || share == 0, "{version} is to have nothing: {shares:?}");
            }
        }
        streams.go_on();
    });
}
