//! A service comes into a group, which is made for the first, and leaves it, which ends it with the last.

use super::HeldGroup;
use crate::error::{Missing, of_store};
use crate::write::Write;
use crate::{Control, ControlError};
use domain::error::{FieldErrors, Invalid};
use domain::id::{GatewayId, GroupId, ServiceId};
use domain::name::ServiceName;
use domain::role::Permission;
use domain::service::{Group, Place, Service, Weights};
use identity::{Principal, authorize, entropy};
use std::sync::Arc;

impl Control {
    /// The place of a service of this gateway in the group of this name, which is made where there is none. Errors are
    /// at the field `group`.
    pub(crate) async fn place_in(
        &self,
        write: &mut Write<'_>,
        principal: &Principal,
        gateway: &GatewayId,
        name: &ServiceName,
    ) -> Result<Place, ControlError> {
        let desired = self.desired();
        let of_workspace = |held: &&Arc<HeldGroup>| held.group.workspace_id == principal.workspace_id;
        let found = desired.groups.values().filter(of_workspace).find(|held| held.group.name == *name);
        if let Some(held) = found {
            let group = &held.group;
            if group.gateway_id != *gateway {
                let at = desired.gateways.get(&group.gateway_id).map(|gateway| gateway.name.to_string());
                let elsewhere = Invalid::GroupElsewhere { group: name.to_string(), gateway: at.unwrap_or_default() };
                return Err(FieldErrors::one("group", elsewhere).into());
            }
            return Ok(Place::new(group.id.clone()));
        }
        let mut services = desired.services.values().filter(|each| each.workspace_id == principal.workspace_id);
        if services.any(|service| service.name == *name) {
            return Err(FieldErrors::one("group", Invalid::GroupIsService { name: name.to_string() }).into());
        }
        let group = Group {
            id: GroupId::from_random(entropy::id()),
            account_id: principal.account_id.clone(),
            workspace_id: principal.workspace_id.clone(),
            name: name.clone(),
            gateway_id: gateway.clone(),
            weights: Weights::default(),
            revision: 1,
            created_at: write.now,
            updated_at: write.now,
        };
        let held = HeldGroup { tokens: vec![self.new_group_token(write)?], group };
        write.tx.insert_group(&held.row()).await.map_err(|error| of_store(error, Missing::Group, name.as_str()))?;
        write.group("group.create", None, Some(&held)).await?;
        Ok(Place::new(held.group.id))
    }

    /// After the service has been written without its place: a group that nobody is in any more goes.
    pub(crate) async fn left(&self, write: &mut Write<'_>, service: &Service) -> Result<(), ControlError> {
        let desired = self.desired();
        let Some(held) = desired.group_of(service) else { return Ok(()) };
        if desired.in_group(&held.group.id).all(|other| other.id == service.id) {
            write.tx.delete_group(&held.group.id).await?;
            write.group("group.delete", Some(&held.group), None).await?;
        }
        Ok(())
    }

    /// A service is called like no group.
    pub(crate) fn no_group_is_called(&self, principal: &Principal, name: &ServiceName) -> Result<(), ControlError> {
        let desired = self.desired();
        let mut own = desired.groups.values().filter(|held| held.group.workspace_id == principal.workspace_id);
        if own.any(|held| held.group.name == *name) {
            return Err(FieldErrors::one("name", Invalid::ServiceIsGroup { name: name.to_string() }).into());
        }
        Ok(())
    }

    /// Into the group of this name, or out of the one that it is in where nothing is typed.
    pub async fn set_group(
        &self,
        principal: &Principal,
        id: &ServiceId,
        seen: i64,
        typed: &str,
    ) -> Result<(), ControlError> {
        authorize(principal, Permission::DeployServices)?;
        let name = match typed.trim() {
            "" => None,
            typed => Some(ServiceName::parse(typed).map_err(|error| FieldErrors::one("group", error))?),
        };
        let mut write = self.write(principal).await?;
        let before = self.find_service(principal, id)?;
        if before.revision != seen {
            return Err(ControlError::Conflict { current: before.revision });
        }
        if self.desired().group_of(&before).map(|held| &held.group.name) == name.as_ref() {
            return Ok(());
        }
        let place = match &name {
            Some(name) => Some(self.place_in(&mut write, principal, &before.gateway_id, name).await?),
            None => None,
        };
        let after = Service { place, revision: seen + 1, updated_at: write.now, ..Service::clone(&before) };
        write.tx.update_service(&self.sealed(&after)?, seen).await.map_err(|e| of_store(e, Missing::Service, ""))?;
        self.left(&mut write, &before).await?;
        let tokens = self.desired().tokens.get(id).cloned().unwrap_or_default();
        write.service("service.group", Some(&before), Some((&after, tokens))).await?;
        write.commit().await
    }
}
