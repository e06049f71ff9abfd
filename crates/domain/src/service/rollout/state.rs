//! Where a rollout stands.

use super::super::spec::{Batch, RolloutPolicy};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollout {
    /// The version that was wanted before and that a roll-back goes to.
    pub from: u32,
    pub to: u32,
    /// What replicas of other versions may still be there, by the number that they run under: those of `from` first.
    /// Empty when it is over.
    #[serde(default)]
    pub old: Vec<u32>,
    pub phase: Phase,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<Because>,
    /// It goes back to where another one came from, and is not rolled back itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_back: bool,
    /// Batches that were let in, from 1; of no meaning where the policy has none.
    #[serde(default = "first")]
    pub batch: u32,
    /// Nothing moves: so many there are of each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
    pub began_at: DateTime<Utc>,
    /// Of the phase, or of the batch.
    pub since: DateTime<Utc>,
}

fn first() -> u32 {
    1
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Running,
    /// By somebody, or after a batch.
    Paused,
    Completed,
    /// Given up; waits for somebody.
    Failed,
    RolledBack,
}

/// Why it is paused, was given up or goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// Somebody said so.
    Asked,
    /// A batch is done.
    Batch,
    /// No new replica became ready for too long.
    NoProgress,
    /// A new replica ends again and again.
    CrashLoop,
    /// Too many answers of new replicas are errors.
    Errors,
}

impl Because {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Batch => "batch",
            Self::NoProgress => "no_progress",
            Self::CrashLoop => "crash_loop",
            Self::Errors => "errors",
        }
    }
}

/// Replicas of a rollout in which nothing moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub new: u32,
    pub old: u32,
}

impl Held {
    /// The same where another number is wanted: more are of the version that there is more of, fewer are old ones first.
    #[must_use]
    pub fn scaled(self, before: u32, after: u32) -> Self {
        let (more, fewer) = (after.saturating_sub(before), before.saturating_sub(after));
        let old_goes = fewer.min(self.old);
        let old = self.old - old_goes;
        let new = self.new.saturating_sub(fewer - old_goes);
        if self.old > 0 { Self { new, old: old + more } } else { Self { new: new + more, old } }
    }
}

impl Rollout {
    /// A new one, under way. `replaces` is the version under which replicas run now.
    pub fn begin(from: u32, to: u32, replaces: u32, now: DateTime<Utc>) -> Self {
        Self {
            from,
            to,
            old: vec![replaces],
            phase: Phase::Running,
            because: None,
            is_back: false,
            batch: first(),
            held: None,
            began_at: now,
            since: now,
        }
    }

    /// The next one, when replicas of `replica_version` shall take the place of whatever is there. `replaced` is the
    /// version that was wanted until now and the number under which its replicas run.
    #[must_use]
    pub fn next(
        before: Option<&Self>,
        to: u32,
        replica_version: u32,
        replaced: (u32, u32),
        now: DateTime<Utc>,
    ) -> Self {
        let mut next = Self::begin(replaced.0, to, replaced.1, now);
        if let Some(open) = before.filter(|rollout| rollout.is_open()) {
            // What was on its way never proved itself: what it should have replaced is what a roll-back goes to.
            next.is_back = open.from == to;
            if next.is_back {
                next.old.extend(open.old.iter().copied());
            } else {
                next.from = open.from;
                next.old = open.old.iter().copied().chain([replaced.1]).collect();
            }
        }
        let mut old: Vec<u32> = Vec::new();
        for each in std::mem::take(&mut next.old) {
            if each != replica_version && !old.contains(&each) {
                old.push(each);
            }
        }
        next.old = old;
        next
    }

    /// Replicas of several versions are wanted, or may be.
    pub fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Running | Phase::Paused | Phase::Failed)
    }

    /// In parts, with a pause after each. Back to what worked it goes at once: those pauses are there to look at
    /// something new.
    pub fn batch(&self, policy: &RolloutPolicy) -> Option<Batch> {
        policy.batch.filter(|_| !self.is_back)
    }

    /// New replicas that are let in at most.
    pub fn admitted(&self, policy: &RolloutPolicy, wanted: u32) -> u32 {
        match self.batch(policy) {
            Some(batch) => batch.size.of(wanted).max(1).saturating_mul(self.batch.max(1)).min(wanted),
            None => wanted,
        }
    }
}
