//! Certificates from a real ACME server for a whole product. Skipped, with a line that says so, where Pebble is not
//! installed.
#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../../../crates/certs/tests/harness/mod.rs"]
mod harness;
mod proxy;
mod relay;
mod stage;

use common::curl::curl;
use common::{until, within};
use harness::pebble::Options;
use proxy::Proxy;
use stage::Stage;
use std::collections::BTreeSet;
use std::time::Duration;

/// Long enough for an order behind a lease that nobody gave back.
const LONG: Duration = Duration::from_secs(90);

#[test]
fn every_challenge_while_a_whitelist_denies_everybody() {
    let Some(mut stage) = Stage::open("every_challenge", &Options::default()) else { return };
    let gateway = stage.gateway();
    // The name has no address for the world; only the record that proves it is asked for.
    let by_dns = stage.second();
    let mut ordered = Vec::new();
    for (name, host, challenge) in [
        ("http", "a.example.com", "http_01"),
        ("tls", "b.example.com", "tls_alpn_01"),
        ("dns", "*.example.org", "dns_01"),
    ] {
        let account = if challenge == "dns_01" { by_dns.clone() } else { stage.account.clone() };
        let id = stage.order(&account, name, host, challenge);
        let shown = stage.issued(&id, LONG);
        assert_eq!(shown["facts"]["names"].to_string(), format!("[\"{host}\"]"));
        assert!(shown["acme"]["order"]["next_attempt"].is_string() && shown["acme"]["order"]["last"].is_null());
        ordered.push((id, host.replace('*', "c")));
    }
    // Nothing of the proofs stays behind.
    let path = format!("http://{}/.well-known/acme-challenge/x", stage.product.ports.http());
    assert_eq!(curl(&["-H", "Host: a.example.com", &path]).status, "404");

    let denied = |stage: &Stage, host: &str| curl(&stage.visit(host)).status;
    for (id, host) in &ordered {
        stage.bind(&gateway, host, id);
        until(&format!("{host} to be served"), || (denied(&stage, host) == "403").then_some(()));
    }
    let own = [("blocks", "127.0.0.1/32"), ("comment", "")];
    stage.console.change("gateway.whitelist_add", &gateway, &own).ok();
    for (_, host) in &ordered {
        until(&format!("{host} to be open"), || (denied(&stage, host) == "200").then_some(()));
        assert_eq!(curl(&stage.visit_without_root(host)).exit, 60, "nobody else vouches for {host}");
    }
    let log = stage.product.log();
    assert!(!log.contains("PRIVATE KEY") && !log.contains("key_pkcs8"), "{log}");
}

#[test]
fn renewals_fail_no_handshake() {
    // Renewed after about eight seconds each time.
    let options = Options { validity: Some(12), ..Options::default() };
    let Some(mut stage) = Stage::open("renewals", &options) else { return };
    let gateway = stage.gateway();
    let own = [("blocks", "127.0.0.1/32"), ("comment", "")];
    stage.console.change("gateway.whitelist_add", &gateway, &own).ok();
    let account = stage.account.clone();
    let id = stage.order(&account, "renewed", "r.example.com", "http_01");
    stage.issued(&id, LONG);
    stage.bind(&gateway, "r.example.com", &id);
    until("the domain to be served", || (curl(&stage.visit("r.example.com")).status == "200").then_some(()));
    let mut visit = stage.visit("r.example.com");
    visit.extend(["-o".into(), "/dev/null".into(), "-w".into(), "%{certs}\n%{http_code}".into()]);
    let (mut seen, mut visits) = (BTreeSet::new(), 0);
    within(LONG, "two renewals", || {
        let visited = curl(&visit);
        assert_eq!((visited.exit, visited.status.as_str()), (0, "200"), "handshake {visits} failed: {}", visited.body);
        visits += 1;
        seen.insert(visited.body);
        (seen.len() >= 3).then_some(())
    });
    println!("{visits} handshakes, {} certificates, none failed", seen.len());
    assert!(visits > 50, "{visits}");
    assert_eq!(stage.certificates().len(), 1, "renewed in place");
}

#[test]
fn a_server_that_is_down_is_named_and_asked_again() {
    let Some(mut stage) = Stage::open("a_server_that_is_down", &Options::default()) else { return };
    let mut proxy = Proxy::start(stage.pebble.url.clone());
    let account = stage.register(&proxy.url());
    proxy.stop();
    let id = stage.order(&account, "patient", "p.example.com", "http_01");
    let order = until("a failure", || {
        let order = stage.certificate(&id)["acme"]["order"].clone();
        (order["failed"] == 1).then_some(order)
    });
    assert_eq!(order["last"]["failure"]["code"], "unreachable");
    assert_eq!(order["last"]["failure"]["how"], "connect");
    let page = stage.console.page(&format!("/certificates/{id}")).body;
    assert!(page.contains("can’t be reached") && page.contains("127.0.0.1"), "the page says so");
    // Nothing is lost with the console, either.
    stage.product.kill9_and_wait("console");
    stage.product.wait_for_console();
    stage.console = stage.console.again();
    assert_eq!(stage.certificate(&id)["acme"]["order"]["failed"], 1);
    assert!(stage.certificate(&id)["facts"].is_null());
    proxy.go_on();
    let issued = stage.issued(&id, LONG);
    assert_eq!(issued["acme"]["order"]["failed"], 0, "it healed by itself");
    // What only somebody can mend is said before anything is ordered.
    let fields =
        [("account", account.as_str()), ("name", "wild"), ("names", "*.example.com"), ("challenge", "http_01")];
    let refused = stage.console.call("acme.order", &fields);
    assert!(refused.answer.body.contains("wildcard_needs_dns"), "{}", refused.answer.body);
    refused.refused(422, "invalid");
}

