//! Deploying a service: running somebody's command on this host, so only roles that may, may.

use crate::error::{Missing, of_store};
use crate::{Control, ControlError};
use domain::error::{FieldErrors, Invalid};
use domain::id::ServiceId;
use domain::role::Permission;
use domain::service::{CheckedDraft, EventKind, Service, ServiceDraft, ServiceEvent, Version, Why};
use identity::{Principal, authorize, entropy};

impl Control {
    /// Bound to a gateway of the workspace, with a token of its own, wanted from now on.
    pub async fn deploy_service(&self, principal: &Principal, draft: &ServiceDraft) -> Result<ServiceId, ControlError> {
        authorize(principal, Permission::DeployServices)?;
        self.check_separated(principal)?;
        self.deploy_checked(principal, draft.validate()?, Why::Deploy).await
    }

    /// The same from a draft of any form.
    pub async fn deploy_checked(
        &self,
        principal: &Principal,
        draft: CheckedDraft,
        why: Why,
    ) -> Result<ServiceId, ControlError> {
        authorize(principal, Permission::DeployServices)?;
        self.check_separated(principal)?;
        let mut write = self.write(principal).await?;
        self.no_group_is_called(principal, &draft.name)?;
        let (gateway_id, vpc_id) = self.bound(&mut write, principal, &draft).await?;
        let CheckedDraft { name, group, labels, token, replicas, scaling, mut spec, vswitch_id, .. } = draft;
        spec.vswitch_id = vswitch_id;
        let place = match &group {
            Some(group) if *group == name => {
                return Err(FieldErrors::one("group", Invalid::GroupIsService { name: name.to_string() }).into());
            }
            Some(group) => Some(self.place_in(&mut write, principal, &gateway_id, group).await?),
            None => None,
        };
        let service = Service {
            id: ServiceId::from_random(entropy::id()),
            account_id: principal.account_id.clone(),
            workspace_id: principal.workspace_id.clone(),
            name,
            gateway_id,
            vpc_id,
            labels,
            place,
            version: 1,
            replica_version: 1,
            rollout: None,
            spec,
            replicas,
            scaling,
            owner: principal.name.to_string(),
            running: true,
            revision: 1,
            created_at: write.now,
            updated_at: write.now,
        };
        let token = match token {
            Some(secret) => self.given_token(&service, secret, write.now)?,
            None => self.new_token(&service, String::new(), None, write.now)?,
        };
        let told = |error| of_store(error, Missing::Service, service.name.as_str());
        let sealed = self.sealed(&service)?;
        write.tx.insert_service(&sealed).await.map_err(told)?;
        let version = Version {
            service_id: service.id.clone(),
            number: 1,
            replica_version: 1,
            spec: sealed.spec,
            why,
            created_by: principal.user_id.to_string(),
            created_at: write.now,
        };
        write.tx.insert_version(&version).await?;
        let (first_at, kind) = (write.now, EventKind::Deployed);
        let event = ServiceEvent { first_at, at: first_at, count: 1, kind, replica: None, detail: Some("1".into()) };
        write.tx.service_event(&service.id, &event).await?;
        write.tx.insert_token(&token.row).await?;
        write.service("service.deploy", None, Some((&service, vec![token]))).await?;
        write.commit().await?;
        Ok(service.id)
    }
}
