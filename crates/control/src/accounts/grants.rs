//! Letting another account's gateways be reached from a VPC, and taking that back.

use crate::{Control, ControlError, Missing};
use domain::error::{FieldErrors, Invalid};
use domain::id::{AccountId, VpcId};
use domain::network::Vpc;
use domain::role::Permission;
use identity::{Principal, authorize};
use serde::Serialize;

/// What the audit says of it.
#[derive(Serialize)]
struct Grant<'a> {
    vpc: &'a VpcId,
    account: &'a AccountId,
}

impl Control {
    /// Granting twice is granting once.
    pub async fn grant_vpc(&self, principal: &Principal, vpc: &VpcId, account: &str) -> Result<(), ControlError> {
        authorize(principal, Permission::ManageNetworks)?;
        let mut write = self.write(principal).await?;
        let all = write.tx.inventory().await?;
        let vpc = self.granted_by(&all.vpcs, vpc, principal)?;
        let account = account.trim();
        let parsed: AccountId = account.parse().map_err(|error| FieldErrors::one("account", error))?;
        if parsed == vpc.account_id {
            return Err(FieldErrors::one("account", Invalid::OwnAccount).into());
        }
        // Whoever has the id was told it; others learn nothing from trying.
        if !all.accounts.contains_key(&parsed) {
            return Err(FieldErrors::one("account", Invalid::NoSuchAccount { id: parsed.to_string() }).into());
        }
        if all.grants.get(&vpc.id).is_some_and(|granted| granted.contains(&parsed)) {
            return Ok(());
        }
        write.tx.grant_vpc(&vpc.id, &parsed, &principal.workspace_id, &principal.user_id, write.now).await?;
        let grant = Grant { vpc: &vpc.id, account: &parsed };
        write.network("vpc.grant", vpc.id.as_str(), None, Some(&grant)).await?;
        write.commit().await
    }

    /// Links that are there stay and are served no more, until it is granted again.
    pub async fn revoke_vpc(
        &self,
        principal: &Principal,
        vpc: &VpcId,
        account: &AccountId,
    ) -> Result<(), ControlError> {
        authorize(principal, Permission::ManageNetworks)?;
        let mut write = self.write(principal).await?;
        let all = write.tx.inventory().await?;
        let vpc = self.granted_by(&all.vpcs, vpc, principal)?;
        if !all.grants.get(&vpc.id).is_some_and(|granted| granted.contains(account)) {
            return Ok(());
        }
        write.tx.revoke_vpc(&vpc.id, account).await?;
        let grant = Grant { vpc: &vpc.id, account };
        write.network("vpc.revoke", vpc.id.as_str(), Some(&grant), None).await?;
        write.commit().await
    }

    /// The VPC, for its owner's administrators and the operator's.
    fn granted_by<'a>(
        &self,
        vpcs: &'a std::collections::BTreeMap<VpcId, Vpc>,
        id: &VpcId,
        principal: &Principal,
    ) -> Result<&'a Vpc, ControlError> {
        let may = |vpc: &&Vpc| vpc.account_id == principal.account_id || self.operates(principal);
        vpcs.get(id).filter(may).ok_or(ControlError::NotFound { what: Missing::Vpc })
    }
}
