//! What can be chosen for a new service.

use crate::{Control, ControlError};
use domain::alb::service_vpc;
use domain::gateway::Gateway;
use domain::id::VpcId;
use domain::network::{Inventory, Vpc};
use domain::role::Permission;
use domain::view::{DeployChoices, GatewayChoice, ServiceVpc, VSwitchChoice, VpcChoice};
use identity::{Principal, authorize};

impl Control {
    /// Gateways of the workspace with the VPCs that its account may link, and which of them do not go together.
    pub fn deploy_choices(&self, principal: &Principal) -> Result<DeployChoices, ControlError> {
        authorize(principal, Permission::Read)?;
        let desired = self.desired();
        let all = &desired.networks;
        let may = |vpc: &&Vpc| all.may_link(&vpc.id, &principal.account_id);
        let mut vpcs: Vec<&Vpc> = all.vpcs.values().filter(may).collect();
        vpcs.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        let own = desired.gateways.values().filter(|gateway| gateway.workspace_id == principal.workspace_id);
        let mut gateways: Vec<GatewayChoice> = own.map(|gateway| choice(gateway, &vpcs, all)).collect();
        gateways.sort_by(|a, b| b.is_default.cmp(&a.is_default).then_with(|| a.name.cmp(&b.name)));
        let shown = |vpc: &Vpc| VpcChoice {
            id: vpc.id.clone(),
            name: vpc.name.clone(),
            blocks: vpc.blocks.clone(),
            vswitches: vswitches(&vpc.id, all),
        };
        Ok(DeployChoices { gateways, vpcs: vpcs.into_iter().map(shown).collect() })
    }
}

fn choice(gateway: &Gateway, vpcs: &[&Vpc], all: &Inventory) -> GatewayChoice {
    let why_not = |vpc: &&Vpc| Some((vpc.id.clone(), service_vpc(gateway, Some(&vpc.id), all).err()?));
    GatewayChoice {
        id: gateway.id.clone(),
        name: gateway.name.clone(),
        kind: gateway.kind.clone(),
        is_default: gateway.is_default,
        vpc: gateway.alb_vpc().map(|id| named(id, all)),
        refused: vpcs.iter().filter_map(why_not).collect(),
    }
}

fn vswitches(vpc: &VpcId, all: &Inventory) -> Vec<VSwitchChoice> {
    let own = all.vswitches.values().filter(|vswitch| vswitch.vpc_id == *vpc);
    let shown = own.map(|vswitch| VSwitchChoice {
        id: vswitch.id.clone(),
        name: vswitch.name.clone(),
        zone: vswitch.zone.to_string(),
    });
    shown.collect()
}

pub(super) fn named(id: &VpcId, all: &Inventory) -> ServiceVpc {
    ServiceVpc { id: id.clone(), name: all.vpc_name(id) }
}
