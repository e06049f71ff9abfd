//! What is said in words of a fixed vocabulary.

use domain::service::rollout::{Because, Phase};
use domain::service::{EventKind, Why};
use domain::view::RolloutView;
use ui::Tone;

pub fn why(why: Why) -> String {
    match why {
        Why::Deploy => tr!(life.why_deploy),
        Why::Clone => tr!(life.why_clone),
        Why::Update => tr!(life.why_update),
        Why::Restart => tr!(life.why_restart),
    }
}

pub fn phase(rollout: &RolloutView) -> (Tone, String) {
    let (from, to) = (rollout.from, rollout.to);
    match rollout.phase {
        Phase::Running if rollout.is_back => (Tone::Warn, tr!(life.going_back, to = to)),
        Phase::Running => (Tone::Info, tr!(life.rolling, from = from, to = to)),
        Phase::Paused => (Tone::Warn, tr!(life.paused, from = from, to = to)),
        Phase::Failed => (Tone::Bad, tr!(life.failed, to = to)),
        Phase::Completed => (Tone::Good, tr!(life.completed, to = to)),
        Phase::RolledBack => (Tone::Warn, tr!(life.rolled_back, from = from, to = to)),
    }
}

pub fn because(because: Because) -> String {
    match because {
        Because::Asked => tr!(life.because_asked),
        Because::Batch => tr!(life.because_batch),
        Because::NoProgress => tr!(life.because_no_progress),
        Because::CrashLoop => tr!(life.because_crash_loop),
        Because::Errors => tr!(life.because_errors),
    }
}

pub fn event(kind: EventKind) -> String {
    match kind {
        EventKind::Deployed => tr!(life.event_deployed),
        EventKind::Updated => tr!(life.event_updated),
        EventKind::Restarted => tr!(life.event_restarted),
        EventKind::Scaled => tr!(life.event_scaled),
        EventKind::Started => tr!(life.event_started),
        EventKind::Stopped => tr!(life.event_stopped),
        EventKind::RollBackAsked => tr!(life.event_roll_back_asked),
        EventKind::RolloutStarted => tr!(life.event_rollout_started),
        EventKind::RolloutPaused => tr!(life.event_rollout_paused),
        EventKind::BatchDone => tr!(life.event_batch_done),
        EventKind::RolloutResumed => tr!(life.event_rollout_resumed),
        EventKind::RolloutCompleted => tr!(life.event_rollout_completed),
        EventKind::RolloutFailed => tr!(life.event_rollout_failed),
        EventKind::RolledBack => tr!(life.event_rolled_back),
        EventKind::ReplicaStarted => tr!(life.event_replica_started),
        EventKind::ReplicaReady => tr!(life.event_replica_ready),
        EventKind::ReplicaUnready => tr!(life.event_replica_unready),
        EventKind::ReplicaFailed => tr!(life.event_replica_failed),
        EventKind::ReplicaGone => tr!(life.event_replica_gone),
        EventKind::ReplicaActed => tr!(life.event_replica_acted),
    }
}
