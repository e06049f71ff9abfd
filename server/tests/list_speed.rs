//! What a page costs with a thousand gateways, and what the product costs when nobody uses it.
#![allow(clippy::unwrap_used)]

mod common;
#[path = "common/stock.rs"]
mod stock;

use common::{Product, memory, until};
use std::time::{Duration, Instant};

const GATEWAYS: usize = 1000;
const ROWS: usize = 100;
const TIMES: usize = 20;

fn build() -> &'static str {
    if cfg!(debug_assertions) { "debug" } else { "release" }
}

#[test]
fn the_list_of_a_thousand_gateways() {
    let mut product = Product::start();
    let mut console = product.administrator();
    let first = console.buy("first").id();
    product.stop();
    stock::add(&product.data.join("console.db"), &first, GATEWAYS - 1, 0);
    product.serve();
    let mut console = console.again();
    until("the engine to have them all", || (console.gateway(&first)["summary"]["status"] == "running").then_some(()));

    for (what, path, rows) in [
        ("first page by name", "/gateways?sort=name&page=1", ROWS),
        ("last page by name", "/gateways?sort=name&page=10", ROWS),
        ("filtered and sorted", "/gateways?q=stock-0&kind=fully_managed&status=running&sort=name&page=10", ROWS - 1),
    ] {
        let mut times = Vec::new();
        for _ in 0..TIMES {
            let asked = Instant::now();
            let page = console.page(path);
            times.push(asked.elapsed());
            assert_eq!(page.status, 200);
            let shown = page.body.matches("href=\"/gateways/gw-").count();
            assert!(shown >= rows, "{what}: {shown} rows");
        }
        times.sort();
        let median = times[TIMES / 2];
        println!("{what} of {GATEWAYS} gateways, {} build: median {median:?}, worst {:?}", build(), times[TIMES - 1]);
        if !cfg!(debug_assertions) {
            assert!(median < Duration::from_millis(50), "{what}: {median:?}");
        }
    }
}

#[test]
fn idle_processes_are_small() {
    let product = Product::start();
    let mut console = product.administrator();
    let gateway = console.buy("first").id();
    until("everybody to be connected", || (console.gateway(&gateway)["summary"]["status"] == "running").then_some(()));
    let each = ["serve", "console", "engine", "agent"].map(|role| (role, memory(product.pid(role))));
    let total = each.iter().map(|(_, kilobytes)| kilobytes).sum::<u64>();
    println!("idle, proportional set size in kB, {} build: {each:?}, together {total}", build());
    // What maps of a build without optimisation is larger than what runs.
    let most = if cfg!(debug_assertions) { 200 } else { 150 };
    assert!(total > 0 && total < most * 1024, "{total} kB");
}
