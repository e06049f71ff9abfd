//! An interface that exists becomes a VPC: its network, with one vSwitch.

use crate::{Control, ControlError};
use domain::error::FieldErrors;
use domain::id::{VSwitchId, VpcId};
use domain::network::{HostAddress, VSwitch, VSwitchDraft, Vpc, VpcDraft};
use domain::role::Permission;
use domain::whitelist::parse_address;
use identity::{Principal, entropy};

impl Control {
    /// The vSwitch is in the first supported zone; both can be changed afterwards.
    pub async fn adopt_interface(
        &self,
        principal: &Principal,
        interface: &str,
        address: &str,
    ) -> Result<VpcId, ControlError> {
        self.authorize_operator(principal, Permission::ManageNetworks)?;
        let address = parse_address(address).map_err(|error| FieldErrors::one("blocks", error))?;
        let host = self.host_addresses();
        let is_it = |each: &&HostAddress| each.interface == interface && each.address == address;
        let gone = ControlError::NotFound { what: crate::Missing::Interface };
        let found = host.iter().find(is_it).ok_or(gone)?;
        let name: String = found.interface.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
        let network = format!("{}/{}", found.address, found.prefix);
        let mut write = self.write(principal).await?;
        let mut all = write.tx.inventory().await?;
        let (name, blocks) = all.check_vpc(&VpcDraft { name, blocks: network.clone() }, None)?;
        let region = self.installation().region.clone();
        let vpc = Vpc {
            id: VpcId::from_random(entropy::id()),
            account_id: principal.account_id.clone(),
            region: region.clone(),
            name,
            blocks,
            revision: 1,
        };
        all.vpcs.insert(vpc.id.clone(), vpc.clone());
        let zone = all.supported(&region).into_iter().next().unwrap_or_default();
        let draft = VSwitchDraft { name: vpc.name.clone(), zone, block: network };
        let (name, zone, block) = all.check_vswitch(&draft, &vpc, None)?;
        let id = VSwitchId::from_random(entropy::id());
        let vswitch = VSwitch { id, vpc_id: vpc.id.clone(), zone, name, block, revision: 1 };
        write.tx.insert_vpc(&vpc, &principal.workspace_id).await?;
        write.tx.insert_vswitch(&vswitch, &vpc, &principal.workspace_id).await?;
        write.network("vpc.adopt", vpc.id.as_str(), None, Some(&vpc)).await?;
        write.network("vswitch.create", vswitch.id.as_str(), None, Some(&vswitch)).await?;
        write.commit().await?;
        Ok(vpc.id)
    }
}
