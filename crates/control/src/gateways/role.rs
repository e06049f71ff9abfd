//! The service-linked role: what lets the control plane provision ALB instances for an account.

use crate::{Control, ControlError};
use domain::role::Permission;
use identity::{Principal, authorize};

pub const SERVICE_LINKED_ROLE: &str = "InferenceGatewayServiceRoleForAlb";

impl Control {
    pub async fn alb_role_granted(&self, principal: &Principal) -> Result<bool, ControlError> {
        authorize(principal, Permission::Read)?;
        Ok(self.store().role_granted(&principal.account_id, SERVICE_LINKED_ROLE).await?)
    }

    /// Granting what is granted changes nothing.
    pub async fn grant_alb_role(&self, principal: &Principal) -> Result<(), ControlError> {
        authorize(principal, Permission::ManageGateways)?;
        if self.alb_role_granted(principal).await? {
            return Ok(());
        }
        let mut write = self.write(principal).await?;
        let (account, workspace, now) = (&principal.account_id, &principal.workspace_id, write.now);
        write.tx.grant_role(account, workspace, SERVICE_LINKED_ROLE, &principal.user_id, now).await?;
        write.audit::<()>("role.grant", "role", SERVICE_LINKED_ROLE, None, None).await?;
        write.commit().await
    }

    pub async fn revoke_alb_role(&self, principal: &Principal) -> Result<(), ControlError> {
        authorize(principal, Permission::ManageGateways)?;
        let mut write = self.write(principal).await?;
        if !write.tx.revoke_role(&principal.account_id, SERVICE_LINKED_ROLE).await? {
            return Ok(());
        }
        write.audit::<()>("role.revoke", "role", SERVICE_LINKED_ROLE, None, None).await?;
        write.commit().await
    }
}
