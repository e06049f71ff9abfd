use super::*;
use chrono::DateTime;
use domain::id::{EngineId, RANDOM_LEN, ServiceId};
use link::records::{Packer, Packing};
use link::telemetry::Llm;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// An ordinary request with a span.
pub fn packing() -> Packing<'static> {
    Packing {
        at: 1_795_435_200_000_001,
        request_id: "r-1",
        gateway_id: None,
        service_id: None,
        replica_id: None,
        token_id: None,
        client: [127, 0, 0, 1].into(),
        local: ([127, 0, 0, 1], 8080).into(),
        method: "GET",
        host: "gw.example:81",
        path: "/api/predict/model",
        status: 200,
        detail: None,
        bytes_in: 1,
        bytes_out: 2,
        duration_us: 30,
        upstream_us: Some(20),
        sent_us: None,
        tries: 1,
        protocol: "HTTP/1.1",
        tls: None,
        user_agent: "tester/1",
        trace_id: Some("0af7651916cd43dd8448eb211c80319c"),
        llm: None,
        span_id: Some(7),
        parent_span_id: None,
    }
}

fn heard(packing: &Packing<'_>) -> Heard {
    let mut packer = Packer::default();
    packer.push(packing);
    let record = packer.take(0).iter().next().expect("one");
    Heard { engine_id: EngineId::from_random([1; RANDOM_LEN]), record }
}

fn span(packing: &Packing<'_>) -> Span {
    of(&heard(packing), None).expect("a span")
}

fn says(span: &Span) -> BTreeMap<String, Value> {
    let all = span.attributes.iter().cloned();
    let told: BTreeMap<_, _> =
        all.map(|each| (each.key, each.value.and_then(|value| value.value).expect("one"))).collect();
    assert_eq!(told.len(), span.attributes.len(), "no name twice");
    told
}

fn words(text: &str) -> Option<Value> {
    Some(Value::StringValue(text.into()))
}

#[test]
fn ids_times_and_name() {
    let begun = span(&packing());
    assert_eq!(begun.trace_id, 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c_u128.to_be_bytes());
    assert_eq!((begun.span_id.as_slice(), begun.parent_span_id.len()), (&7_u64.to_be_bytes()[..], 0));
    assert_eq!(begun.start_time_unix_nano, 1_795_435_200_000_001_000);
    assert_eq!(begun.end_time_unix_nano - begun.start_time_unix_nano, 30_000);
    assert_eq!((begun.name.as_str(), begun.kind(), begun.flags), ("GET", SpanKind::Server, 0x101));
    let within = span(&Packing { parent_span_id: Some(9), ..packing() });
    assert_eq!((within.parent_span_id.as_slice(), within.flags), (&9_u64.to_be_bytes()[..], 0x301));
    let id = ServiceId::from_random([3; RANDOM_LEN]);
    let served = heard(&Packing { service_id: Some(id.as_str()), method: "POST", ..packing() });
    assert_eq!(of(&served, Some("model")).expect("a span").name, "POST model");
    // It was deleted meanwhile.
    assert_eq!(of(&served, None).expect("a span").name, format!("POST {id}"));
    assert_eq!(span(&Packing { method: "MADE-UP", ..packing() }).name, "HTTP");
}

#[test]
fn what_went_wrong_and_whose_fault_it_is() {
    let error = StatusCode::Error;
    for (status, detail, reason, code, message) in [
        (200, None, None, None, ""),
        (200, Some("Greeting"), None, None, ""),
        (308, Some("RedirectToHttps"), None, None, ""),
        (404, None, None, None, ""),
        (401, Some("Unauthorized"), Some("Unauthorized"), None, ""),
        (499, Some("ClientGone"), Some("ClientGone"), None, ""),
        (500, None, Some("500"), Some(error), ""),
        (503, Some("NoHealthyUpstream"), Some("NoHealthyUpstream"), Some(error), ""),
        (200, Some("DrainTimeout"), Some("DrainTimeout"), Some(error), "DrainTimeout"),
    ] {
        let span = span(&Packing { status, detail, ..packing() });
        assert_eq!(says(&span).get("error.type").cloned(), reason.and_then(words), "{status} {detail:?}");
        let said = span.status.as_ref().map(|status| (status.code(), status.message.as_str()));
        assert_eq!(said, code.map(|code| (code, message)), "{status} {detail:?}");
    }
}

#[test]
fn names_are_those_of_the_conventions() {
    let llm = Llm { model: Some("m".repeat(5000)), tokens_in: Some(3), tokens_out: Some(4), ..Llm::default() };
    let path = "/api/predict/model/v1/chat/completions";
    let tls = Some("TLSv1.3");
    let told = says(&span(&Packing { llm: Some(&llm), path, tls, protocol: "HTTP/2", method: "BREW", ..packing() }));
    for (name, value) in [
        ("http.request.method", "_OTHER"),
        ("http.request.method_original", "BREW"),
        ("url.scheme", "https"),
        ("url.path", path),
        ("server.address", "gw.example"),
        ("client.address", "127.0.0.1"),
        ("network.protocol.version", "2"),
        ("tls.protocol.version", "1.3"),
        ("user_agent.original", "tester/1"),
        ("gen_ai.operation.name", "chat"),
        ("inference_gateway.request.id", "r-1"),
    ] {
        assert_eq!(told.get(name).cloned(), words(value), "{name}");
    }
    for (name, value) in [
        ("server.port", 81),
        ("http.response.status_code", 200),
        ("gen_ai.usage.input_tokens", 3),
        ("gen_ai.usage.output_tokens", 4),
        ("inference_gateway.upstream.answered_us", 20),
    ] {
        assert_eq!(told.get(name), Some(&Value::IntValue(value)), "{name}");
    }
    assert_eq!(told.get("gen_ai.response.model").cloned(), words(&"m".repeat(1024)), "not of any length");
}

#[test]
fn what_is_no_span() {
    for (trace_id, span_id) in [(None, Some(1)), (Some("0"), Some(1)), (Some("xyz"), Some(1)), (Some("1"), None)] {
        assert!(of(&heard(&Packing { trace_id, span_id, ..packing() }), None).is_none(), "{trace_id:?}");
    }
    let mut early = heard(&packing());
    early.record.at = DateTime::from_timestamp(-5, 0).expect("a time");
    early.record.duration_us = u64::MAX;
    let early = of(&early, None).expect("a span");
    assert_eq!((early.start_time_unix_nano, early.end_time_unix_nano), (0, u64::MAX));
}

proptest! {
    #[test]
    fn clients_may_say_what_they_like(method in ".*", host in ".*", path in ".*", user_agent in ".*") {
        let packing = Packing { method: &method, host: &host, path: &path, user_agent: &user_agent, ..packing() };
        let span = span(&packing);
        says(&span);
        prop_assert!(span.name.len() <= 8);
    }
}
