//! What the list of a thousand services costs.
#![allow(clippy::unwrap_used)]

mod common;
#[path = "common/stock.rs"]
mod stock;

use common::{Product, until};
use std::time::{Duration, Instant};

const SERVICES: usize = 1000;
const ROWS: usize = 100;
const TIMES: usize = 10;

#[test]
fn the_list_of_a_thousand_services() {
    let mut product = Product::start();
    let mut console = product.administrator();
    let gateway = console.buy("first").id();
    product.stop();
    stock::add(&product.data.join("console.db"), &gateway, 0, SERVICES);
    product.serve();
    let mut console = console.again();
    until("the engine to have them all", || {
        (console.gateway(&gateway)["summary"]["status"] == "running").then_some(())
    });
    for (what, path) in [
        ("first page", "/services".to_owned()),
        ("last page by name", "/services?sort=name&page=10".to_owned()),
        ("filtered by status, by traffic", format!("/services?status=stopped&gateway={gateway}&sort=traffic&page=3")),
    ] {
        let mut times = Vec::new();
        for _ in 0..TIMES {
            let asked = Instant::now();
            let page = console.page(&path);
            times.push(asked.elapsed());
            assert_eq!(page.status, 200);
            let shown = page.body.matches("<th scope=\"row\"").count();
            assert_eq!(shown, ROWS, "{what}");
        }
        times.sort();
        let median = times[TIMES / 2];
        println!("{what} of {SERVICES} services: median {median:?}, worst {:?}", times[TIMES - 1]);
        if !cfg!(debug_assertions) {
            assert!(median < Duration::from_millis(100), "{what}: {median:?}");
        }
    }
}
