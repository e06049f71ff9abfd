//! Requests leave as spans, if the operator wants it, and nothing waits for the collector.
#![allow(clippy::unwrap_used)]

#[path = "common/collector.rs"]
mod collector;
mod common;

use collector::{Collector, says};
use common::http::Http;
use common::model::{Model, open_gateway, token};
use common::{Console, Product, told, until};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use std::time::SystemTime;

/// Of the client that asks.
const PARENT: u64 = 0xb7ad_6b71_6920_3331;

fn traceparent(trace: u128, flags: &str) -> String {
    format!("00-{trace:032x}-{PARENT:016x}-{flags}")
}

/// Not started yet: the collector's address is known, and nobody has to be there.
fn product() -> Product {
    let mut product = Product::prepared();
    product.options.push(format!("--otlp-endpoint=http://{}", product.ports.collector()));
    product
}

fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos().try_into().unwrap()
}

/// A service none of whose replicas is ever ready.
fn broken(console: &mut Console, gateway: &str) -> String {
    let fields = [
        ("draft[name]", "broken"),
        ("draft[command]", "false"),
        ("draft[env]", ""),
        ("draft[port]", ""),
        ("draft[replicas]", "1"),
        ("draft[readiness_method]", "http"),
        ("draft[readiness_path]", "/health"),
        ("draft[gateway]", gateway),
    ];
    console.call("service.deploy", &fields).id()
}

#[test]
fn a_request_is_seen_by_the_collector() {
    let mut product = product();
    let collector = Collector::start(product.ports.collector());
    product.serve();
    let mut console = product.administrator();
    let model = Model::start(&product, &mut console);
    let broken = broken(&mut console, &model.gateway);
    let its_token = token(&mut console, &broken);
    let mut client = Http::connect(model.door).unwrap();
    let mut ask = |path: &str, token: &str, traceparent: &str| {
        let headers = [("Authorization", token), ("Traceparent", traceparent), ("User-Agent", "tester/1")];
        client.get(path, &headers).unwrap().status
    };
    // On one connection, so one behind the other in all that follows: when a later one is there, this one never comes.
    assert_eq!(ask("/api/predict/sample", &model.token, &traceparent(1, "00")), 200);
    let before = now();
    assert_eq!(ask("/api/predict/sample?secret=1", &model.token, &traceparent(2, "01")), 200);
    let after = now();
    assert_eq!(ask("/api/predict/sample", "wrong", &traceparent(3, "01")), 401);
    until("the broken one", || (ask("/api/predict/broken", &its_token, &traceparent(4, "01")) == 503).then_some(()));

    let span = collector.span(2);
    assert_eq!((span.name.as_str(), span.kind()), ("GET sample", SpanKind::Server));
    assert_eq!(span.parent_span_id, PARENT.to_be_bytes());
    assert!(span.span_id.len() == 8 && span.span_id != span.parent_span_id && span.span_id != [0; 8]);
    // Not an own clock but the same one; the engine's is coarser.
    let slack = 20_000_000;
    assert!(before - slack <= span.start_time_unix_nano && span.start_time_unix_nano < span.end_time_unix_nano);
    assert!(span.end_time_unix_nano <= after + slack, "{before} {after} {span:?}");
    assert_eq!(span.status, None);
    for (name, value) in [
        ("http.request.method", "GET"),
        ("http.response.status_code", "200"),
        ("url.path", "/api/predict/sample"),
        ("server.address", "127.0.0.1"),
        ("client.address", "127.0.0.1"),
        ("network.protocol.version", "1.1"),
        ("user_agent.original", "tester/1"),
        ("inference_gateway.gateway.id", &model.gateway),
        ("inference_gateway.service.id", &model.service),
    ] {
        assert_eq!(says(&span.attributes, name).as_deref(), Some(value), "{name}");
    }
    let refused = collector.span(3);
    assert_eq!((says(&refused.attributes, "error.type").as_deref(), &refused.status), (Some("Unauthorized"), &None));
    let failed = until("the span of a failure", || {
        let all = collector.spans().into_iter().filter(|span| span.trace_id == 4_u128.to_be_bytes());
        all.into_iter().find(|span| says(&span.attributes, "http.response.status_code").as_deref() == Some("503"))
    });
    assert_eq!(failed.status.as_ref().map(|status| status.code()), Some(StatusCode::Error));
    assert_eq!(says(&failed.attributes, "error.type").as_deref(), Some("NoHealthyUpstream"));
    assert_eq!(says(&failed.attributes, "inference_gateway.service.name").as_deref(), Some("broken"));

    assert!(collector.spans().iter().all(|span| span.trace_id != 1_u128.to_be_bytes()), "its client does not want it");
    // Those of the harness named no trace.
    assert!(collector.spans().iter().any(|span| span.parent_span_id.is_empty()));
    for batch in collector.batches() {
        for resource in batch.resource_spans {
            let attributes = resource.resource.unwrap().attributes;
            assert_eq!(says(&attributes, "service.name").as_deref(), Some("inference-gateway"));
            assert_eq!(says(&attributes, "service.version").as_deref(), Some(env!("CARGO_PKG_VERSION")));
            assert!(resource.scope_spans.iter().all(|scope| scope.spans.len() <= 512));
        }
    }
    // What the console has heard of is not lost when it ends at once.
    let mut requests = || console.service(&model.service)["traffic"]["requests"].as_u64().unwrap();
    let before = requests();
    assert_eq!(ask("/api/predict/sample", &model.token, &traceparent(5, "01")), 200);
    until("it to be counted", || (requests() > before).then_some(()));
    product.stop();
    collector.span(5);
}

