//! How the gateway treats the service's requests, and how a new version comes in.

use super::fields::Fields;
use leptos::prelude::*;

fn balances() -> Vec<(&'static str, String)> {
    vec![
        ("", tr!(wizard.balance_gateway)),
        ("round_robin", tr!(balance.round_robin)),
        ("least_requests", tr!(balance.least_requests)),
        ("peak_ewma", tr!(balance.peak_ewma)),
        ("hash_address", tr!(balance.hash_address)),
        ("hash_header", tr!(balance.hash_header)),
        ("hash_cookie", tr!(balance.hash_cookie)),
        ("prefix_affinity", tr!(balance.prefix_affinity)),
    ]
}

pub(super) fn rollout(fields: &Fields) -> AnyView {
    const NAMES: &[&str] = &[
        "max_surge",
        "max_unavailable",
        "batch_size",
        "batch_interval",
        "progress_deadline",
        "max_error_percent",
        "grace",
        "keep_failed",
    ];
    let content = vec![
        fields.line("draft[max_surge]", tr!(wizard.max_surge), tr!(wizard.max_surge_hint)),
        fields.line("draft[max_unavailable]", tr!(wizard.max_unavailable), tr!(wizard.max_unavailable_hint)),
        fields.line("draft[batch_size]", tr!(wizard.batch_size), tr!(wizard.batch_size_hint)),
        fields.number("draft[batch_interval]", tr!(wizard.batch_interval)),
        fields.number("draft[progress_deadline]", tr!(wizard.progress_deadline)),
        fields.number("draft[max_error_percent]", tr!(wizard.max_error_percent)),
        fields.number("draft[grace]", tr!(wizard.grace)),
        fields.check("draft[keep_failed]", tr!(wizard.keep_failed), tr!(wizard.keep_failed_hint)),
    ];
    fields.fold(tr!(wizard.rollout), NAMES, content)
}

pub(super) fn limits(fields: &Fields) -> AnyView {
    const NAMES: &[&str] =
        &["rate", "replica_rate", "in_flight", "replica_in_flight", "queue", "queue_wait_ms", "max_body_bytes"];
    let content = vec![
        fields.number("draft[rate]", tr!(wizard.rate)),
        fields.number("draft[replica_rate]", tr!(wizard.replica_rate)),
        fields.number("draft[in_flight]", tr!(wizard.in_flight)),
        fields.number("draft[replica_in_flight]", tr!(wizard.replica_in_flight)),
        fields.number("draft[queue]", tr!(wizard.queue)),
        fields.number("draft[queue_wait_ms]", tr!(wizard.queue_wait_ms)),
        fields.number("draft[max_body_bytes]", tr!(wizard.max_body_bytes)),
    ];
    fields.fold(tr!(wizard.limits), NAMES, content)
}

pub(super) fn timeouts(fields: &Fields) -> AnyView {
    const NAMES: &[&str] = &["request_ms", "connect_ms", "first_byte_ms", "idle_ms"];
    let content = vec![
        fields.number("draft[request_ms]", tr!(wizard.request_ms)),
        fields.number("draft[connect_ms]", tr!(wizard.connect_ms)),
        fields.number("draft[first_byte_ms]", tr!(wizard.first_byte_ms)),
        fields.number("draft[idle_ms]", tr!(wizard.idle_ms)),
    ];
    fields.fold(tr!(wizard.timeouts), NAMES, content)
}

pub(super) fn balancing(fields: &Fields) -> AnyView {
    const NAMES: &[&str] = &["balance", "hash_name", "slow_start_ms"];
    let content = vec![
        fields.select("draft[balance]", tr!(wizard.balance), balances()),
        fields.line("draft[hash_name]", tr!(wizard.hash_name), String::new()),
        fields.number("draft[slow_start_ms]", tr!(wizard.slow_start_ms)),
    ];
    fields.fold(tr!(wizard.balancing), NAMES, content)
}

pub(super) fn protocol(fields: &Fields) -> AnyView {
    const NAMES: &[&str] = &["grpc", "pass_authorization", "openai_metrics", "sse_keepalive_ms"];
    let content = vec![
        fields.check("draft[grpc]", tr!(wizard.grpc), tr!(wizard.grpc_hint)),
        fields.check("draft[pass_authorization]", tr!(wizard.pass_authorization), tr!(wizard.pass_authorization_hint)),
        fields.check("draft[openai_metrics]", tr!(wizard.openai_metrics), tr!(wizard.openai_metrics_hint)),
        fields.number("draft[sse_keepalive_ms]", tr!(wizard.sse_keepalive_ms)),
    ];
    fields.fold(tr!(wizard.protocol), NAMES, content)
}
