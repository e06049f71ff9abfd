//! Status words, each always in the same colour, shape and words.

use domain::status::{
    AlbStatus, Condition, GatewayStatus, LinkStatus, PortalStatus, Reason, ReplicaState, ServiceStatus,
};
use leptos::prelude::*;
use ui::{Callout, StatusBadge, Tone};

/// Colour, words, and whether it changes by itself.
pub type Word = (Tone, String, bool);

fn badge((tone, label, busy): Word) -> AnyView {
    view! { <StatusBadge tone label busy /> }.into_any()
}

pub fn gateway_text(status: GatewayStatus) -> String {
    match status {
        GatewayStatus::Creating => tr!(status.creating),
        GatewayStatus::Running => tr!(status.running),
        GatewayStatus::Degraded => tr!(status.degraded),
        GatewayStatus::Unknown => tr!(status.unknown),
        GatewayStatus::Failed => tr!(status.failed),
    }
}

pub fn gateway_word(status: GatewayStatus) -> Word {
    let (tone, busy) = match status {
        GatewayStatus::Creating => (Tone::Info, true),
        GatewayStatus::Running => (Tone::Good, false),
        GatewayStatus::Degraded => (Tone::Warn, false),
        GatewayStatus::Unknown => (Tone::Neutral, false),
        GatewayStatus::Failed => (Tone::Bad, false),
    };
    (tone, gateway_text(status), busy)
}

pub fn gateway_badge(status: GatewayStatus) -> AnyView {
    badge(gateway_word(status))
}

pub fn portal_word(status: PortalStatus) -> Word {
    match status {
        PortalStatus::Off => (Tone::Neutral, tr!(status.portal_off), false),
        PortalStatus::Activating => (Tone::Info, tr!(status.activating), true),
        PortalStatus::Activated => (Tone::Good, tr!(status.activated), false),
        PortalStatus::Deactivating => (Tone::Info, tr!(status.deactivating), true),
        PortalStatus::Failed => (Tone::Bad, tr!(status.failed), false),
        PortalStatus::Unknown => (Tone::Neutral, tr!(status.unknown), false),
    }
}

pub fn portal_badge(status: PortalStatus) -> AnyView {
    badge(portal_word(status))
}

pub fn link_word(status: LinkStatus) -> Word {
    match status {
        LinkStatus::Creating => (Tone::Info, tr!(status.creating), true),
        LinkStatus::Running => (Tone::Good, tr!(status.running), false),
        LinkStatus::Degraded => (Tone::Warn, tr!(status.degraded), false),
        LinkStatus::Failed => (Tone::Bad, tr!(status.failed), false),
        LinkStatus::Unknown => (Tone::Neutral, tr!(status.unknown), false),
    }
}

pub fn link_badge(status: LinkStatus) -> AnyView {
    badge(link_word(status))
}

pub fn alb_badge(status: AlbStatus) -> AnyView {
    badge(match status {
        AlbStatus::Provisioning => (Tone::Info, tr!(alb.status_provisioning), true),
        AlbStatus::Active => (Tone::Good, tr!(alb.status_active), false),
        AlbStatus::Degraded => (Tone::Warn, tr!(status.degraded), false),
        AlbStatus::Unknown => (Tone::Neutral, tr!(status.unknown), false),
    })
}

pub fn service_word(status: ServiceStatus) -> Word {
    match status {
        ServiceStatus::Creating => (Tone::Info, tr!(status.creating), true),
        ServiceStatus::Waiting => (Tone::Info, tr!(life.waiting), true),
        ServiceStatus::Updating => (Tone::Info, tr!(life.updating), true),
        ServiceStatus::Running => (Tone::Good, tr!(status.running), false),
        ServiceStatus::Degraded => (Tone::Warn, tr!(status.degraded), false),
        ServiceStatus::Failed => (Tone::Bad, tr!(status.failed), false),
        ServiceStatus::Stopping => (Tone::Info, tr!(status.stopping), true),
        ServiceStatus::Stopped => (Tone::Neutral, tr!(status.stopped), false),
        ServiceStatus::Unknown => (Tone::Neutral, tr!(status.unknown), false),
    }
}

pub fn service_badge(status: ServiceStatus) -> AnyView {
    badge(service_word(status))
}

pub fn replica_word(state: ReplicaState) -> Word {
    match state {
        ReplicaState::Starting => (Tone::Info, tr!(status.starting), true),
        ReplicaState::Ready => (Tone::Good, tr!(status.ready), false),
        ReplicaState::Unready => (Tone::Warn, tr!(status.unready), false),
        ReplicaState::BackOff => (Tone::Bad, tr!(status.back_off), false),
        ReplicaState::Stopping => (Tone::Neutral, tr!(status.stopping), true),
    }
}

pub fn replica_badge(state: ReplicaState) -> AnyView {
    badge(replica_word(state))
}

/// Why something is not as it should be, and what to do; what is as it should be is said by the status word already.
pub fn conditions_list(tone: Tone, title: String, conditions: &[Condition]) -> Option<AnyView> {
    let fine = [Reason::ConfigLoaded, Reason::Listening, Reason::ProbePassed];
    let line = |condition: &Condition| {
        let detail = condition.detail.clone().map(|detail| view! { " " <code>{detail}</code> });
        view! { <li>{reason_text(condition)} {detail}</li> }.into_any()
    };
    let lines = conditions.iter().filter(|condition| !fine.contains(&condition.reason)).map(line).collect::<Vec<_>>();
    (!lines.is_empty()).then(|| {
        view! {
            <Callout tone title>
                <ul class="bullets">{lines}</ul>
            </Callout>
        }
        .into_any()
    })
}

pub fn reason_text(condition: &Condition) -> String {
    match condition.reason {
        Reason::ConfigLoaded => tr!(reason.config_loaded),
        Reason::ConfigPending => tr!(reason.config_pending),
        Reason::ConfigRefused => tr!(reason.config_refused),
        Reason::Listening => tr!(reason.listening),
        Reason::BindFailed => tr!(reason.bind_failed),
        Reason::SharedBindFailed => tr!(reason.shared_bind_failed),
        Reason::AddressGone => tr!(reason.address_gone),
        Reason::NotGranted => tr!(reason.not_granted),
        Reason::FewOpenFiles => tr!(reason.few_open_files),
        Reason::EngineDisconnected => tr!(reason.engine_disconnected),
        Reason::AgentDisconnected => tr!(reason.agent_disconnected),
        Reason::StartFailed => tr!(reason.start_failed),
        Reason::Exited => tr!(reason.exited),
        Reason::ProbeFailed => tr!(reason.probe_failed),
        Reason::ProbePassed => tr!(reason.probe_passed),
        _ => String::new(),
    }
}
