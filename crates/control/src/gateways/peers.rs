//! VPCs whose clients reach a gateway through the VPC that it is linked to.

use super::vpc::position;
use crate::{Control, ControlError};
use domain::error::{FieldErrors, Invalid};
use domain::gateway::{Gateway, GatewayKind};
use domain::id::{GatewayId, VpcId};
use domain::network::Inventory;
use identity::Principal;
use std::net::IpAddr;

impl Control {
    /// All peers of this link, which replace those it has.
    pub async fn set_peers(
        &self,
        principal: &Principal,
        id: &GatewayId,
        seen: i64,
        vpc: &VpcId,
        typed: &[String],
    ) -> Result<(), ControlError> {
        let mut edit = self.edit_gateway(principal, id, seen).await?;
        let all = edit.write.tx.inventory().await?;
        let at = position(&edit.after, vpc)?;
        let mut peers = Vec::with_capacity(typed.len());
        for each in typed.iter().filter(|each| !each.is_empty()) {
            // An ALB gateway has nothing to do with other accounts' networks.
            let is_own = |peer: &VpcId| all.vpcs.get(peer).is_some_and(|peer| peer.account_id == edit.after.account_id);
            let may = |peer: &VpcId| {
                let allowed = edit.after.kind != GatewayKind::Alb || is_own(peer);
                peer != vpc && allowed && all.may_link(peer, &edit.after.account_id)
            };
            let peer = each.parse::<VpcId>().ok().filter(may);
            peers.push(peer.ok_or(Invalid::Choice).map_err(|error| FieldErrors::one("peers", error))?);
        }
        peers.sort();
        peers.dedup();
        if !peers.is_empty()
            && let Some(shared) = self.shared(&edit.after, at, &all)
        {
            return Err(FieldErrors::one("peers", shared).into());
        }
        edit.after.vpcs[at].peers = peers;
        edit.save("gateway.vpc.peers").await
    }

    /// An address of the link that other gateways have as well, if there is one.
    pub(super) fn shared(&self, gateway: &Gateway, at: usize, all: &Inventory) -> Option<Invalid> {
        let desired = self.desired();
        let link = gateway.vpcs.get(at)?;
        let has = |address: IpAddr| {
            let others = desired.gateways.values().filter(|other| other.id != gateway.id);
            others.flat_map(|other| &other.vpcs).flat_map(|link| &link.vswitches).any(|each| each.address == address)
        };
        let shared = link.vswitches.iter().find(|each| has(each.address))?;
        let block = all.vswitches.get(&shared.vswitch_id).map(|vswitch| vswitch.block.to_string()).unwrap_or_default();
        Some(Invalid::PeerOfShared { address: shared.address.to_string(), block })
    }
}
