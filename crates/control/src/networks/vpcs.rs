//! VPCs.

use crate::error::{Missing, of_store};
use crate::{Control, ControlError};
use domain::error::{FieldErrors, Invalid};
use domain::id::VpcId;
use domain::network::{Inventory, Vpc, VpcDraft};
use domain::role::Permission;
use identity::{Principal, entropy};

impl Control {
    /// Of `account`, or of the operator's own where that is empty.
    pub async fn add_vpc(&self, principal: &Principal, draft: &VpcDraft, account: &str) -> Result<VpcId, ControlError> {
        self.authorize_operator(principal, Permission::ManageNetworks)?;
        let mut write = self.write(principal).await?;
        let all = write.tx.inventory().await?;
        let (name, blocks) = all.check_vpc(draft, None)?;
        let own = Some(principal.account_id.clone()).filter(|_| account.is_empty());
        let owner = own.or_else(|| account.parse().ok().filter(|id| all.accounts.contains_key(id)));
        let owner = owner.ok_or_else(|| FieldErrors::one("account", Invalid::Choice))?;
        let vpc = Vpc {
            id: VpcId::from_random(entropy::id()),
            account_id: owner,
            region: self.installation().region.clone(),
            name,
            blocks,
            revision: 1,
        };
        let of_owner = self.store().workspace_of(&vpc.account_id).await?;
        let workspace = of_owner.map_or_else(|| principal.workspace_id.clone(), |workspace| workspace.id);
        write.tx.insert_vpc(&vpc, &workspace).await?;
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
        self.authorize_operator(principal, Permission::ManageNetworks)?;
        let mut write = self.write(principal).await?;
        let all = write.tx.inventory().await?;
        let before = found(&all, id)?;
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

    /// With its vSwitches. Refused while gateways are linked to it or services are in it, with their names.
    pub async fn delete_vpc(&self, principal: &Principal, id: &VpcId, seen: i64) -> Result<(), ControlError> {
        self.authorize_operator(principal, Permission::ManageNetworks)?;
        let mut write = self.write(principal).await?;
        let all = write.tx.inventory().await?;
        let vpc = found(&all, id)?;
        let mut names = self.linked_gateways(|(vpc, _)| vpc == id);
        names.extend(self.peered_gateways(id));
        if !names.is_empty() {
            return Err(ControlError::NetworkInUse { names });
        }
        let names = self.services_in(id);
        if !names.is_empty() {
            return Err(ControlError::VpcHasServices { names });
        }
        write.tx.delete_vpc(id, seen).await.map_err(|error| of_store(error, Missing::Vpc, ""))?;
        write.network::<Vpc>("vpc.delete", id.as_str(), Some(vpc), None).await?;
        write.commit().await
    }

    /// Names, of all accounts. Called inside a write: nobody else deploys anything meanwhile.
    fn services_in(&self, vpc: &VpcId) -> Vec<String> {
        let desired = self.desired();
        let inside = desired.services.values().filter(|service| service.vpc_id.as_ref() == Some(vpc));
        inside.map(|service| service.name.to_string()).collect()
    }
}

pub(super) fn found<'a>(all: &'a Inventory, id: &VpcId) -> Result<&'a Vpc, ControlError> {
    all.vpcs.get(id).ok_or(ControlError::NotFound { what: Missing::Vpc })
}
