//! Starting, stopping and scaling.

use crate::{Control, ControlError};
use domain::error::{FieldErrors, Invalid};
use domain::id::ServiceId;
use domain::service::{EventKind, MAX_REPLICAS, Runtime, ScalingDraft, Service, check_replicas};
use identity::Principal;

/// What runs elsewhere has as many replicas as addresses.
fn counted_here(service: &Service) -> Result<(), Invalid> {
    match service.spec.workload.runtime {
        Runtime::External { .. } => Err(Invalid::CountedElsewhere),
        _ => Ok(()),
    }
}

impl Control {
    /// Stopping keeps the service, its endpoint and its tokens, and a rollout where it stands.
    pub async fn set_running(
        &self,
        principal: &Principal,
        id: &ServiceId,
        seen: i64,
        running: bool,
    ) -> Result<(), ControlError> {
        let (action, kind) =
            if running { ("service.start", EventKind::Started) } else { ("service.stop", EventKind::Stopped) };
        let mut change = self.change_service(principal, id, seen).await?;
        change.after.running = running;
        change.event(kind, None);
        change.save(action).await.map(|_| ())
    }

    pub async fn scale_service(
        &self,
        principal: &Principal,
        id: &ServiceId,
        seen: i64,
        replicas: &str,
    ) -> Result<(), ControlError> {
        let mut change = self.change_service(principal, id, seen).await?;
        counted_here(&change.before).map_err(|error| FieldErrors::one("replicas", error))?;
        let replicas = check_replicas(replicas, change.before.spec.workload.insists_on_port());
        change.after.replicas = replicas.map_err(|error| FieldErrors::one("replicas", error))?;
        let detail = format!("{} → {}", change.before.replicas, change.after.replicas);
        change.event(EventKind::Scaled, Some(detail));
        change.save("service.scale").await.map(|_| ())
    }

    /// By itself, or not any more. What it has more or fewer than that allows it gets at once.
    pub async fn set_scaling(
        &self,
        principal: &Principal,
        id: &ServiceId,
        seen: i64,
        draft: &ScalingDraft,
    ) -> Result<(), ControlError> {
        let mut change = self.change_service(principal, id, seen).await?;
        let scaling = draft.validate_over(change.before.scaling.as_ref())?;
        if scaling.is_some() {
            counted_here(&change.before).map_err(|error| FieldErrors::one("enabled", error))?;
        }
        if let Some(port) = change.before.spec.workload.insists_on_port()
            && scaling.as_ref().is_some_and(|scaling| scaling.max > 1)
        {
            return Err(FieldErrors::one("max", Invalid::FixedPortReplicas { port }).into());
        }
        let (least, most) = scaling.as_ref().map_or((1, MAX_REPLICAS), |scaling| (scaling.min, scaling.max));
        let sleeps = change.before.replicas == 0 && scaling.as_ref().is_some_and(|scaling| scaling.zero.is_some());
        change.after.replicas = if sleeps { 0 } else { change.before.replicas.clamp(least, most) };
        change.after.scaling = scaling;
        if change.after.replicas != change.before.replicas {
            let detail = format!("{} → {}", change.before.replicas, change.after.replicas);
            change.event(EventKind::Scaled, Some(detail));
        }
        change.save("service.scaling").await.map(|_| ())
    }
}
