//! A thousand services with three thousand replicas that run elsewhere: what a page costs, how soon a change is served,
//! and how much memory all of it takes. They are written straight into the database: a thousand calls one by one would
//! take longer than the test.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;
#[path = "common/stock.rs"]
mod stock;

use common::http::Http;
use common::model::open_gateway;
use common::{Product, memory, until};
use serde_json::json;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::{Duration, Instant};

const SERVICES: usize = 1_000;
const REPLICAS: usize = 3;
const PAGES: usize = 11;
const CHANGES: usize = 50;
/// Of an optimised build; one that is not is told, and has to be within ten times of it.
const MOST: Duration = Duration::from_millis(100);

fn most() -> Duration {
    if cfg!(debug_assertions) { 10 * MOST } else { MOST }
}

/// Answers whatever comes, one connection after the other, for as long as the test runs.
fn upstream() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            // A check of whether somebody listens says nothing.
            let _ = stream.set_read_timeout(Some(Duration::from_millis(200)));
            if stream.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\nok\n");
            }
        }
    });
    address
}

fn told(what: &str, times: &mut [Duration], judged: fn(&[Duration]) -> Duration) {
    times.sort();
    let (middle, worst, found) = (times[times.len() / 2], times[times.len() - 1], judged(times));
    let build = if cfg!(debug_assertions) { "debug" } else { "release" };
    println!("{what}, {build} build: median {middle:?}, worst {worst:?} of {}", times.len());
    assert!(found < most(), "{what}: {found:?}");
}

#[test]
fn a_thousand_services() {
    let mut product = Product::start();
    let mut console = product.administrator();
    let (gateway, door) = open_gateway(&mut console, "first");
    product.stop();
    let addresses: Vec<SocketAddr> = (0..REPLICAS).map(|_| upstream()).collect();
    stock::add_external(&product.data.join("console.db"), &gateway, SERVICES, &addresses);
    let began = Instant::now();
    product.serve();
    let mut console = console.again();
    let ask = |n: usize| {
        let (path, token) = (format!("/api/predict/stock_{n}"), stock::token_of(n));
        Http::connect(door)?.get(&path, &[("Authorization", &token)])
    };
    until("all to be ready", || {
        let list = console.call("service.list", &[("query[status]", "running")]).ok();
        (list["total"] == SERVICES).then_some(())
    });
    println!("{SERVICES} services with {} replicas ready after {:?}", SERVICES * REPLICAS, began.elapsed());
    for n in [0, SERVICES / 2, SERVICES - 1] {
        until("an answer", || ask(n).ok().filter(|answer| answer.status == 200));
    }

    for path in ["/services", "/services?sort=name&page=10", "/services?status=running&sort=traffic&page=3"] {
        let mut times = Vec::new();
        for _ in 0..PAGES {
            let asked = Instant::now();
            let page = console.page(path);
            times.push(asked.elapsed());
            assert_eq!(page.status, 200);
            assert_eq!(page.body.matches("<th scope=\"row\"").count(), 100, "{path}");
        }
        told(path, &mut times, |times| times[times.len() / 2]);
    }

    // From the moment somebody says so until whoever asks is treated so.
    let (mut times, mut served) = (Vec::new(), Vec::new());
    let first = console.gateway(&gateway)["revision"].as_i64().unwrap();
    for (n, revision) in (0..CHANGES).zip(first..) {
        let began = Instant::now();
        let current = revision.to_string();
        let seen = [("id", gateway.as_str()), ("revision", &current)];
        let (status, told) = if n % 2 == 0 {
            let more = [("block", "127.0.0.1/32")];
            (403, console.call("gateway.whitelist_remove", &[&seen[..], &more].concat()))
        } else {
            let more = [("blocks", "127.0.0.1/32"), ("comment", "tests")];
            (200, console.call("gateway.whitelist_add", &[&seen[..], &more].concat()))
        };
        told.ok();
        let saved = Instant::now();
        until("the change", || ask(n).ok().filter(|answer| answer.status == status));
        times.push(began.elapsed());
        served.push(saved.elapsed());
    }
    told("a change, from the save on", &mut times, |times| times[times.len() * 99 / 100]);
    told("a change, after it was saved", &mut served, |times| times[times.len() * 99 / 100]);

    // The same for one of the services.
    let (mut times, mut served) = (Vec::new(), Vec::new());
    let list = console.call("service.list", &[("query[status]", "running")]).ok();
    let services = list["items"].as_array().unwrap().clone();
    for (n, service) in (1..=CHANGES).zip(services.iter().cycle()) {
        let (id, name) = (service["id"].as_str().unwrap(), service["name"].as_str().unwrap());
        let number: usize = name.strip_prefix("stock_").unwrap().parse().unwrap();
        let limit = (1000 + n).to_string();
        let policy = json!({ "rate_limit": { "enable": true, "limit": 1000 + n } });
        let document = json!({
            "metadata": { "name": name },
            "external": { "addresses": addresses },
            "networking": { "gateway": gateway, "gateway_policy": policy },
        });
        let fields = [("id", id), ("revision", &service["revision"].to_string()), ("document", &document.to_string())];
        let began = Instant::now();
        console.call("service.update", &fields).ok();
        let saved = Instant::now();
        until("the change", || ask(number).ok().filter(|answer| answer.header("x-ratelimit-limit") == Some(&limit)));
        times.push(began.elapsed());
        served.push(saved.elapsed());
    }
    told("a service's change, from the save on", &mut times, |times| times[times.len() * 99 / 100]);
    told("a service's change, after it was saved", &mut served, |times| times[times.len() * 99 / 100]);

    let each = ["console", "engine", "agent"].map(|role| (role, memory(product.pid(role)) / 1024));
    println!("memory (proportional set size), MiB: {each:?}");
    assert!(each.iter().all(|(_, mib)| (1..1024).contains(mib)), "{each:?}");
}
