//! A gateway's access from inside a VPC.

use super::{Inventory, VSwitch};
use crate::error::{FieldErrors, Invalid};
use crate::id::{VSwitchId, VpcId};
use crate::whitelist::Whitelist;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// A VPC that reaches the gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcLink {
    pub vpc_id: VpcId,
    /// One per zone at most.
    pub vswitches: Vec<LinkedVSwitch>,
    /// Of this VPC only; starts as everyone.
    pub whitelist: Whitelist,
    /// The built-in DNS server answers for the gateway's names in this VPC. At most one link of a gateway.
    pub authoritative_dns: bool,
    /// VPCs whose clients reach these addresses, too: their networks are routed to this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub peers: Vec<VpcId>,
    pub linked_at: DateTime<Utc>,
}

/// Where the gateway listens in a vSwitch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LinkedVSwitch {
    pub vswitch_id: VSwitchId,
    pub address: IpAddr,
}

/// What somebody chose to link a VPC, or to change the link.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkDraft {
    pub vpc: String,
    pub vswitches: Vec<String>,
    pub authoritative_dns: bool,
}

impl LinkDraft {
    /// The VPC and its vSwitches. `reachable` are the VPCs that the gateway may link; `others` its other links.
    pub fn validate(
        &self,
        all: &Inventory,
        reachable: impl Fn(&VpcId) -> bool,
        others: &[VpcLink],
    ) -> Result<(VpcId, Vec<VSwitchId>), FieldErrors> {
        let mut errors = FieldErrors::default();
        let vpc = self.vpc.parse::<VpcId>().ok().filter(|id| all.vpcs.contains_key(id) && reachable(id));
        let free = vpc
            .ok_or(Invalid::Choice)
            .and_then(|id| if others.iter().any(|link| link.vpc_id == id) { Err(Invalid::VpcLinked) } else { Ok(id) });
        let Some(vpc) = errors.take("vpc", free) else { return Err(errors) };
        let chosen = errors.take("vswitches", self.check_vswitches(all, &vpc));
        if self.authoritative_dns
            && let Some(first) = others.iter().find(|link| link.authoritative_dns)
        {
            let vpc = all.vpcs.get(&first.vpc_id).map_or_else(|| first.vpc_id.to_string(), |vpc| vpc.name.clone());
            errors.push("authoritative_dns", Invalid::OneAuthoritativeDns { vpc });
        }
        errors.finish(chosen.map(|chosen| (vpc, chosen)))
    }

    fn check_vswitches(&self, all: &Inventory, vpc: &VpcId) -> Result<Vec<VSwitchId>, Invalid> {
        let (mut chosen, mut zones) = (Vec::new(), BTreeSet::new());
        for typed in self.vswitches.iter().filter(|typed| !typed.is_empty()) {
            let known = typed.parse::<VSwitchId>().ok().and_then(|id| all.vswitches.get(&id));
            let vswitch = known.filter(|vswitch| vswitch.vpc_id == *vpc).ok_or(Invalid::Choice)?;
            check_zone(all, vswitch)?;
            if !zones.insert(vswitch.zone.as_str()) {
                return Err(Invalid::OneVswitchPerZone { zone: vswitch.zone.clone() });
            }
            chosen.push(vswitch.id.clone());
        }
        if chosen.is_empty() { Err(Invalid::Required) } else { Ok(chosen) }
    }
}

/// Whether gateways can have addresses in this vSwitch's zone.
pub(super) fn check_zone(all: &Inventory, vswitch: &VSwitch) -> Result<(), Invalid> {
    match all.zones.get(&vswitch.zone) {
        Some((_, zone)) if zone.supported => Ok(()),
        found => {
            let region = found.map(|(region, _)| region.as_str());
            let of_vpc = || all.vpcs.get(&vswitch.vpc_id).map(|vpc| vpc.region.as_str());
            Err(Invalid::VswitchUnsupported {
                vswitch: vswitch.id.to_string(),
                zone: vswitch.zone.clone(),
                supported: all.supported(region.or_else(of_vpc).unwrap_or_default()).join(" "),
            })
        }
    }
}

impl VSwitch {
    /// Why a gateway cannot use it, if so.
    pub fn unsupported(&self, all: &Inventory) -> Option<Invalid> {
        check_zone(all, self).err()
    }
}
