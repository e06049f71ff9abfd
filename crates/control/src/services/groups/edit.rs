//! How a group's requests are shared.

use super::HeldGroup;
use crate::error::{Missing, of_store};
use crate::{Control, ControlError};
use domain::id::{GroupId, ServiceId};
use domain::role::Permission;
use domain::service::{PlaceDraft, Service, Weights};
use identity::{Principal, authorize};
use std::sync::Arc;

impl Control {
    pub async fn set_weights(
        &self,
        principal: &Principal,
        id: &GroupId,
        seen: i64,
        weights: Weights,
    ) -> Result<(), ControlError> {
        authorize(principal, Permission::DeployServices)?;
        let mut write = self.write(principal).await?;
        let before = self.seen_group(principal, id, seen)?;
        if before.group.weights == weights {
            return Ok(());
        }
        let mut after = HeldGroup::clone(&before);
        (after.group.weights, after.group.revision, after.group.updated_at) = (weights, seen + 1, write.now);
        write.tx.update_group(&after.row(), seen).await.map_err(|error| of_store(error, Missing::Group, ""))?;
        write.group("group.weights", Some(&before.group), Some(&after)).await?;
        write.commit().await
    }

    /// Weight, canary header, and whether it takes part in the group's traffic at all.
    pub async fn set_place(
        &self,
        principal: &Principal,
        id: &ServiceId,
        seen: i64,
        draft: &PlaceDraft,
    ) -> Result<(), ControlError> {
        authorize(principal, Permission::DeployServices)?;
        let mut write = self.write(principal).await?;
        let before = self.find_service(principal, id)?;
        if before.revision != seen {
            return Err(ControlError::Conflict { current: before.revision });
        }
        let group = before.place.as_ref().ok_or(ControlError::NotFound { what: Missing::Group })?;
        let place = Some(draft.validate(&group.group_id)?);
        if place == before.place {
            return Ok(());
        }
        let after = Service { place, revision: seen + 1, updated_at: write.now, ..Service::clone(&before) };
        write.tx.update_service(&self.sealed(&after)?, seen).await.map_err(|e| of_store(e, Missing::Service, ""))?;
        let tokens = self.desired().tokens.get(id).cloned().unwrap_or_default();
        write.service("service.place", Some(&before), Some((&after, tokens))).await?;
        write.commit().await
    }

    pub(super) fn find_group(&self, principal: &Principal, id: &GroupId) -> Result<Arc<HeldGroup>, ControlError> {
        let desired = self.desired();
        let held = desired.groups.get(id).filter(|held| held.group.workspace_id == principal.workspace_id);
        held.cloned().ok_or(ControlError::NotFound { what: Missing::Group })
    }

    pub(super) fn seen_group(
        &self,
        principal: &Principal,
        id: &GroupId,
        seen: i64,
    ) -> Result<Arc<HeldGroup>, ControlError> {
        let held = self.find_group(principal, id)?;
        if held.group.revision == seen {
            Ok(held)
        } else {
            Err(ControlError::Conflict { current: held.group.revision })
        }
    }
}
