//! The gateway that the deploy wizard preselects.

use crate::error::{Missing, of_store};
use crate::{Control, ControlError};
use domain::id::GatewayId;
use identity::Principal;

impl Control {
    /// At most one gateway of a workspace is the default; making one ends the other's being it.
    pub async fn set_default_gateway(
        &self,
        principal: &Principal,
        id: &GatewayId,
        seen: i64,
        on: bool,
    ) -> Result<(), ControlError> {
        let mut edit = self.edit_gateway(principal, id, seen).await?;
        if on
            && !edit.after.is_default
            && let Some(before) = edit.write.tx.default_gateway(&principal.workspace_id).await?
        {
            let mut after = before.clone();
            after.is_default = false;
            after.revision += 1;
            after.updated_at = edit.write.now;
            let told = |error| of_store(error, Missing::Gateway, "");
            edit.write.tx.update_gateway(&after, before.revision).await.map_err(told)?;
            edit.write.gateway("gateway.default", Some(&before), Some(&after)).await?;
        }
        edit.after.is_default = on;
        edit.save("gateway.default").await
    }
}
