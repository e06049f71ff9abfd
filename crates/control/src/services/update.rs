//! Updating, restarting, rolling back and cloning: other versions of a service.

use super::HeldGroup;
use crate::{Control, ControlError};
use domain::error::{FieldErrors, Invalid};
use domain::id::ServiceId;
use domain::name::ServiceName;
use domain::role::Permission;
use domain::service::rollout::Because;
use domain::service::{CheckedDraft, EventKind, ServiceDraft, Why};
use identity::{Principal, authorize};
use std::sync::Arc;

impl Control {
    pub async fn update_service(
        &self,
        principal: &Principal,
        id: &ServiceId,
        seen: i64,
        draft: &ServiceDraft,
    ) -> Result<bool, ControlError> {
        authorize(principal, Permission::DeployServices)?;
        // This form does not say the group.
        let service = self.find_service(principal, id)?;
        let group = self.desired().group_of(&service).map(|held| held.group.name.clone());
        self.update_checked(principal, id, seen, CheckedDraft { group, ..draft.validate()? }, false).await
    }

    /// All that the draft says but its name, which is part of the endpoint. On another gateway the service has another
    /// endpoint there and none any more where it was; its tokens go with it. Tells whether anything is different.
    /// Where an autoscaler decides, the number of replicas is its own unless `scaled`: somebody typed another one.
    pub async fn update_checked(
        &self,
        principal: &Principal,
        id: &ServiceId,
        seen: i64,
        draft: CheckedDraft,
        scaled: bool,
    ) -> Result<bool, ControlError> {
        authorize(principal, Permission::DeployServices)?;
        self.check_separated(principal)?;
        let mut change = self.change_service(principal, id, seen).await?;
        let draft = CheckedDraft {
            gateway_id: draft.gateway_id.clone().or_else(|| Some(change.before.gateway_id.clone())),
            ..draft
        };
        let (gateway_id, vpc_id) = self.bound(&mut change.write, principal, &draft).await?;
        let CheckedDraft { name, group, labels, token, replicas, scaling, mut spec, vswitch_id, .. } = draft;
        spec.vswitch_id = vswitch_id;
        if name != change.before.name {
            let expected = change.before.name.to_string();
            return Err(FieldErrors::one("name", Invalid::NameStays { expected }).into());
        }
        let stays = |held: &&Arc<HeldGroup>| Some(&held.group.name) == group.as_ref();
        if let Some(held) =
            self.desired().group_of(&change.before).filter(stays).filter(|held| held.group.gateway_id != gateway_id)
        {
            let at = self.desired().gateways.get(&held.group.gateway_id).map(|gateway| gateway.name.to_string());
            let (group, gateway) = (held.group.name.to_string(), at.unwrap_or_default());
            return Err(FieldErrors::one("gateway", Invalid::GroupElsewhere { group, gateway }).into());
        }
        change.after.vpc_id = vpc_id;
        let in_group = self.desired().group_of(&change.before).map(|held| held.group.name.clone());
        if group != in_group {
            change.after.place = match &group {
                Some(group) => Some(self.place_in(&mut change.write, principal, &gateway_id, group).await?),
                None => None,
            };
        }
        if let Some(secret) = token {
            let known = self.desired().tokens.get(id).cloned().unwrap_or_default();
            if !known.iter().any(|token| token.row.digest == secret.digest()) {
                change.tokens.push(self.given_token(&change.before, secret, change.write.now)?);
            }
        }
        change.after.gateway_id = gateway_id;
        change.after.labels = labels;
        // What an autoscaler decided stays within what it may decide now.
        change.after.replicas = match &scaling {
            // Nobody asks: an edit is no reason to start it.
            Some(scaling) if scaling.zero.is_some() && change.before.replicas == 0 => 0,
            Some(scaling) => {
                let wanted = if scaled { replicas } else { change.before.replicas };
                wanted.clamp(scaling.min, scaling.max.max(scaling.min))
            }
            None => replicas,
        };
        change.after.scaling = scaling;
        spec.workload.restart = change.before.spec.workload.restart;
        if change.say(spec, Why::Update).await? {
            let version = change.after.version.to_string();
            change.event(EventKind::Updated, Some(version));
        }
        change.check_port()?;
        change.save("service.update").await
    }

    /// The same with new replicas, one by one as in any rollout.
    pub async fn restart_service(&self, principal: &Principal, id: &ServiceId, seen: i64) -> Result<(), ControlError> {
        let mut change = self.change_service(principal, id, seen).await?;
        let mut spec = change.before.spec.clone();
        spec.workload.restart = spec.workload.restart.wrapping_add(1);
        change.say(spec, Why::Restart).await?;
        let version = change.after.version.to_string();
        change.event(EventKind::Restarted, Some(version));
        change.save("service.restart").await.map(|_| ())
    }

    /// Back (or forth) to any version that is kept, by a rollout of its own. Number of replicas, labels and gateway are
    /// no version's and stay.
    pub async fn roll_back(
        &self,
        principal: &Principal,
        id: &ServiceId,
        seen: i64,
        number: u32,
    ) -> Result<(), ControlError> {
        let mut change = self.change_service(principal, id, seen).await?;
        if number == change.before.version {
            return Ok(());
        }
        let version = change.version(number).await?;
        change.event(EventKind::RollBackAsked, Some(number.to_string()));
        change.want_version(version.number, version.replica_version, version.spec);
        if let Some(rollout) = change.after.rollout.as_mut().filter(|rollout| rollout.is_back && rollout.is_open()) {
            rollout.because = Some(Because::Asked);
        }
        change.check_port()?;
        change.save("service.roll_back").await.map(|_| ())
    }

    /// Another service that says the same, under another name and with a token of its own.
    pub async fn clone_service(
        &self,
        principal: &Principal,
        id: &ServiceId,
        name: &str,
    ) -> Result<ServiceId, ControlError> {
        authorize(principal, Permission::DeployServices)?;
        let service = self.find_service(principal, id)?;
        let name = ServiceName::parse(name).map_err(|error| FieldErrors::one("name", error))?;
        let mut spec = service.spec.clone();
        spec.workload.restart = 0;
        let draft = CheckedDraft {
            name,
            gateway_id: Some(service.gateway_id.clone()),
            vpc_id: service.vpc_id.clone(),
            vswitch_id: service.spec.vswitch_id.clone(),
            workspace_id: None,
            group: None,
            token: None,
            labels: service.labels.clone(),
            replicas: service.replicas,
            scaling: service.scaling.clone(),
            spec,
        };
        self.deploy_checked(principal, draft, Why::Clone).await
    }
}
