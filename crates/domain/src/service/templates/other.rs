//! The bundled sample, and what runs elsewhere already.

use super::{Template, Way, parameter, required, words};
use crate::service::document::path::remove;
use serde_json::json;

pub(super) const SAMPLE: Template = Template {
    id: "sample",
    program: "inference-gateway sample-model",
    ways: &[Way::Process],
    parameters: &[],
    build: |draft| {
        draft.command(words("inference-gateway sample-model"));
        draft.runs("readiness_check", json!({ "http_get": { "path": "/health" } }));
        draft.say("networking.gateway_policy.openai_metrics", true);
    },
};

pub(super) const OPENAI: Template = Template {
    id: "openai_upstream",
    program: "OpenAI API",
    ways: &[Way::External],
    parameters: &[required("addresses", "", "192.0.2.7:8000, 192.0.2.8:8000"), parameter("health_path", "", "/health")],
    build: |draft| {
        remove(&mut draft.document, "metadata.instance");
        let blank = |c: char| c == ',' || c.is_whitespace();
        let mut addresses: Vec<String> = Vec::new();
        for part in draft.value("addresses").split(blank).filter(|part| !part.is_empty()) {
            match addresses.last_mut().filter(|_| part.starts_with("weight=")) {
                Some(address) => *address += &format!(" {part}"),
                None => addresses.push(part.to_owned()),
            }
        }
        let addresses = json!(addresses);
        draft.runs("addresses", addresses);
        let path = draft.value("health_path").to_owned();
        if !path.is_empty() {
            draft.runs(
                "readiness_check",
                json!({ "http_get": { "path": path }, "period_seconds": 5, "timeout_seconds": 5 }),
            );
        }
        draft.say("networking.gateway_policy.openai_metrics", true);
        draft.say("networking.gateway_policy.sse_keepalive_ms", 15_000);
        draft.prefixes();
    },
};
