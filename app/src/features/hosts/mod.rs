//! The machines of the installation, for its operator.

mod add;
pub mod api;
mod detail;
mod list;
mod waiting;

pub use detail::HostPage;
pub use list::Hosts;

use domain::status::Reason;
use domain::view::{HostStatus, HostView};
use leptos::prelude::*;
use ui::{StatusBadge, Tone};

fn badge(status: HostStatus) -> AnyView {
    let (tone, label, busy) = match status {
        HostStatus::Running => (Tone::Good, tr!(status.running), false),
        HostStatus::Degraded => (Tone::Warn, tr!(status.degraded), false),
        HostStatus::Unknown => (Tone::Neutral, tr!(status.unknown), false),
        HostStatus::Draining => (Tone::Info, tr!(hosts.draining), true),
        HostStatus::Drained => (Tone::Info, tr!(hosts.drained), false),
    };
    view! { <StatusBadge tone label busy /> }.into_any()
}

/// Who of it does not answer, and since when.
fn away(host: &HostView) -> Vec<(Reason, chrono::DateTime<chrono::Utc>)> {
    let engine = host.engine_away.map(|since| (Reason::EngineDisconnected, since));
    engine.into_iter().chain(host.agent_away.map(|since| (Reason::AgentDisconnected, since))).collect()
}
