//! Deploying a service: running somebody's command on this host, so only roles that may, may.

use crate::desired::Token;
use crate::error::{Missing, of_store};
use crate::{Control, ControlError};
use domain::alb::service_vpc;
use domain::error::{FieldErrors, Invalid};
use domain::id::{ServiceId, TokenId};
use domain::role::Permission;
use domain::service::{CheckedDraft, Service, ServiceDraft};
use identity::{Principal, authorize, entropy};
use store::TokenRow;

impl Control {
    /// Bound to a gateway of the workspace, with a token of its own, wanted from now on.
    pub async fn deploy_service(&self, principal: &Principal, draft: &ServiceDraft) -> Result<ServiceId, ControlError> {
        authorize(principal, Permission::DeployServices)?;
        self.check_separated(principal)?;
        let CheckedDraft { name, gateway_id, vpc_id, workload } = draft.validate()?;
        let mut write = self.write(principal).await?;
        let gateway = write.tx.gateway(&gateway_id).await?;
        let gateway = gateway.filter(|gateway| gateway.workspace_id == principal.workspace_id);
        let gateway = gateway.ok_or_else(|| FieldErrors::one("gateway", Invalid::Choice))?;
        let vpc_id = service_vpc(&gateway, vpc_id.as_ref(), &write.tx.inventory().await?);
        let vpc_id = vpc_id.map_err(|error| FieldErrors::one("vpc", error))?;
        let service = Service {
            id: ServiceId::from_random(entropy::id()),
            account_id: principal.account_id.clone(),
            workspace_id: principal.workspace_id.clone(),
            name,
            gateway_id,
            vpc_id,
            workload,
            running: true,
            revision: 1,
            created_at: write.now,
            updated_at: write.now,
        };
        let secret = entropy::token();
        let token_id = TokenId::from_random(entropy::id());
        let token = TokenRow {
            account_id: service.account_id.clone(),
            workspace_id: service.workspace_id.clone(),
            service_id: service.id.clone(),
            digest: secret.digest(),
            sealed: self.inner.key.seal(&secret, token_id.as_str()).ok_or(ControlError::Sealed)?,
            created_at: write.now,
            expires_at: None,
            id: token_id,
        };
        let told = |error| of_store(error, Missing::Service, service.name.as_str());
        write.tx.insert_service(&service).await.map_err(told)?;
        write.tx.insert_token(&token).await?;
        write
            .service("service.deploy", None, Some((&service, vec![Token { row: token, secret: Some(secret) }])))
            .await?;
        write.commit().await?;
        Ok(service.id)
    }
}
