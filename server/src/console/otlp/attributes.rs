//! What a span says of its request: names of OpenTelemetry's semantic conventions (HTTP server spans; generative AI)
//! where they have one, and own ones under `inference_gateway.`.

use super::queue::Heard;
use http::uri::Authority;
use link::telemetry::{AccessRecord, Llm};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};

/// Bytes of a text; what a replica calls its model may be of any length.
const LONGEST: usize = 1024;
const METHODS: [&str; 10] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY"];

pub fn text(key: &str, value: &str) -> KeyValue {
    let value = value.get(..value.floor_char_boundary(LONGEST)).unwrap_or_default();
    pair(key, Value::StringValue(value.into()))
}

fn number(key: &str, value: impl TryInto<i64>) -> KeyValue {
    pair(key, Value::IntValue(value.try_into().unwrap_or(i64::MAX)))
}

fn pair(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.into(), value: Some(AnyValue { value: Some(value) }), ..Default::default() }
}

/// Others may be anything that a client makes up.
pub fn known_method(method: &str) -> Option<&'static str> {
    METHODS.into_iter().find(|known| *known == method)
}

/// `error` is why the request did not go well.
pub fn attributes(heard: &Heard, service_name: Option<&str>, error: Option<String>) -> Vec<KeyValue> {
    let record = &heard.record;
    let mut all = http(record);
    all.extend(error.map(|error| text("error.type", &error)));
    all.extend(own(heard, service_name));
    if let Some(llm) = &record.llm {
        all.extend(gen_ai(llm, &record.path));
    }
    all
}

fn http(record: &AccessRecord) -> Vec<KeyValue> {
    let method = known_method(&record.method);
    let mut all = vec![
        text("http.request.method", method.unwrap_or("_OTHER")),
        text("url.scheme", if record.tls.is_some() { "https" } else { "http" }),
        text("url.path", &record.path),
        text("client.address", &record.client.to_string()),
        text("network.protocol.name", "http"),
        number("http.request.body.size", record.bytes_in),
        number("http.response.body.size", record.bytes_out),
    ];
    if method.is_none() {
        all.push(text("http.request.method_original", &record.method));
    }
    if !record.host.is_empty() {
        let authority: Option<Authority> = record.host.parse().ok();
        all.push(text("server.address", authority.as_ref().map_or(&record.host, |authority| authority.host())));
        let port = authority.and_then(|authority| authority.port_u16());
        all.push(number("server.port", port.unwrap_or(record.local.port())));
    }
    if record.status != 0 {
        all.push(number("http.response.status_code", record.status));
    }
    if let Some(version) = record.protocol.strip_prefix("HTTP/") {
        all.push(text("network.protocol.version", version));
    }
    if let Some(version) = record.tls.as_deref().and_then(|tls| tls.strip_prefix("TLSv")) {
        all.extend([text("tls.protocol.name", "tls"), text("tls.protocol.version", version)]);
    }
    if !record.user_agent.is_empty() {
        all.push(text("user_agent.original", &record.user_agent));
    }
    all
}

fn own(heard: &Heard, service_name: Option<&str>) -> Vec<KeyValue> {
    let record = &heard.record;
    let texts = [
        ("engine.id", Some(heard.engine_id.as_str())),
        ("gateway.id", record.gateway_id.as_ref().map(|id| id.as_str())),
        ("service.id", record.service_id.as_ref().map(|id| id.as_str())),
        ("service.name", service_name),
        ("replica.id", record.replica_id.as_ref().map(|id| id.as_str())),
        ("token.id", record.token_id.as_ref().map(|id| id.as_str())),
        ("request.id", Some(record.request_id.as_str()).filter(|id| !id.is_empty())),
    ];
    let numbers = [
        ("upstream.connected_us", record.sent_us),
        ("upstream.answered_us", record.upstream_us),
        ("upstream.tries", Some(u64::from(record.tries)).filter(|tries| *tries > 0)),
    ];
    let name = |key: &str| format!("inference_gateway.{key}");
    let texts = texts.into_iter().filter_map(|(key, value)| Some(text(&name(key), value?)));
    let numbers = numbers.into_iter().filter_map(|(key, value)| Some(number(&name(key), value?)));
    texts.chain(numbers).collect()
}

fn gen_ai(llm: &Llm, path: &str) -> Vec<KeyValue> {
    // The interface's paths say what was asked for.
    let operation = match path {
        path if path.ends_with("/chat/completions") => Some("chat"),
        path if path.ends_with("/completions") => Some("text_completion"),
        path if path.ends_with("/embeddings") => Some("embeddings"),
        _ => None,
    };
    let mut all = Vec::new();
    all.extend(operation.map(|operation| text("gen_ai.operation.name", operation)));
    all.extend(llm.model.as_ref().map(|model| text("gen_ai.response.model", model)));
    all.extend(llm.tokens_in.map(|tokens| number("gen_ai.usage.input_tokens", tokens)));
    all.extend(llm.tokens_out.map(|tokens| number("gen_ai.usage.output_tokens", tokens)));
    if llm.tokens_out_counted {
        all.push(pair("inference_gateway.llm.output_tokens_counted", Value::BoolValue(true)));
    }
    all.extend(llm.first_token_us.map(|micros| number("inference_gateway.llm.first_token_us", micros)));
    all.extend(llm.last_token_us.map(|micros| number("inference_gateway.llm.last_token_us", micros)));
    all
}
