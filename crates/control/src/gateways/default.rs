//! The gateway that the deploy wizard preselects.

use crate::error::{Missing, of_store};
use crate::{Control, ControlError};
use domain::id::GatewayId;
use domain::role::Permission;
use identity::{Principal, authorize};

impl Control {
    /// At most one gateway of a workspace is the default; making one ends the other's being it.
    pub async fn set_default_gateway(
        &self,
        principal: &Principal,
        id: &GatewayId,
        seen: i64,
        on: bool,
    ) -> Result<(), ControlError> {
        authorize(principal, Permission::ManageGateways)?;
        self.edit_gateway(principal, id, seen, "gateway.default", async |gateway, write| {
            if on
                && !gateway.is_default
                && let Some(before) = write.tx.default_gateway(&principal.workspace_id).await?
            {
                let mut after = before.clone();
                after.is_default = false;
                after.revision += 1;
                after.updated_at = write.now;
                let told = |error| of_store(error, Missing::Gateway, "");
                write.tx.update_gateway(&after, before.revision).await.map_err(told)?;
                write.gateway("gateway.default", Some(&before), Some(&after)).await?;
            }
            gateway.is_default = on;
            Ok(())
        })
        .await
    }
}
