//! Connections that stay open while an operator saves a thousand times, and the console's process is killed.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;
#[path = "../../crates/engine/tests/harness/files.rs"]
mod files;
#[path = "../../crates/engine/tests/harness/numbered.rs"]
mod numbered;
mod numbered_model;

use common::model::{open_gateway, token};
use common::{Console, Product, until};
use numbered::Streams;
use numbered_model::{deploy, roots, secure, shown};
use std::time::Instant;
use tokio::net::TcpStream;

const WEBSOCKETS: usize = 500;
const EVENT_STREAMS: usize = 200;
const SAVES: usize = 1000;

/// Saves real changes: who may enter, on this gateway and on another one, and now and then a third one that comes and
/// goes. None of them concerns who is in.
fn save(console: &mut Console, gateways: [&str; 2], numbers: std::ops::Range<usize>) {
    let mut revisions = gateways.map(|id| console.gateway(id)["revision"].as_i64().unwrap());
    for n in numbers {
        let (at, block) = (n % 2, format!("192.0.2.{}/32", n / 4 % 200));
        let revision = revisions[at].to_string();
        let fields = [("id", gateways[at]), ("revision", &revision)];
        let told = if n / 2 % 2 == 0 {
            console
                .call("gateway.whitelist_add", &[&fields[..], &[("blocks", &block), ("comment", "somebody")]].concat())
        } else {
            console.call("gateway.whitelist_remove", &[&fields[..], &[("block", &block)]].concat())
        };
        told.ok();
        revisions[at] += 1;
        if n % 20 == 19 {
            let passing = console.buy(&format!("passing_{n}")).id();
            console.change("gateway.delete", &passing, &[("confirmation", &format!("passing_{n}"))]).ok();
        }
    }
}

#[test]
fn nothing_that_is_open_is_dropped() {
    let files = files::most();
    assert!(files > 2 * (WEBSOCKETS + EVENT_STREAMS) as u64 + 200, "only {files} open files are allowed");
    let product = Product::start();
    let mut console = product.administrator();
    let (gateway, door) = open_gateway(&mut console, "first");
    let (other, _) = open_gateway(&mut console, "second");
    let service = deploy(&product, &mut console, &gateway);
    let token = token(&mut console, &service);
    let host = format!("{gateway}.local.gw.localhost");
    let (engine, replicas) = (product.pid("engine"), product.replicas());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();

    // A third of each by name, by port and over TLS.
    let mut streams = Streams::of("/api/predict/numbered/events", &host, &token);
    let first = runtime.block_on(async {
        for n in 0..WEBSOCKETS + EVENT_STREAMS {
            let is_websocket = n < WEBSOCKETS;
            if n % 3 == 2 {
                let stream = secure(&product, &host, roots(&product)).await;
                if is_websocket { streams.websocket(stream).await } else { streams.events(stream).await }
            } else {
                let stream = TcpStream::connect(if n % 3 == 0 { product.ports.http() } else { door }).await.unwrap();
                if is_websocket { streams.websocket(stream).await } else { streams.events(stream).await }
            }
        }
        streams.go_on("before").await;
        shown(&secure(&product, &host, roots(&product)).await)
    });

    let (reached, began) = (streams.reached(), Instant::now());
    save(&mut console, [&gateway, &other], 0..SAVES);
    println!("{SAVES} saves in {:?}", began.elapsed());
    assert!(streams.slowest_since(&reached) > 0, "one stood still all the while");

    // A console that finds no certificate makes another one.
    std::fs::remove_file(product.data.join("tls/gateways.sealed")).unwrap();
    let killed = product.kill9("console");
    runtime.block_on(streams.go_on("without a console"));
    product.next_pid("console", killed);
    let mut console = console.again();
    until("another certificate", || {
        (runtime.block_on(async { shown(&secure(&product, &host, roots(&product)).await) }) != first).then_some(())
    });
    save(&mut console, [&gateway, &other], SAVES..SAVES + 40);
    runtime.block_on(streams.go_on("with another console"));

    let stop = streams.stop();
    let carried = runtime.block_on(async {
        let ended = tokio::spawn(streams.end());
        while !*stop.borrow() {
            tokio::task::yield_now().await;
        }
        let (path, token) = ("/api/predict/numbered/end", [("Authorization", token.as_str())]);
        assert_eq!(common::http::get_with(door, path, &token).unwrap().status, 200);
        ended.await.unwrap()
    });
    assert_eq!((product.pid("engine"), product.replicas()), (engine, replicas), "the same processes as before");
    println!("{carried} numbers carried, none lost, 0 streams dropped");
}
