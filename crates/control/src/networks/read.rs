//! The inventory as the console shows it, with what engines see of it.

use crate::{Control, ControlError, Missing};
use domain::gateway::Gateway;
use domain::id::{GatewayId, VSwitchId, VpcId};
use domain::name::GatewayName;
use domain::network::{HostAddress, Inventory, VSwitch, Vpc};
use domain::role::Permission;
use domain::view::{NetworksView, VSwitchView, VpcView};
use identity::{Principal, authorize};
use std::collections::BTreeSet;

impl Control {
    pub fn networks(&self, principal: &Principal) -> Result<NetworksView, ControlError> {
        authorize(principal, Permission::Read)?;
        let all = self.desired().networks.clone();
        let region = self.installation().region.clone();
        let host = self.host_addresses();
        let of_region = all.zones.values().filter(|(of, _)| *of == region);
        let zones = of_region.map(|(_, zone)| zone.clone()).collect();
        let mut vpcs: Vec<VpcView> = all
            .vpcs
            .values()
            .filter(|vpc| self.operates(principal) || all.may_link(&vpc.id, &principal.account_id))
            .map(|vpc| self.vpc_view(vpc, &all, principal, &host))
            .collect();
        vpcs.sort_by(|a, b| a.vpc.name.cmp(&b.vpc.name).then_with(|| a.vpc.id.cmp(&b.vpc.id)));
        let is_inside = |each: &HostAddress| {
            all.vpcs.values().any(|vpc| vpc.blocks.iter().any(|block| block.contains(each.address)))
        };
        let is_one = |each: &&HostAddress| !each.address.is_loopback() && !each.is_link_local() && !is_inside(each);
        // What else the machine has is its operator's business.
        let elsewhere = host.iter().filter(|each| self.operates(principal) && is_one(each)).cloned().collect();
        let mut accounts: Vec<_> = all.accounts.values().filter(|_| self.operates(principal)).cloned().collect();
        accounts.sort_by_key(|account| account.id != principal.account_id);
        Ok(NetworksView { region, zones, accounts, vpcs, elsewhere })
    }

    /// One of them, with all zones of the region.
    pub fn vpc_with_zones(&self, principal: &Principal, id: &VpcId) -> Result<(VpcView, Vec<String>), ControlError> {
        let NetworksView { zones, vpcs, .. } = self.networks(principal)?;
        let found = vpcs.into_iter().find(|each| each.vpc.id == *id);
        let found = found.ok_or(ControlError::NotFound { what: Missing::Vpc })?;
        Ok((found, zones.into_iter().map(|zone| zone.id).collect()))
    }

    /// VPCs that this gateway may link or has linked.
    pub fn linkable(&self, principal: &Principal, id: &GatewayId) -> Result<Vec<VpcView>, ControlError> {
        authorize(principal, Permission::Read)?;
        let gateway = self.find_gateway(principal, id)?;
        let all = self.desired().networks.clone();
        let host = self.host_addresses();
        let may = |vpc: &&Vpc| all.may_link(&vpc.id, &gateway.account_id);
        let mut vpcs: Vec<VpcView> =
            all.vpcs.values().filter(may).map(|vpc| self.vpc_view(vpc, &all, principal, &host)).collect();
        vpcs.sort_by(|a, b| a.vpc.name.cmp(&b.vpc.name));
        Ok(vpcs)
    }

    /// Of all engines' hosts, each once.
    pub(crate) fn host_addresses(&self) -> Vec<HostAddress> {
        let observed = self.observed();
        let connected = observed.engines.values().filter(|engine| engine.connected);
        let all: BTreeSet<HostAddress> = connected.flat_map(|engine| engine.addresses.iter().cloned()).collect();
        all.into_iter().collect()
    }

    pub(crate) fn vpc_view(&self, vpc: &Vpc, all: &Inventory, principal: &Principal, host: &[HostAddress]) -> VpcView {
        let mut vswitches: Vec<VSwitchView> =
            all.vswitches_of(&vpc.id).map(|vswitch| self.vswitch(vswitch, all, principal, host)).collect();
        vswitches.sort_by(|a, b| (&a.vswitch.zone, &a.vswitch.name).cmp(&(&b.vswitch.zone, &b.vswitch.name)));
        let is_foreign = vpc.account_id != principal.account_id;
        let granted = all.grants.get(&vpc.id).into_iter().flatten().filter_map(|id| all.accounts.get(id));
        VpcView {
            vpc: vpc.clone(),
            owner: all.accounts.get(&vpc.account_id).map(|owner| owner.name.clone()).unwrap_or_default(),
            is_foreign,
            granted: granted.filter(|_| !is_foreign || self.operates(principal)).cloned().collect(),
            vswitches,
            gateways: self.linked(principal, |(of, _)| *of == vpc.id),
        }
    }

    fn vswitch(&self, vswitch: &VSwitch, all: &Inventory, principal: &Principal, host: &[HostAddress]) -> VSwitchView {
        let network = vswitch.block.network();
        let serves_all = |each: &&HostAddress| each.serves(network.addr()) && each.serves(network.broadcast());
        let is_loopback = host.iter().filter(|each| each.address.is_loopback()).any(|each| serves_all(&each));
        let region = all.vpcs.get(&vswitch.vpc_id).map_or("", |vpc| vpc.region.as_str());
        VSwitchView {
            vswitch: vswitch.clone(),
            addresses: host.iter().filter(|each| vswitch.block.contains(each.address)).cloned().collect(),
            is_loopback,
            unsupported: vswitch.unsupported(all).map(|_| all.supported(region)),
            gateways: self.linked(principal, |(_, id)| *id == vswitch.id),
        }
    }

    /// The workspace's gateways that need such a vSwitch.
    fn linked(
        &self,
        principal: &Principal,
        is_it: impl Fn((&VpcId, &VSwitchId)) -> bool,
    ) -> Vec<(GatewayId, GatewayName)> {
        let desired = self.desired();
        let own = desired.gateways.values().filter(|gateway| gateway.workspace_id == principal.workspace_id);
        let linked = own.filter(|gateway: &&std::sync::Arc<Gateway>| gateway.places().any(&is_it));
        linked.map(|gateway| (gateway.id.clone(), gateway.name.clone())).collect()
    }
}