#[test]
fn a_console_that_is_killed_in_the_middle_orders_once_more() {
    let options = Options { hesitates: Some(4), ..Options::default() };
    let Some(mut stage) = Stage::open("a_console_that_is_killed", &options) else { return };
    let gateway = stage.gateway();
    let own = [("blocks", "127.0.0.1/32"), ("comment", "")];
    stage.console.change("gateway.whitelist_add", &gateway, &own).ok();
    let account = stage.account.clone();
    let id = stage.order(&account, "killed", "k.example.com", "http_01");
    until("the order to be under way", || (stage.certificate(&id)["acme"]["under_way"] == true).then_some(()));
    stage.product.kill9_and_wait("console");
    stage.product.wait_for_console();
    stage.console = stage.console.again();
    assert!(stage.certificate(&id)["facts"].is_null(), "it was in the middle");
    let issued = stage.issued(&id, LONG);
    assert_eq!(stage.certificates().len(), 1);
    stage.bind(&gateway, "k.example.com", &id);
    until("the domain to be served", || (curl(&stage.visit("k.example.com")).status == "200").then_some(()));
    // The one that is stored is the one that is shown.
    let mut visit = stage.visit("k.example.com");
    visit.extend(["-o".into(), "/dev/null".into(), "-w".into(), "%{certs}\n%{http_code}".into()]);
    let shown = curl(&visit).body;
    assert_eq!(stage::fingerprint(&shown), issued["facts"]["fingerprint"].as_str().unwrap());
}

#[test]
fn a_gateways_own_name_has_a_certificate_that_everybody_trusts() {
    let Some(mut stage) = Stage::open("own_name", &Options::default()) else { return };
    let gateway = stage.gateway();
    let own = [("blocks", "127.0.0.1/32"), ("comment", "")];
    stage.console.change("gateway.whitelist_add", &gateway, &own).ok();
    let host = format!("{gateway}.local.gw.localhost");
    assert_eq!(curl(&stage.visit(&host)).exit, 60, "the local authority's is shown first");
    let account = stage.account.clone();
    let id = stage.order(&account, "own", &host, "tls_alpn_01");
    let issued = stage.issued(&id, LONG);
    until("the name to have it", || (curl(&stage.visit(&host)).status == "200").then_some(()));
    assert_eq!(issued["used_by"][0]["host"], host.as_str());
    let detail = stage.console.call("gateway.read", &[("id", gateway.as_str())]).ok();
    let endpoints = detail["internet"]["endpoints"].as_array().unwrap();
    let tls = endpoints.iter().find(|each| each["door"] == "name_tls").expect("the encrypted door");
    assert_eq!(tls["certificate"]["name"], "own");
    let page = stage.console.page(&format!("/gateways/{gateway}/internet")).body;
    assert!(page.contains(&format!("/certificates/{id}")), "the tab leads to it");
    // Other gateways' names keep the authority's, and so does this one when it is deleted.
    let other = stage.console.buy("second").id();
    stage.console.change("gateway.set_portal", &other, &[("on", "true")]).ok();
    assert_eq!(curl(&stage.visit(&format!("{other}.local.gw.localhost"))).exit, 60);
    let revision = stage.certificate(&id)["revision"].to_string();
    stage.console.call("certificate.delete", &[("id", &id), ("revision", &revision)]).ok();
    until("the authority's to be back", || (curl(&stage.visit(&host)).exit == 60).then_some(()));
}

#[test]
fn a_domain_is_proven_by_an_alias_into_the_base_domain() {
    let Some(mut stage) = Stage::open("alias", &Options::default()) else { return };
    let account = stage.second();
    let host = format!("*.models.{}", relay::DELEGATED.trim_end_matches('.'));
    let id = stage.order(&account, "delegated", &host, "dns_01");
    let issued = stage.issued(&id, LONG);
    assert_eq!(issued["facts"]["names"][0], host.as_str());
    assert!(stage.relay.followed() > 0, "nobody asked for it");
    // The page shows the record that its owner has to make.
    let record = "_acme-challenge.models.delegated.example.gw.localhost";
    assert!(stage.console.page(&format!("/certificates/{id}")).body.contains(record));
    // Its mail addresses are told to the server, and an account that is used stays.
    let edit = [("id", account.as_str()), ("revision", "1"), ("name", "Ours"), ("contact", "new@example.com")];
    stage.console.call("acme.edit_account", &edit).ok();
    let known = stage.console.call("acme.account", &[("id", account.as_str())]).ok();
    assert_eq!((&known["contact"][0], &known["name"]), (&"new@example.com".into(), &"Ours".into()));
    let refused = stage.console.call("acme.delete_account", &[("id", account.as_str()), ("revision", "2")]);
    refused.refused(409, "acme_account_in_use");
}

#[test]
fn two_orders_for_one_host_wait_for_each_other() {
    // Long enough for both to be under way at once, if they could be.
    let options = Options { hesitates: Some(3), ..Options::default() };
    let Some(mut stage) = Stage::open("two_orders", &options) else { return };
    let account = stage.account.clone();
    let ids = ["one", "two"].map(|name| stage.order(&account, name, "same.example.com", "tls_alpn_01"));
    for id in ids {
        assert_eq!(stage.issued(&id, LONG)["acme"]["order"]["failed"], 0, "none of them failed");
        assert!(stage.certificate(&id)["acme"]["order"]["last"].is_null());
    }
}
