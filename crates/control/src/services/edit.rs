//! Starting, stopping and scaling.

use crate::error::{Missing, of_store};
use crate::{Control, ControlError};
use domain::error::FieldErrors;
use domain::id::ServiceId;
use domain::role::Permission;
use domain::service::{Service, check_replicas};
use identity::{Principal, authorize};

impl Control {
    /// Stopping keeps the service, its endpoint and its tokens.
    pub async fn set_running(
        &self,
        principal: &Principal,
        id: &ServiceId,
        seen: i64,
        running: bool,
    ) -> Result<(), ControlError> {
        let action = if running { "service.start" } else { "service.stop" };
        self.edit_service(principal, id, seen, action, |service| {
            service.running = running;
            Ok(())
        })
        .await
    }

    pub async fn scale_service(
        &self,
        principal: &Principal,
        id: &ServiceId,
        seen: i64,
        replicas: &str,
    ) -> Result<(), ControlError> {
        self.edit_service(principal, id, seen, "service.scale", |service| {
            let replicas = check_replicas(replicas, service.workload.fixed_port);
            service.workload.replicas = replicas.map_err(|error| FieldErrors::one("replicas", error))?;
            Ok(())
        })
        .await
    }

    async fn edit_service(
        &self,
        principal: &Principal,
        id: &ServiceId,
        seen: i64,
        action: &str,
        change: impl FnOnce(&mut Service) -> Result<(), FieldErrors>,
    ) -> Result<(), ControlError> {
        authorize(principal, Permission::DeployServices)?;
        self.find_service(principal, id)?;
        let mut write = self.write(principal).await?;
        let missing = ControlError::NotFound { what: Missing::Service };
        let before = write.tx.service(id).await?.ok_or(missing)?;
        if before.revision != seen {
            return Err(ControlError::Conflict { current: before.revision });
        }
        let mut after = before.clone();
        change(&mut after)?;
        if after == before {
            return Ok(());
        }
        after.revision += 1;
        after.updated_at = write.now;
        write.tx.update_service(&after, seen).await.map_err(|error| of_store(error, Missing::Service, ""))?;
        let tokens = self.desired().tokens.get(id).cloned().unwrap_or_default();
        write.service(action, Some(&before), Some((&after, tokens))).await?;
        write.commit().await
    }
}
