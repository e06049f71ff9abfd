//! Gateways' names from the built-in DNS server, asked with `dig` from outside and from inside a VPC.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Console, Product, until, within};
use serde_json::Value;
use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

/// How long a change may take until it is answered.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Whether `dig` is there. Says so if not.
fn has_dig() -> bool {
    let found = Command::new("dig").arg("-v").output().is_ok();
    if !found {
        println!("skipped: there is no dig; install Debian's bind9-dnsutils");
    }
    found
}

/// The addresses of a name in their order, `NXDOMAIN` and the like, or that nobody answers.
fn dig(at: SocketAddr, name: &str, from: &str) -> String {
    let output = Command::new("dig")
        .args([&format!("@{}", at.ip()), "-p", &at.port().to_string(), "-b", from, "+time=1", "+tries=1", name, "A"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let Some(status) = text.split("status: ").nth(1).and_then(|rest| rest.split(',').next()) else {
        return "nobody".into();
    };
    if status != "NOERROR" {
        return status.into();
    }
    let records = text.lines().filter(|line| !line.starts_with(';') && line.starts_with(name));
    records.filter_map(|line| line.split_whitespace().last()).collect::<Vec<_>>().join(" ")
}

/// `address` with the port of DNS.
fn inside(product: &Product, address: &str) -> SocketAddr {
    SocketAddr::new(address.parse().unwrap(), product.ports.dns().port())
}

/// Links the loopback VPC with authoritative DNS, in two zones; tells the addresses.
fn link(console: &mut Console, gateway: &str) -> [String; 2] {
    let choices = console.call("gateway.vpc_choices", &[("id", gateway)]).ok();
    let vpc = &choices[0];
    let vswitch = |zone: &str| {
        let all = vpc["vswitches"].as_array().unwrap();
        let found = all.iter().find(|each| each["vswitch"]["zone"] == zone).unwrap();
        found["vswitch"]["id"].as_str().unwrap().to_owned()
    };
    let (a, b) = (vswitch("local-a"), vswitch("local-b"));
    let fields = [
        ("vpc", vpc["vpc"]["id"].as_str().unwrap()),
        ("vswitches[0]", &a),
        ("vswitches[1]", &b),
        ("authoritative_dns", "true"),
    ];
    console.change("gateway.vpc_link", gateway, &fields).ok();
    let shown = linked(console, gateway);
    let address = |at: usize| shown["addresses"][at]["address"].as_str().unwrap().to_owned();
    [address(0), address(1)]
}

fn linked(console: &mut Console, gateway: &str) -> Value {
    console.gateway(gateway)["vpcs"][0].clone()
}

fn unlink(console: &mut Console, gateway: &str) {
    let vpc = linked(console, gateway)["vpc"]["id"].as_str().unwrap().to_owned();
    console.change("gateway.vpc_unlink", gateway, &[("vpc", &vpc)]).ok();
}

#[test]
fn a_gateways_names_lead_to_it_from_each_side() {
    if !has_dig() {
        return;
    }
    let mut product = Product::start();
    let mut console = product.administrator();
    let (first, second) = (console.buy("first").id(), console.buy("second").id());
    let public = product.ports.dns();
    let (name, private) = (format!("{first}.local.gw.localhost"), format!("{first}-vpc.local.gw.localhost"));
    let outside = |name: &str| dig(public, name, "127.0.0.1");
    until("the server", || (outside(&name) == "NXDOMAIN").then_some(()));

    // The public name is there as long as the portal is on.
    console.change("gateway.set_portal", &first, &[("on", "true")]).ok();
    within(AT_ONCE, "the name", || (outside(&name) == "127.0.0.1").then_some(()));
    console.change("gateway.set_portal", &first, &[("on", "false")]).ok();
    within(AT_ONCE, "no name", || (outside(&name) == "NXDOMAIN").then_some(()));
    console.change("gateway.set_portal", &first, &[("on", "true")]).ok();

    // Inside: both zones, one's own first. The VPC asks at any gateway's address that has names there.
    let [a, b] = link(&mut console, &first);
    let [at, _] = link(&mut console, &second);
    let at = inside(&product, &at);
    let near_a = format!("{a} {b}");
    within(AT_ONCE, "the names", || (dig(at, &private, "127.88.1.200") == near_a).then_some(()));
    assert_eq!(dig(at, &private, "127.88.2.200"), format!("{b} {a}"), "from the other zone");
    assert_eq!(dig(inside(&product, &a), &private, "127.88.2.200"), format!("{b} {a}"));
    assert_eq!(dig(at, &name, "127.88.1.200"), "127.0.0.1", "the public name from inside");
    assert_eq!(outside(&private), "NXDOMAIN", "the private one from outside");
    assert_eq!(outside("www.example.com"), "REFUSED");
    let shown = linked(&mut console, &first)["dns"].clone();
    assert_eq!(shown, serde_json::json!([inside(&product, &a), inside(&product, &b)]));

    // A private domain leads there, too, for as long as it is the gateway's.
    let domain = [("id", first.as_str()), ("host", "models.corp.test"), ("side", "private"), ("certificate", "")];
    console.call("domain.create", &domain).ok();
    within(AT_ONCE, "the domain", || (dig(at, "models.corp.test", "127.88.1.200") == near_a).then_some(()));
    assert_eq!(outside("models.corp.test"), "REFUSED");

    // Without a console, and from an engine that has never heard of one.
    product.kill9_and_wait("serve");
    product.kill9_and_wait("console");
    assert_eq!(dig(at, &private, "127.88.1.200"), near_a);
    product.kill9_and_wait("engine");
    product.spawn("engine");
    until("the names", || (dig(at, &private, "127.88.1.200") == near_a).then_some(()));
    assert_eq!((outside(&name), outside(&private)), ("127.0.0.1".into(), "NXDOMAIN".into()));
    product.serve();
    let mut console = console.again();

    unlink(&mut console, &first);
    within(AT_ONCE, "no name", || (dig(at, &private, "127.88.1.200") == "NXDOMAIN").then_some(()));
    assert_eq!(dig(at, "models.corp.test", "127.88.1.200"), "REFUSED");
    assert_eq!(dig(inside(&product, &a), &name, "127.88.1.200"), "nobody", "its own addresses are asked no more");
    // The last name of the VPC goes, and with it who answers there.
    unlink(&mut console, &second);
    within(AT_ONCE, "nobody", || (dig(at, &private, "127.88.1.200") == "nobody").then_some(()));
    assert_eq!(outside(&name), "127.0.0.1");
}

#[test]
fn off_means_off() {
    if !has_dig() {
        return;
    }
    let product = Product::with(&["--dns-addr=off"]);
    let mut console = product.administrator();
    let gateway = console.buy("first").id();
    console.change("gateway.set_portal", &gateway, &[("on", "true")]).ok();
    until("the portal", || (console.gateway(&gateway)["internet"]["status"] == "activated").then_some(()));
    let [a, _] = until("addresses", || Some(link(&mut console, &gateway)));
    assert_eq!(linked(&mut console, &gateway)["dns"], serde_json::json!([]));
    for at in [product.ports.dns(), inside(&product, &a)] {
        assert_eq!(dig(at, &format!("{gateway}.local.gw.localhost"), "127.0.0.1"), "nobody");
    }
}

#[test]
fn addresses_that_cannot_be_used_are_refused_at_once() {
    let said = |address: &str| {
        let mut product = Product::prepared();
        let given = address.replace("HTTP", &product.ports.http().port().to_string());
        product.options.push(format!("--dns-addr={given}"));
        let output = product.run(&["config", "show"]);
        let (_, errors, code) = common::told(&output);
        assert_eq!(code, Some(78), "{given}: {errors}");
        errors
    };
    for (address, sentence) in [
        ("0.0.0.0:53", "name the public ones"),
        ("127.0.0.1:0", "port 0"),
        ("127.0.0.1", "is not an address and port"),
        ("127.0.0.2:HTTP", "choose another port"),
        ("127.0.0.1:53,127.0.0.1:53", "named twice"),
        ("127.0.0.1:53,127.0.0.2:54", "give them the same"),
    ] {
        let errors = said(address);
        assert!(errors.contains("dns-addr") && errors.contains(sentence), "{address}: {errors}");
    }
}
