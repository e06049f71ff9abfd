//! What an operator changes of a gateway while it is used as much as it can be: size, domains, certificates, VPCs, times.
//! Nobody who uses it may notice.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;
#[path = "../../crates/engine/tests/harness/files.rs"]
mod files;
#[allow(dead_code, reason = "without WebSockets")]
#[path = "../../crates/engine/tests/harness/numbered.rs"]
mod numbered;
mod numbered_model;

use common::model::{open_gateway, token};
use common::{Console, Product, h2load, until};
use numbered::Streams;
use numbered_model::{certificate_of, deploy, roots, secure, shown, trusting, try_secure};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use tokio::net::TcpStream;

const EVENT_STREAMS: usize = 200;
/// Times that everything is changed.
const ROUNDS: usize = 10;
const DOMAIN: &str = "models.example.test";

/// A certificate for the domain, signed by itself, and its key.
fn made() -> (String, String) {
    let made = rcgen::generate_simple_self_signed([DOMAIN.to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

fn field(value: &serde_json::Value, name: &str) -> String {
    let field = &value[name];
    field.as_str().map_or_else(|| field.to_string(), str::to_owned)
}

/// Everything once, and back again.
fn change(console: &mut Console, product: &Product, gateway: &str, runtime: &tokio::runtime::Runtime) {
    for (spec, nodes) in [("4c8g", "3"), ("2c4g", "1"), ("2c4g", "2")] {
        console.change("gateway.resize", gateway, &[("spec", spec), ("nodes", nodes)]).ok();
    }
    let choices = console.call("gateway.vpc_choices", &[("id", gateway)]).ok();
    let vpc = field(&choices[0]["vpc"], "id");
    let vswitch = field(&choices[0]["vswitches"][0]["vswitch"], "id");
    let link = [("vpc", vpc.as_str()), ("vswitches[]", &vswitch), ("authoritative_dns", "true")];
    console.change("gateway.vpc_link", gateway, &link).ok();
    let times = [("connect", "5"), ("first_byte", "60"), ("idle", "60"), ("request", "60"), ("balance", "peak_ewma")];
    console.change("gateway.traffic", gateway, &times).ok();

    // Another certificate in its place; each is shown as soon as it is there.
    let (first, key) = made();
    console.call("certificate.upload", &[("name", "models"), ("chain", &first), ("key", &key)]).ok();
    let all = console.call("certificate.list", &[]).ok();
    let certificate = field(&all[0], "id");
    let domain = [("id", gateway), ("host", DOMAIN), ("side", "public"), ("certificate", &certificate)];
    console.call("domain.create", &domain).ok();
    let is_shown = |chain: &str| {
        until("the certificate", || {
            let connected = runtime.block_on(try_secure(product, DOMAIN, trusting(chain)));
            connected.is_ok_and(|stream| shown(&stream) == certificate_of(chain)).then_some(())
        });
    };
    is_shown(&first);
    let (second, key) = made();
    let replace =
        [("id", certificate.as_str()), ("revision", "1"), ("name", "models"), ("chain", &second), ("key", &key)];
    console.call("certificate.replace", &replace).ok();
    is_shown(&second);

    let shown = console.gateway(gateway);
    let domain = &shown["domains"][0]["domain"];
    let delete = [("gateway", gateway), ("id", &field(domain, "id")), ("revision", &field(domain, "revision"))];
    console.call("domain.delete", &delete).ok();
    console.call("certificate.delete", &[("id", &certificate), ("revision", "2")]).ok();
    console.change("gateway.vpc_unlink", gateway, &[("vpc", &vpc)]).ok();
    let times =
        [("connect", "5"), ("first_byte", "600"), ("idle", "600"), ("request", "600"), ("balance", "round_robin")];
    console.change("gateway.traffic", gateway, &times).ok();
}

#[test]
fn nobody_notices_what_an_operator_changes() {
    if !h2load::is_there() {
        return;
    }
    let files = files::most();
    assert!(files > 4 * EVENT_STREAMS as u64, "only {files} open files are allowed");
    let product = Product::start();
    let mut console = product.administrator();
    let (gateway, door) = open_gateway(&mut console, "first");
    let service = deploy(&product, &mut console, &gateway);
    let token = token(&mut console, &service);
    let host = format!("{gateway}.local.gw.localhost");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut streams = Streams::of("/api/predict/numbered/events", &host, &token);
    runtime.block_on(async {
        for n in 0..EVENT_STREAMS {
            match n % 3 {
                0 => streams.events(TcpStream::connect(product.ports.http()).await.unwrap()).await,
                1 => streams.events(TcpStream::connect(door).await.unwrap()).await,
                _ => streams.events(secure(&product, &host, roots(&product)).await).await,
            }
        }
        streams.go_on("before").await;
    });

    let reached = streams.reached();
    let (done, address) = (AtomicBool::new(false), product.ports.https());
    let answered = std::thread::scope(|scope| {
        let asking =
            scope.spawn(|| h2load::ask(address, &host, "/api/predict/numbered/x", &token, ["10", "10"], &done));
        for round in 0..ROUNDS {
            change(&mut console, &product, &gateway, &runtime);
            assert!(!asking.is_finished(), "it is asked all the while, also in round {round}");
        }
        done.store(true, Relaxed);
        asking.join().unwrap()
    });
    assert!(answered >= h2load::REQUESTS && streams.slowest_since(&reached) > 0, "one stood still all the while");

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
    println!("{answered} requests answered, {carried} numbers carried on {EVENT_STREAMS} streams, 0 dropped");
}
