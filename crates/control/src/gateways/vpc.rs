//! Linking VPCs to a gateway: the listeners inside them, and who of them may come in.

use crate::{Control, ControlError, Missing};
use domain::alb::Access;
use domain::error::{FieldErrors, Invalid};
use domain::gateway::Gateway;
use domain::id::{GatewayId, VSwitchId, VpcId};
use domain::network::{Inventory, LinkDraft, LinkedVSwitch, VpcLink, first_free, usable};
use domain::whitelist::Whitelist;
use identity::Principal;
use std::collections::BTreeSet;
use std::net::IpAddr;

impl Control {
    pub async fn link_vpc(
        &self,
        principal: &Principal,
        id: &GatewayId,
        seen: i64,
        draft: &LinkDraft,
    ) -> Result<(), ControlError> {
        let mut edit = self.edit_gateway(principal, id, seen).await?;
        let all = edit.write.tx.inventory().await?;
        let (vpc_id, chosen) =
            draft.validate(&all, |vpc| all.may_link(vpc, &edit.after.account_id), &edit.after.vpcs)?;
        self.check_alb(&edit.after, Access::Vpc, &vpc_id, &all).await?;
        let vswitches = self.place(&all, &edit.after, chosen, &[])?;
        let blocks = all.vpcs.get(&vpc_id).map(|vpc| vpc.blocks.as_slice()).unwrap_or_default();
        edit.after.vpcs.push(VpcLink {
            whitelist: Whitelist::everyone_of(blocks),
            vpc_id,
            vswitches,
            authoritative_dns: draft.authoritative_dns,
            peers: Vec::new(),
            linked_at: edit.write.now,
        });
        edit.settle_alb().await?;
        edit.save("gateway.vpc.link").await
    }

    /// Other vSwitches of the same VPC, or DNS on or off. What stays keeps its address and its connections.
    pub async fn edit_vpc_link(
        &self,
        principal: &Principal,
        id: &GatewayId,
        seen: i64,
        draft: &LinkDraft,
    ) -> Result<(), ControlError> {
        let mut edit = self.edit_gateway(principal, id, seen).await?;
        let all = edit.write.tx.inventory().await?;
        let vpc = draft.vpc.parse().map_err(|error| FieldErrors::one("vpc", error))?;
        let at = position(&edit.after, &vpc)?;
        let others: Vec<VpcLink> = edit.after.vpcs.iter().filter(|link| link.vpc_id != vpc).cloned().collect();
        let (_, chosen) = draft.validate(&all, |vpc| all.may_link(vpc, &edit.after.account_id), &others)?;
        let before = edit.after.vpcs[at].vswitches.clone();
        let vswitches = self.place(&all, &edit.after, chosen, &before)?;
        edit.after.vpcs[at].vswitches = vswitches;
        // Its peers must not come to others by an address that it shares.
        if !edit.after.vpcs[at].peers.is_empty()
            && let Some(shared) = self.shared(&edit.after, at, &all)
        {
            return Err(FieldErrors::one("vswitches", shared).into());
        }
        edit.after.vpcs[at].authoritative_dns = draft.authoritative_dns;
        edit.save("gateway.vpc.edit").await
    }

    pub async fn unlink_vpc(
        &self,
        principal: &Principal,
        id: &GatewayId,
        seen: i64,
        vpc: &VpcId,
    ) -> Result<(), ControlError> {
        let mut edit = self.edit_gateway(principal, id, seen).await?;
        let at = position(&edit.after, vpc)?;
        edit.after.vpcs.remove(at);
        edit.settle_alb().await?;
        edit.save("gateway.vpc.unlink").await
    }

    /// An address in each vSwitch: the one that the gateway has there already, else a free one.
    fn place(
        &self,
        all: &Inventory,
        gateway: &Gateway,
        chosen: Vec<VSwitchId>,
        before: &[LinkedVSwitch],
    ) -> Result<Vec<LinkedVSwitch>, FieldErrors> {
        let desired = self.desired();
        let others = || desired.gateways.values().filter(|other| other.id != gateway.id).flat_map(|other| &other.vpcs);
        let addresses = |link: &VpcLink| link.vswitches.iter().map(|vswitch| vswitch.address).collect::<Vec<_>>();
        let taken: BTreeSet<IpAddr> = others().flat_map(addresses).collect();
        // A peer of another gateway would reach this one there.
        let alone: BTreeSet<IpAddr> = others().filter(|link| !link.peers.is_empty()).flat_map(addresses).collect();
        let observed = self.observed();
        let host: Vec<_> = observed.engines.values().flat_map(|engine| &engine.addresses).collect();
        let mut placed = Vec::with_capacity(chosen.len());
        for vswitch_id in chosen {
            if let Some(same) = before.iter().find(|linked| linked.vswitch_id == vswitch_id) {
                placed.push(same.clone());
                continue;
            }
            let Some(vswitch) = all.vswitches.get(&vswitch_id) else { continue };
            let mut usable = usable(vswitch.block, host.iter().copied());
            usable.retain(|address| !alone.contains(address));
            let found = first_free(&usable, &taken);
            let none = || FieldErrors::one("vswitches", Invalid::NoAddressIn { block: vswitch.block.to_string() });
            placed.push(LinkedVSwitch { vswitch_id, address: found.ok_or_else(none)? });
        }
        placed.sort();
        Ok(placed)
    }
}

pub(super) fn position(gateway: &Gateway, vpc: &VpcId) -> Result<usize, ControlError> {
    let at = gateway.vpcs.iter().position(|link| link.vpc_id == *vpc);
    at.ok_or(ControlError::NotFound { what: Missing::VpcLink })
}
