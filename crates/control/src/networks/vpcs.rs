//! VPCs.

use crate::error::{Missing, of_store};
use crate::{Control, ControlError};
use domain::id::VpcId;
use domain::network::{Inventory, Vpc, VpcDraft};
use domain::role::Permission;
use identity::{Principal, authorize, entropy};

impl Control {
    pub async fn add_vpc(&self, principal: &Principal, draft: &VpcDraft) -> Result<VpcId, ControlError> {
        authorize(principal, Permission::ManageNetworks)?;
        let mut write = self.write(principal).await?;
        let (name, blocks) = write.tx.inventory().await?.check_vpc(draft, None)?;
        let vpc = Vpc {
            id: VpcId::from_random(entropy::id()),
            account_id: principal.account_id.clone(),
            region: self.installation().region.clone(),
            name,
            blocks,
            revision: 1,
        };
        write.tx.insert_vpc(&vpc, &principal.workspace_id).await?;
        write.network("vpc.create", vpc.id.as_str(), None, Some(&vpc)).await?;
        write.commit().await?;
        Ok(vpc.id)
    }

    pub async fn edit_vpc(
        &self,
        principal: &Principal,
        id: &VpcId,
        seen: i64,
        draft: &VpcDraft,
    ) -> Result<(), ControlError> {
        authorize(principal, Permission::ManageNetworks)?;
        let mut write = self.write(principal).await?;
        let all = write.tx.inventory().await?;
        let before = found(&all, id, principal)?;
        let (name, blocks) = all.check_vpc(draft, Some(id))?;
        if before.revision != seen {
            return Err(ControlError::Conflict { current: before.revision });
        }
        let mut after = Vpc { name, blocks, ..before.clone() };
        if after == *before {
            return Ok(());
        }
        after.revision += 1;
        write.tx.update_vpc(&after, seen).await.map_err(|error| of_store(error, Missing::Vpc, ""))?;
        write.network("vpc.edit", id.as_str(), Some(before), Some(&after)).await?;
        write.commit().await
    }

    /// With its vSwitches. Refused while gateways are linked to it, with their names.
    pub async fn delete_vpc(&self, principal: &Principal, id: &VpcId, seen: i64) -> Result<(), ControlError> {
        authorize(principal, Permission::ManageNetworks)?;
        let mut write = self.write(principal).await?;
        let all = write.tx.inventory().await?;
        let vpc = found(&all, id, principal)?;
        let names = self.linked_gateways(|(vpc, _)| vpc == id);
        if !names.is_empty() {
            return Err(ControlError::NetworkInUse { names });
        }
        write.tx.delete_vpc(id, seen).await.map_err(|error| of_store(error, Missing::Vpc, ""))?;
        write.network::<Vpc>("vpc.delete", id.as_str(), Some(vpc), None).await?;
        write.commit().await
    }
}

/// One of the own account; another account's is not there to be edited.
pub(super) fn found<'a>(all: &'a Inventory, id: &VpcId, principal: &Principal) -> Result<&'a Vpc, ControlError> {
    let vpc = all.vpcs.get(id).filter(|vpc| vpc.account_id == principal.account_id);
    vpc.ok_or(ControlError::NotFound { what: Missing::Vpc })
}
