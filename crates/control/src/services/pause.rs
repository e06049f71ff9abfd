//! Pausing a rollout, and going on with it.

use crate::{Control, ControlError};
use domain::id::ServiceId;
use domain::service::EventKind;
use domain::service::Service;
use domain::service::rollout::{Because, Held, Phase};
use identity::Principal;

impl Control {
    /// Replicas stay as they are, of both versions; what is lost of either is replaced by the same.
    pub async fn pause_rollout(&self, principal: &Principal, id: &ServiceId, seen: i64) -> Result<(), ControlError> {
        let mut change = self.change_service(principal, id, seen).await?;
        let rollout = change.open_rollout()?;
        match rollout.phase {
            Phase::Running => {
                rollout.because = Some(Because::Asked);
                change.hold(Phase::Paused);
            }
            // Between two batches: nothing moves as it is, and the next one has to be let in by somebody.
            _ => rollout.because = Some(Because::Asked),
        }
        change.event(EventKind::RolloutPaused, None);
        change.save("service.pause").await.map(|_| ())
    }

    /// Lets in the next batch where one was done, and tries again where it was given up.
    pub async fn resume_rollout(&self, principal: &Principal, id: &ServiceId, seen: i64) -> Result<(), ControlError> {
        let mut change = self.change_service(principal, id, seen).await?;
        let now = change.write.now;
        let rollout = change.open_rollout()?;
        if rollout.phase == Phase::Running {
            return Ok(());
        }
        if rollout.phase == Phase::Paused && rollout.held.is_none() {
            rollout.batch += 1;
        }
        (rollout.phase, rollout.held, rollout.since) = (Phase::Running, None, now);
        if !rollout.is_back {
            rollout.because = None;
        }
        change.event(EventKind::RolloutResumed, None);
        change.save("service.resume").await.map(|_| ())
    }

    /// How many of each there shall be at this moment.
    pub(super) fn wanted_now(&self, service: &Service) -> Held {
        let mut held = Held::default();
        for each in self.wanted().borrow().values().flat_map(|host| &host.services) {
            if each.service_id == service.id && each.version == service.replica_version {
                held.new += each.replicas;
            } else if each.service_id == service.id {
                held.old += each.replicas;
            }
        }
        // Nothing is decided while nobody has said what is there.
        if held == Held::default() { Held { new: 0, old: service.replicas } } else { held }
    }
}
