//! Changing a gateway under the revision that the editor saw.

use crate::error::{Missing, of_store};
use crate::write::Write;
use crate::{Control, ControlError};
use domain::gateway::Gateway;
use domain::id::GatewayId;
use domain::role::Permission;
use identity::{Principal, authorize};

/// An edit in its transaction: change `after`, then save.
pub(crate) struct GatewayEdit<'a> {
    pub write: Write<'a>,
    pub after: Gateway,
    before: Gateway,
}

impl Control {
    pub(crate) async fn edit_gateway<'a>(
        &'a self,
        principal: &'a Principal,
        id: &GatewayId,
        seen: i64,
    ) -> Result<GatewayEdit<'a>, ControlError> {
        authorize(principal, Permission::ManageGateways)?;
        self.find_gateway(principal, id)?;
        let mut write = self.write(principal).await?;
        let missing = ControlError::NotFound { what: Missing::Gateway };
        let before = write.tx.gateway(id).await?.ok_or(missing)?;
        if before.revision != seen {
            return Err(ControlError::Conflict { current: before.revision });
        }
        Ok(GatewayEdit { write, after: before.clone(), before })
    }
}

impl GatewayEdit<'_> {
    /// Saving without a change changes nothing: no new revision, no audit, no configuration.
    pub async fn save(mut self, action: &str) -> Result<(), ControlError> {
        if self.after == self.before {
            return Ok(());
        }
        self.after.revision += 1;
        self.after.updated_at = self.write.now;
        let name = self.after.name.as_str();
        let told = |error| of_store(error, Missing::Gateway, name);
        self.write.tx.update_gateway(&self.after, self.before.revision).await.map_err(told)?;
        self.write.gateway(action, Some(&self.before), Some(&self.after)).await?;
        self.write.commit().await
    }
}