#[test]
fn a_collector_that_is_away_gets_them_later() {
    let mut product = product();
    product.serve();
    let mut console = product.administrator();
    let (_, door) = open_gateway(&mut console, "first");
    let ask = |trace| Http::connect(door).unwrap().get("/", &[("Traceparent", &traceparent(trace, "01"))]).unwrap();
    assert_eq!(ask(1).status, 200);
    until("a word about it", || product.log().contains("the collector takes no spans").then_some(()));
    let collector = Collector::start(product.ports.collector());
    assert_eq!(collector.span(1).name, "GET");
    // Away again, with the connection broken under it.
    drop(collector);
    assert_eq!(ask(2).status, 200);
    until("another word", || (product.log().matches("the collector takes no spans").count() == 2).then_some(()));
    let collector = Collector::start(product.ports.collector());
    collector.span(2);
}

#[test]
fn a_collector_that_never_answers_holds_nothing_up() {
    let mut product = product();
    let collector = Collector::silent(product.ports.collector());
    product.serve();
    let mut console = product.administrator();
    let (gateway, door) = open_gateway(&mut console, "first");
    let mut client = Http::connect(door).unwrap();
    // Each record has 1.5 KB: more than may wait.
    let (path, agent) = (format!("/{}", "x".repeat(1500)), "y".repeat(500));
    let many = 14_000;
    for _ in 0..many {
        assert_eq!(client.get(&path, &[("User-Agent", &agent)]).unwrap().status, 404);
    }
    // The console hears of each request all the same, and within seconds.
    until("all to be counted", || {
        (console.gateway(&gateway)["traffic"]["requests"].as_u64() >= Some(many)).then_some(())
    });
    until("what is too much to go", || product.log().contains("given up before they were exported").then_some(()));
    assert!((1..=8).contains(&collector.batches().len()), "one at a time");
    assert!(product.log().contains("the collector takes no spans"));
    product.stop();
    assert!(product.log().contains("ended before the collector had all spans"), "{}", product.log());
}

#[test]
fn what_a_collector_refuses_is_not_sent_again() {
    let mut product = product();
    let collector = Collector::refusing(product.ports.collector());
    product.serve();
    let mut console = product.administrator();
    let (_, door) = open_gateway(&mut console, "first");
    let ask = |trace| Http::connect(door).unwrap().get("/", &[("Traceparent", &traceparent(trace, "01"))]).unwrap();
    assert_eq!(ask(1).status, 200);
    collector.span(1);
    until("a word about it", || product.log().contains("the collector refused spans").then_some(()));
    assert!(product.log().contains("nobody knows you here"));
    // The next goes out, and the one before does not come again with or before it.
    assert_eq!(ask(2).status, 200);
    collector.span(2);
    assert_eq!(collector.spans().iter().filter(|span| span.trace_id == 1_u128.to_be_bytes()).count(), 1);
}

#[test]
fn a_collector_elsewhere_is_reached_over_tls() {
    let mut product = Product::prepared();
    let (collector, certificate) = Collector::encrypted(product.ports.collector());
    let file = product.home().join("collector.pem");
    std::fs::write(&file, certificate).unwrap();
    product.environment.push(("SSL_CERT_FILE".into(), file.display().to_string()));
    product.options.push(format!("--otlp-endpoint=https://localhost:{}", product.ports.collector().port()));
    product.serve();
    let mut console = product.administrator();
    let (_, door) = open_gateway(&mut console, "first");
    Http::connect(door).unwrap().get("/", &[("Traceparent", &traceparent(1, "01"))]).unwrap();
    collector.span(1);
}

#[test]
fn an_endpoint_that_is_none_is_said() {
    let product = Product::prepared();
    for (wrong, why) in
        [("localhost:4317", "http://"), ("http://127.0.0.1:4318/v1/traces", "path"), ("http://a", "port")]
    {
        let (_, said, code) = told(&product.run(&["console", "--otlp-endpoint", wrong]));
        assert_eq!(code, Some(78));
        assert!(said.contains("otlp-endpoint (from command line)") && said.contains(why), "{said}");
        assert!(said.contains("http://127.0.0.1:4317"), "{said}");
    }
    let (shown, _, _) = told(&product.run(&["config", "show"]));
    assert!(shown.contains("otlp_endpoint") && shown.contains("\"off\""), "{shown}");
}
