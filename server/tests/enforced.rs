//! From the answer to "saved" until the engine does it: what an operator waits for who shuts somebody out.
#![allow(clippy::unwrap_used)]

mod common;
#[path = "common/stock.rs"]
mod stock;

use common::http::Http;
use common::model::open_gateway;
use common::{Product, until};
use std::time::{Duration, Instant};

const CHANGES: usize = 200;
const SERVICES: usize = 1000;

/// A debug build computes ten times as long, and shares two cores with the rest of the tests.
const TARGET: Duration = Duration::from_millis(if cfg!(debug_assertions) { 500 } else { 100 });

#[test]
fn a_change_is_enforced_at_once() {
    let mut product = Product::start();
    let mut console = product.administrator();
    let (gateway, door) = open_gateway(&mut console, "first");
    product.stop();
    stock::add(&product.data.join("console.db"), &gateway, 0, SERVICES);
    product.serve();
    let mut console = console.again();
    until("the engine to have it all", || {
        let read = console.gateway(&gateway);
        (read["internet"]["status"] == "activated" && read["bound"].as_array().unwrap().len() == SERVICES).then_some(())
    });

    let mut connection = Http::connect(door).unwrap();
    assert_eq!(connection.get("/", &[]).unwrap().status, 200);
    let first = console.gateway(&gateway)["revision"].as_i64().unwrap();
    let mut times = Vec::with_capacity(CHANGES);
    for change in 0..CHANGES {
        let seen = (first + change as i64).to_string();
        let mut fields = vec![("id", gateway.as_str()), ("revision", seen.as_str())];
        let (endpoint, status) = if change % 2 == 0 {
            fields.push(("block", "127.0.0.1/32"));
            ("gateway.whitelist_remove", 403)
        } else {
            fields.extend([("blocks", "127.0.0.1/32"), ("comment", "")]);
            ("gateway.whitelist_add", 200)
        };
        let told = console.call(endpoint, &fields);
        let saved = Instant::now();
        told.ok();
        // As fast as answers come, over one connection that was open before.
        while connection.get("/", &[]).unwrap().status != status {
            assert!(saved.elapsed() < Duration::from_secs(5), "change {change} is not enforced");
        }
        times.push(saved.elapsed());
    }
    times.sort();
    let (median, p99, worst) = (times[CHANGES / 2], times[CHANGES * 99 / 100], times[CHANGES - 1]);
    let build = if cfg!(debug_assertions) { "debug" } else { "release" };
    println!(
        "change to enforced, {CHANGES} changes, {SERVICES} services, {build} build: \
         median {median:?}, p99 {p99:?}, worst {worst:?}"
    );
    assert!(p99 < TARGET, "p99 {p99:?} is over {TARGET:?}");
}
