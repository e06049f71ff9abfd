//! What becomes of a rollout: it is done, its next batch's turn has come, or it is given up.

use super::state::{Because, Phase, Rollout};
use super::step::Progress;
use crate::endpoint::ReplicaReport;
use crate::service::spec::RolloutPolicy;
use crate::status::ReplicaState;
use chrono::{DateTime, TimeDelta, Utc};

/// A new replica that ended so often without becoming ready will not become ready.
pub const LOOPS: u32 = 3;

/// What was observed of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    pub progress: Progress,
    /// Since when no new replica became ready.
    pub still_since: DateTime<Utc>,
    /// A new replica ends again and again.
    pub is_looping: bool,
    /// Of the new replicas' answers, per cent; `None` where too few were counted.
    pub errors_percent: Option<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    Complete,
    /// The batch is done; the next one waits.
    Wait,
    NextBatch,
    GiveUp(Because),
}

pub fn is_looping(report: &ReplicaReport) -> bool {
    match report.state {
        ReplicaState::BackOff => report.restarts + 1 >= LOOPS,
        ReplicaState::Starting | ReplicaState::Unready => report.restarts >= LOOPS,
        ReplicaState::Ready | ReplicaState::Stopping => false,
    }
}

/// `None`: it goes on as it is.
pub fn verdict(rollout: &Rollout, policy: &RolloutPolicy, facts: &Facts, now: DateTime<Utc>) -> Option<Move> {
    let after = |seconds: u32, since: DateTime<Utc>| now - since >= TimeDelta::seconds(i64::from(seconds));
    let errors = policy.max_errors_percent.zip(facts.errors_percent).filter(|(most, seen)| seen > most);
    let bad = if facts.is_looping { Some(Because::CrashLoop) } else { errors.map(|_| Because::Errors) };
    match (rollout.phase, rollout.because) {
        // Ready is not yet proven: for as long as it might have taken to become ready it is watched.
        (Phase::Completed, _) => bad.filter(|_| !after(policy.progress_seconds, rollout.since)).map(Move::GiveUp),
        (Phase::RolledBack | Phase::Failed, _) => None,
        (Phase::Paused, Some(Because::Batch)) => match (bad, rollout.batch(policy).map(|batch| batch.interval_seconds))
        {
            (Some(bad), _) => Some(Move::GiveUp(bad)),
            (None, Some(Some(seconds))) => after(seconds, rollout.since).then_some(Move::NextBatch),
            (None, Some(None)) => None,
            // Batches were taken out of the policy meanwhile.
            (None, None) => Some(Move::NextBatch),
        },
        (Phase::Paused, _) => None,
        (Phase::Running, _) => match bad {
            _ if facts.progress.is_done() => Some(Move::Complete),
            Some(bad) => Some(Move::GiveUp(bad)),
            None if facts.progress.is_batch_done() && facts.progress.admitted < facts.progress.wanted => {
                Some(Move::Wait)
            }
            None if after(policy.progress_seconds, facts.still_since) => Some(Move::GiveUp(Because::NoProgress)),
            None => None,
        },
    }
}
