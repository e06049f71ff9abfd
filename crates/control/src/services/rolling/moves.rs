//! What a rollout does next, written down.

use super::keep::LEASE;
use crate::services::change::Change;
use crate::{Control, ControlError};
use domain::service::rollout::{Because, Move, Phase};
use domain::service::{EventKind, Service};

impl Control {
    /// Nothing happens where somebody wrote since it was looked at, or another console moves rollouts.
    pub(super) async fn move_rollout(&self, seen: &Service, decided: Move, holder: &str) -> Result<(), ControlError> {
        let Some(mut change) = self.change_unasked(&seen.id).await? else { return Ok(()) };
        let now = change.write.now;
        if *change.before != *seen || !change.write.tx.take_lease("rollouts", holder, now, now + LEASE).await? {
            return Ok(());
        }
        let because = match decided {
            Move::GiveUp(because) => return change.give_up(because).await,
            Move::Complete | Move::Wait | Move::NextBatch => seen.rollout.as_ref().and_then(|rollout| rollout.because),
        };
        let Some(rollout) = change.after.rollout.as_mut() else { return Ok(()) };
        let went = format!("{} → {}", rollout.from, rollout.to);
        rollout.since = now;
        let (phase, because, kind, detail, action) = match decided {
            Move::Complete if rollout.is_back => {
                (Phase::RolledBack, because, EventKind::RolledBack, went, "service.rolled_back")
            }
            Move::Complete => (Phase::Completed, None, EventKind::RolloutCompleted, went, "service.rolled_out"),
            Move::Wait => {
                let batch = rollout.batch.to_string();
                (Phase::Paused, Some(Because::Batch), EventKind::BatchDone, batch, "service.batch_done")
            }
            Move::NextBatch | Move::GiveUp(_) => {
                rollout.batch += 1;
                let batch = rollout.batch.to_string();
                (Phase::Running, None, EventKind::RolloutResumed, batch, "service.next_batch")
            }
        };
        (rollout.phase, rollout.because, rollout.held) = (phase, because, None);
        if decided == Move::Complete {
            rollout.old.clear();
        }
        change.event(kind, Some(detail));
        change.note(action).await
    }
}

impl Change<'_> {
    /// Back to where it came from, with the replicas of that version that are still there; or it waits for somebody.
    async fn give_up(mut self, because: Because) -> Result<(), ControlError> {
        let Some(rollout) = self.before.rollout.clone() else { return Ok(()) };
        let goes_back = self.before.spec.rollout.roll_back && !rollout.is_back;
        // Of a version that is not kept any more there is nothing to go back to.
        let version = if goes_back { self.version(rollout.from).await.ok() } else { None };
        if let Some(version) = version {
            self.event(EventKind::RolloutFailed, Some(because.as_str().into()));
            self.want_version(version.number, version.replica_version, version.spec);
            if let Some(back) = self.after.rollout.as_mut() {
                (back.is_back, back.because) = (true, Some(because));
            }
            return self.save("service.roll_back").await.map(|_| ());
        }
        if !rollout.is_open() {
            // It was over; what became of it later is its status.
            return Ok(());
        }
        self.event(EventKind::RolloutFailed, Some(because.as_str().into()));
        self.hold(Phase::Failed);
        if let Some(failed) = self.after.rollout.as_mut() {
            failed.because = Some(because);
        }
        self.note("service.rollout_failed").await
    }
}
