//! From nothing to a model that answers, and everything that must be refused on the way: by curl, as a client would.
#![allow(clippy::unwrap_used)]

mod common;

use common::curl::curl;
use common::model::{deploy, own_door, token};
use common::{Product, until};

#[test]
fn forbidden_then_unauthorized_then_true() {
    let product = Product::start();
    let mut console = product.administrator();
    let gateway = console.buy("first").id();
    until("an engine that has it", || (console.gateway(&gateway)["summary"]["status"] == "running").then_some(()));
    console.change("gateway.set_portal", &gateway, &[("on", "true")]).ok();
    until("the portal", || (console.gateway(&gateway)["internet"]["status"] == "activated").then_some(()));
    let service = deploy(&mut console, &gateway, "sample", "2");
    until("the replicas", || (console.service(&service)["summary"]["status"] == "running").then_some(()));
    let token = format!("Authorization: {}", token(&mut console, &service));

    let by_port = format!("http://{}/api/predict/sample", own_door(&mut console, &gateway));
    let by_name = format!("http://{}/api/predict/sample", product.ports.http());
    let host = format!("Host: {gateway}.local.gw.localhost");

    // A new gateway's list is empty: nobody gets in, not even with the token.
    let closed = curl(&["-H", &token, &by_port]);
    assert_eq!(closed.status, "403");
    assert!(closed.body.contains("SourceNotAllowed"), "{}", closed.body);

    console.change("gateway.whitelist_add", &gateway, &[("blocks", "127.0.0.1/32"), ("comment", "")]).ok();
    let without_token = until("to be let in", || Some(curl(&[&by_port])).filter(|answer| answer.status == "401"));
    assert!(without_token.body.contains("Unauthorized"), "{}", without_token.body);
    assert_eq!(curl(&["-H", "Authorization: wrong", &by_port]).status, "401");

    let model = until("the model", || Some(curl(&["-H", &token, &by_port])).filter(|answer| answer.status == "200"));
    assert_eq!(model.body.trim(), "True");
    assert_eq!(curl(&["-H", &token, "-H", &host, &by_name]).body.trim(), "True");

    // Off: the name is unknown and the port is closed. On again: the list is what it was.
    console.change("gateway.set_portal", &gateway, &[("on", "false")]).ok();
    until("the port to close", || Some(curl(&["-H", &token, &by_port])).filter(|answer| answer.exit == 7));
    let unknown = curl(&["-H", &token, "-H", &host, &by_name]);
    assert_eq!(unknown.status, "404");
    assert!(unknown.body.contains("NoSuchGateway"), "{}", unknown.body);
    console.change("gateway.set_portal", &gateway, &[("on", "true")]).ok();
    until("the model again", || Some(curl(&["-H", &token, &by_port])).filter(|answer| answer.body.trim() == "True"));
}

#[test]
fn nothing_is_left_running() {
    let mut product = Product::start();
    let mut console = product.administrator();
    common::model::Model::start(&product, &mut console);
    let pids: Vec<i64> = ["serve", "console", "engine", "agent"].map(|role| i64::from(product.pid(role))).into();
    let replicas = product.replicas();
    assert_eq!(replicas.len(), 2);
    product.stop();
    for pid in pids.into_iter().chain(replicas) {
        until(&format!("process {pid} to end"), || (!common::is_alive(pid)).then_some(()));
    }
}
