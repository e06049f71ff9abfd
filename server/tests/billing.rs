//! Cost of the whole product: bytes that a client counted itself, through the public door and from inside a VPC, with
//! the console and the engine killed in between. What the page and the export say is bytes and seconds times price, to
//! the cent.
#![allow(clippy::unwrap_used)]

mod common;

use common::http::Http;
use common::model::{deploy, own_door, token};
use common::{Console, Product, within};
use serde_json::Value;
use std::net::SocketAddr;
use std::time::Duration;

/// What was used is stored every ten seconds, and an engine tells a new console at its next beat.
const STORED: Duration = Duration::from_secs(60);

/// A tenth of a cent a byte, and half of that inside the VPC.
const PUBLIC: u64 = 1_000_000;
const VPC: u64 = 500_000;

/// Bodies of requests and answers, as the client saw them.
struct Client {
    host: String,
    token: String,
    bytes: u64,
}

impl Client {
    /// Whether the model answered.
    fn post(&mut self, door: SocketAddr, body: &str) -> bool {
        let Ok(mut connection) = Http::connect(door) else { return false };
        let headers = [("Host", self.host.as_str()), ("Authorization", self.token.as_str())];
        let answer = connection.post("/api/predict/sample", &headers, body).unwrap();
        self.bytes += (body.len() + answer.body.len()) as u64;
        answer.status == 200
    }
}

/// The lines of this item: quantity, seconds or bytes; price in millionths; what it is for; cents.
fn lines(cost: &Value, item: &str) -> Vec<[i128; 4]> {
    let all = cost["lines"].as_array().unwrap().iter().map(|line| &line["line"]);
    let number = |line: &Value, name: &str| i128::from(line[name].as_i64().unwrap());
    let figures = |line: &Value| ["quantity", "price", "per", "amount"].map(|name| number(line, name));
    all.filter(|line| line["item"] == item).map(figures).collect()
}

fn cost(console: &mut Console) -> Value {
    console.call("billing.cost", &[]).ok()
}

/// Waits until so much of it is stored, and no more.
#[track_caller]
fn used(console: &mut Console, item: &str, bytes: u64) {
    let sum = |cost: &Value| lines(cost, item).iter().map(|line| line[0]).sum::<i128>();
    let reached = within(STORED, "what was used to be stored", || {
        // A console that is being started does not answer yet.
        let answer = console.try_call("billing.cost", &[]).ok().filter(|answer| answer.status == 200)?;
        Some(sum(&answer.json())).filter(|sum| *sum >= i128::from(bytes))
    });
    assert_eq!(reached, i128::from(bytes), "{item}");
}

fn link(console: &mut Console, gateway: &str) {
    let choices = console.call("gateway.vpc_choices", &[("id", gateway)]).ok();
    let (vpc, vswitch) = (&choices[0]["vpc"]["id"], &choices[0]["vswitches"][0]["vswitch"]["id"]);
    let fields = [("vpc", vpc.as_str().unwrap()), ("vswitches[0]", vswitch.as_str().unwrap())];
    // There is no address to place it at before the engine has told those of the host.
    within(common::SOON, "the host's addresses", || {
        let told = console.change("gateway.vpc_link", gateway, &fields);
        assert!([200, 422].contains(&told.answer.status), "{}", told.answer.body);
        (told.answer.status == 200).then_some(())
    });
}

