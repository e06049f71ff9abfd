//! When there are more replicas, and when fewer.

use super::fields::Fields;
use leptos::prelude::*;

pub(super) fn autoscaling(fields: &Fields) -> AnyView {
    const NAMES: &[&str] = &[
        "scale_min",
        "scale_max",
        "scale_qps",
        "scale_in_flight",
        "scale_cpu",
        "scale_gpu",
        "scale_queue",
        "scale_up_seconds",
        "scale_down_seconds",
    ];
    let content = vec![
        fields.number("draft[scale_min]", tr!(wizard.scale_min)),
        fields.number("draft[scale_max]", tr!(wizard.scale_max)),
        fields.number("draft[scale_qps]", tr!(wizard.scale_qps)),
        fields.number("draft[scale_in_flight]", tr!(wizard.scale_in_flight)),
        fields.number("draft[scale_cpu]", tr!(wizard.scale_cpu)),
        fields.number("draft[scale_gpu]", tr!(wizard.scale_gpu)),
        fields.number("draft[scale_queue]", tr!(wizard.scale_queue)),
        fields.number("draft[scale_up_seconds]", tr!(wizard.scale_up_seconds)),
        fields.number("draft[scale_down_seconds]", tr!(wizard.scale_down_seconds)),
    ];
    fields.fold(tr!(wizard.autoscaling), NAMES, content)
}

pub(super) fn to_zero(fields: &Fields) -> AnyView {
    const NAMES: &[&str] = &["scale_to_zero", "zero_idle_seconds", "zero_start", "hold_requests", "hold_ms"];
    let content = vec![
        fields.check("draft[scale_to_zero]", tr!(wizard.scale_to_zero), tr!(wizard.scale_to_zero_hint)),
        fields.number("draft[zero_idle_seconds]", tr!(wizard.zero_idle_seconds)),
        fields.number("draft[zero_start]", tr!(wizard.zero_start)),
        fields.number("draft[hold_requests]", tr!(wizard.hold_requests)),
        fields.number("draft[hold_ms]", tr!(wizard.hold_ms)),
    ];
    fields.fold(tr!(wizard.to_zero), NAMES, content)
}
