//! A record as a span.

use super::attributes::{attributes, known_method, text};
use super::queue::Heard;
use link::telemetry::AccessRecord;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, SpanFlags, Status};

const NAME: &str = "inference-gateway";
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Of trace context; nothing else becomes a span.
const SAMPLED: u32 = 1;
/// What the engine says of answers that are its own and no errors.
const FINE: [&str; 2] = ["Greeting", "RedirectToHttps"];

/// A batch as it is sent.
pub fn request(spans: Vec<Span>) -> ExportTraceServiceRequest {
    let resource = Resource {
        attributes: vec![text("service.name", NAME), text("service.version", VERSION)],
        ..Default::default()
    };
    let scope = InstrumentationScope { name: NAME.into(), version: VERSION.into(), ..Default::default() };
    let scope_spans = vec![ScopeSpans { scope: Some(scope), spans, ..Default::default() }];
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans { resource: Some(resource), scope_spans, ..Default::default() }],
    }
}

/// `None` if it has no span, or none that anybody could read.
pub fn of(heard: &Heard, service_name: Option<&str>) -> Option<Span> {
    let record = &heard.record;
    let trace_id = u128::from_str_radix(record.trace_id.as_deref()?, 16).ok().filter(|id| *id != 0)?;
    let span_id = record.span_id.filter(|id| *id != 0)?;
    let parent = record.parent_span_id.filter(|id| *id != 0);
    let started = u64::try_from(record.at.timestamp_micros()).unwrap_or_default();
    let ended = started.saturating_add(record.duration_us);
    Some(Span {
        trace_id: trace_id.to_be_bytes().into(),
        span_id: span_id.to_be_bytes().into(),
        parent_span_id: parent.map(|id| id.to_be_bytes().into()).unwrap_or_default(),
        flags: SAMPLED | origin(parent),
        name: name(record, service_name),
        kind: SpanKind::Server.into(),
        start_time_unix_nano: started.saturating_mul(1000),
        end_time_unix_nano: ended.saturating_mul(1000),
        attributes: attributes(heard, service_name, error(record)),
        status: status(record),
        ..Default::default()
    })
}

/// It is known where the parent is, and it is not here.
fn origin(parent: Option<u64>) -> u32 {
    let known = SpanFlags::ContextHasIsRemoteMask as u32;
    if parent.is_some() { known | SpanFlags::ContextIsRemoteMask as u32 } else { known }
}

fn name(record: &AccessRecord, service_name: Option<&str>) -> String {
    let method = known_method(&record.method).unwrap_or("HTTP");
    match service_name.or(record.service_id.as_ref().map(|id| id.as_str())) {
        Some(service) => format!("{method} {service}"),
        // Anything else of the request may be anything.
        None => method.into(),
    }
}

/// Why it did not go well; the engine's reason, or else the replica's status.
fn error(record: &AccessRecord) -> Option<String> {
    match record.detail.as_deref() {
        Some(detail) if !FINE.contains(&detail) => Some(detail.into()),
        _ => (record.status >= 500).then(|| record.status.to_string()),
    }
}

/// What the client did wrong is no error of a server. Answers that were cut off still have the status they began with.
fn status(record: &AccessRecord) -> Option<Status> {
    let reason = error(record)?;
    let cut = record.status < 400;
    let message = if cut { reason } else { String::new() };
    (cut || record.status >= 500).then(|| Status { message, code: StatusCode::Error.into() })
}

#[cfg(test)]
pub mod tests;