#[test]
fn cost_is_bytes_and_seconds_times_price_whoever_is_killed() {
    let mut product = Product::with(&["--currency=EUR"]);
    let mut console = product.administrator();
    let (public, vpc) = (PUBLIC.to_string(), VPC.to_string());
    let fields = [
        ("revision", "0"),
        ("draft[public_gb]", public.as_str()),
        ("draft[vpc_gb]", &vpc),
        ("draft[node_hour_2c4g]", "3600"),
    ];
    console.call("billing.set_prices", &fields).ok();
    let gateway = console.buy("first").id();
    console.change("gateway.set_portal", &gateway, &[("on", "true")]).ok();
    console.change("gateway.whitelist_add", &gateway, &[("blocks", "127.0.0.1/32"), ("comment", "")]).ok();
    link(&mut console, &gateway);
    let service = deploy(&mut console, &gateway, "sample", "1");
    let token = token(&mut console, &service);
    let at = console.gateway(&gateway)["vpcs"][0]["addresses"][0]["address"].as_str().unwrap().to_owned();
    let inside = SocketAddr::new(at.parse().unwrap(), product.ports.http().port());
    let door = own_door(&mut console, &gateway);
    let client = |host: String| Client { host, token: token.clone(), bytes: 0 };
    let mut outside = client(format!("{gateway}.local.gw.localhost"));
    let mut within_vpc = client(format!("{gateway}-vpc.local.gw.localhost"));
    // The engine's own answers on the way are counted like everything else; a body that it refuses is not read.
    within(common::SOON, "the model", || outside.post(door, "").then_some(()));
    within(common::SOON, "the model in the VPC", || within_vpc.post(inside, "").then_some(()));
    assert!(outside.post(door, "hello"));
    used(&mut console, "public_traffic", outside.bytes);
    used(&mut console, "vpc_traffic", within_vpc.bytes);

    // Killed with bytes that it may have heard of and has not stored; more come while nobody is there.
    assert!(outside.post(door, &"x".repeat(54_321)) && within_vpc.post(inside, &"y".repeat(777)));
    let killed = product.kill9("console");
    assert!(outside.post(door, &"z".repeat(1_000)) && within_vpc.post(inside, "z"));
    product.next_pid("console", killed);
    product.wait_for_console();
    let mut console = console.again();
    used(&mut console, "public_traffic", outside.bytes);
    used(&mut console, "vpc_traffic", within_vpc.bytes);

    // The engine that comes after counts from nothing; what the one before said stays.
    let killed = product.kill9("engine");
    product.next_pid("engine", killed);
    within(common::SOON, "the model", || outside.post(door, "").then_some(()));
    used(&mut console, "public_traffic", outside.bytes);

    // Everything stops in order, and begins again. Nobody counts anything twice.
    product.stop();
    product.serve();
    let mut console = console.again();
    within(common::SOON, "the model", || outside.post(door, "").then_some(()));
    used(&mut console, "public_traffic", outside.bytes);
    used(&mut console, "vpc_traffic", within_vpc.bytes);

    console.change("service.delete", &service, &[("confirmation", "sample")]).ok();
    console.change("gateway.delete", &gateway, &[("confirmation", "first")]).ok();
    let cost = cost(&mut console);
    assert_eq!((cost["currency"].as_str(), cost["has_prices"].as_bool()), (Some("EUR"), Some(true)));
    let mut total = 0;
    for (item, price) in [("public_traffic", PUBLIC), ("vpc_traffic", VPC), ("nodes", 3_600)] {
        let [line] = lines(&cost, item)[..] else { panic!("one line of {item}: {cost}") };
        let [quantity, millionths, per, cents] = line;
        assert_eq!(millionths, i128::from(price) * 1_000_000, "{item}");
        // Half a cent is rounded up.
        let hundredth = per * 10_000;
        assert_eq!(cents, (quantity * millionths + hundredth / 2) / hundredth, "{item}");
        total += cents;
    }
    let [seconds, ..] = lines(&cost, "nodes")[0];
    assert!(seconds > 0 && seconds % 2 == 0, "two nodes run alike: {seconds}");
    assert_eq!(i128::from(cost["total"].as_i64().unwrap()), total);
    exported(&mut console, &cost);
    // The first order is listed with who gave it, though its gateway is gone.
    let orders = console.call("billing.orders", &[("gateway", &gateway)]).ok();
    assert_eq!((&orders["items"][0]["user_name"], orders["total"].as_u64()), (&"admin".into(), Some(1)));
}

/// The file and the page say what the lines say.
fn exported(console: &mut Console, cost: &Value) {
    let csv = console.page("/billing/cost.csv");
    assert_eq!((csv.status, csv.header("content-type")), (200, Some("text/csv; charset=utf-8")));
    assert!(csv.header("content-disposition").is_some_and(|name| name.starts_with("attachment; filename=\"cost-2")));
    let page = console.page("/billing").body;
    let lines = cost["lines"].as_array().unwrap();
    assert_eq!(csv.body.lines().count(), lines.len() + 1, "{}", csv.body);
    for line in lines {
        let (name, line) = (line["gateway_name"].as_str().unwrap(), &line["line"]);
        let cents = line["amount"].as_i64().unwrap();
        let amount = format!("{}.{:02}", cents / 100, cents % 100);
        let (id, item) = (line["gateway_id"].as_str().unwrap(), line["item"].as_str().unwrap());
        let row = csv.body.lines().find(|row| row.contains(&format!(",{item},"))).unwrap();
        assert!(row.contains(&format!(",{id},{name},{item},")), "{row}");
        assert!(row.contains(&format!(",{},", line["quantity"])) && row.ends_with(&format!(",{amount},EUR")), "{row}");
        assert!(page.contains(&format!("{amount} EUR")), "{amount} is not on the page");
    }
    for (query, status) in [("month=2026-13", 400), ("gateway=x", 400), ("gateway=gw-aaaaaaaaaaaaaaaaaa", 404)] {
        assert_eq!(console.page(&format!("/billing/cost.csv?{query}")).status, status, "{query}");
    }
    assert_eq!(console.page("/billing/cost.csv?month=2001-01").body.lines().count(), 1, "headings only");
}
