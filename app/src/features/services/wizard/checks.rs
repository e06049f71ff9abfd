//! How a replica shows that it has started, is ready, and is alive.

use super::fields::Fields;
use leptos::prelude::*;

/// Without a choice a replica is ready as soon as it takes a connection; the other checks are not made then.
fn methods(may_be_none: bool) -> Vec<(&'static str, String)> {
    let none = if may_be_none { tr!(wizard.no_check) } else { tr!(wizard.connection) };
    vec![("", none), ("http", "HTTP".into()), ("tcp", "TCP".into()), ("exec", tr!(wizard.exec_method))]
}

pub(super) fn readiness(fields: &Fields) -> AnyView {
    const NAMES: &[&str] = &[
        "readiness_method",
        "readiness_path",
        "readiness_command",
        "readiness_delay",
        "readiness_period",
        "readiness_timeout",
        "readiness_failures",
        "readiness_successes",
    ];
    let content = vec![
        fields.select("draft[readiness_method]", tr!(wizard.method), methods(false)),
        fields.line("draft[readiness_path]", tr!(wizard.path), tr!(wizard.path_hint)),
        fields.line("draft[readiness_command]", tr!(wizard.exec), tr!(wizard.exec_hint)),
        fields.number("draft[readiness_delay]", tr!(wizard.delay)),
        fields.number("draft[readiness_period]", tr!(wizard.period)),
        fields.number("draft[readiness_timeout]", tr!(wizard.timeout)),
        fields.number("draft[readiness_failures]", tr!(wizard.failures)),
        fields.number("draft[readiness_successes]", tr!(wizard.successes)),
    ];
    fields.fold(tr!(wizard.readiness), NAMES, content)
}

pub(super) fn startup(fields: &Fields) -> AnyView {
    const NAMES: &[&str] = &[
        "startup_method",
        "startup_path",
        "startup_command",
        "startup_delay",
        "startup_period",
        "startup_timeout",
        "startup_failures",
        "startup_successes",
    ];
    let content = vec![
        fields.select("draft[startup_method]", tr!(wizard.method), methods(true)),
        fields.line("draft[startup_path]", tr!(wizard.path), tr!(wizard.path_hint)),
        fields.line("draft[startup_command]", tr!(wizard.exec), tr!(wizard.exec_hint)),
        fields.number("draft[startup_delay]", tr!(wizard.delay)),
        fields.number("draft[startup_period]", tr!(wizard.period)),
        fields.number("draft[startup_timeout]", tr!(wizard.timeout)),
        fields.number("draft[startup_failures]", tr!(wizard.failures)),
        fields.number("draft[startup_successes]", tr!(wizard.successes)),
    ];
    fields.fold(tr!(wizard.startup), NAMES, content)
}

pub(super) fn liveness(fields: &Fields) -> AnyView {
    const NAMES: &[&str] = &[
        "liveness_method",
        "liveness_path",
        "liveness_command",
        "liveness_delay",
        "liveness_period",
        "liveness_timeout",
        "liveness_failures",
        "liveness_successes",
    ];
    let content = vec![
        fields.select("draft[liveness_method]", tr!(wizard.method), methods(true)),
        fields.line("draft[liveness_path]", tr!(wizard.path), tr!(wizard.path_hint)),
        fields.line("draft[liveness_command]", tr!(wizard.exec), tr!(wizard.exec_hint)),
        fields.number("draft[liveness_delay]", tr!(wizard.delay)),
        fields.number("draft[liveness_period]", tr!(wizard.period)),
        fields.number("draft[liveness_timeout]", tr!(wizard.timeout)),
        fields.number("draft[liveness_failures]", tr!(wizard.failures)),
        fields.number("draft[liveness_successes]", tr!(wizard.successes)),
    ];
    fields.fold(tr!(wizard.liveness), NAMES, content)
}
