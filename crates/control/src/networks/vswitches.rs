//! vSwitches.

use super::vpcs::found;
use crate::error::{Missing, of_store};
use crate::{Control, ControlError};
use domain::gateway::Gateway;
use domain::id::{VSwitchId, VpcId};
use domain::network::{VSwitch, VSwitchDraft};
use domain::role::Permission;
use identity::{Principal, entropy};
use std::sync::Arc;

impl Control {
    pub async fn add_vswitch(
        &self,
        principal: &Principal,
        vpc: &VpcId,
        draft: &VSwitchDraft,
    ) -> Result<VSwitchId, ControlError> {
        self.authorize_operator(principal, Permission::ManageNetworks)?;
        let mut write = self.write(principal).await?;
        let all = write.tx.inventory().await?;
        let vpc = found(&all, vpc)?;
        let (name, zone, block) = all.check_vswitch(draft, vpc, None)?;
        let id = VSwitchId::from_random(entropy::id());
        let vswitch = VSwitch { id, vpc_id: vpc.id.clone(), zone, name, block, revision: 1 };
        write.tx.insert_vswitch(&vswitch, vpc, &principal.workspace_id).await?;
        write.network("vswitch.create", vswitch.id.as_str(), None, Some(&vswitch)).await?;
        write.commit().await?;
        Ok(vswitch.id)
    }

    pub async fn edit_vswitch(
        &self,
        principal: &Principal,
        id: &VSwitchId,
        seen: i64,
        draft: &VSwitchDraft,
    ) -> Result<(), ControlError> {
        self.authorize_operator(principal, Permission::ManageNetworks)?;
        let mut write = self.write(principal).await?;
        let all = write.tx.inventory().await?;
        let before = all.vswitches.get(id).ok_or(ControlError::NotFound { what: Missing::VSwitch })?;
        let vpc = found(&all, &before.vpc_id)?;
        let (name, zone, block) = all.check_vswitch(draft, vpc, Some(id))?;
        if before.revision != seen {
            return Err(ControlError::Conflict { current: before.revision });
        }
        let mut after = VSwitch { name, zone, block, ..before.clone() };
        if after == *before {
            return Ok(());
        }
        let moved = after.zone != before.zone || !after.block.contains_block(&before.block);
        let names = self.linked_gateways(|(_, vswitch)| vswitch == id);
        if moved && !names.is_empty() {
            return Err(ControlError::NetworkInUse { names });
        }
        after.revision += 1;
        write.tx.update_vswitch(&after, seen).await.map_err(|error| of_store(error, Missing::VSwitch, ""))?;
        write.network("vswitch.edit", id.as_str(), Some(before), Some(&after)).await?;
        write.commit().await
    }

    pub async fn delete_vswitch(&self, principal: &Principal, id: &VSwitchId, seen: i64) -> Result<(), ControlError> {
        self.authorize_operator(principal, Permission::ManageNetworks)?;
        let mut write = self.write(principal).await?;
        let all = write.tx.inventory().await?;
        let vswitch = all.vswitches.get(id).ok_or(ControlError::NotFound { what: Missing::VSwitch })?;
        found(&all, &vswitch.vpc_id)?;
        let names = self.linked_gateways(|(_, vswitch)| vswitch == id);
        if !names.is_empty() {
            return Err(ControlError::NetworkInUse { names });
        }
        write.tx.delete_vswitch(id, seen).await.map_err(|error| of_store(error, Missing::VSwitch, ""))?;
        write.network::<VSwitch>("vswitch.delete", id.as_str(), Some(vswitch), None).await?;
        write.commit().await
    }

    /// Names of gateways that clients of the VPC reach through another one.
    pub(super) fn peered_gateways(&self, vpc: &VpcId) -> Vec<String> {
        let desired = self.desired();
        let peered = |gateway: &&Arc<Gateway>| gateway.vpcs.iter().any(|link| link.peers.contains(vpc));
        desired.gateways.values().filter(peered).map(|gateway| gateway.name.to_string()).collect()
    }

    /// Names of gateways that need such a vSwitch. Called inside a write: nobody else links anything meanwhile.
    pub(super) fn linked_gateways(&self, is_it: impl Fn((&VpcId, &VSwitchId)) -> bool) -> Vec<String> {
        let desired = self.desired();
        let linked = |gateway: &&Arc<Gateway>| gateway.places().any(&is_it);
        desired.gateways.values().filter(linked).map(|gateway| gateway.name.to_string()).collect()
    }
}
