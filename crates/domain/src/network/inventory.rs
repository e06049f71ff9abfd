//! All networks together, and what has to hold between them.

use super::{VSwitch, Vpc, Zone};
use crate::account::Account;
use crate::cidr::Cidr;
use crate::error::{FieldErrors, Invalid};
use crate::id::{AccountId, VSwitchId, VpcId};
use crate::name::GatewayName;
use crate::whitelist::parse_blocks;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    /// With the region each is in.
    pub zones: BTreeMap<String, (String, Zone)>,
    pub vpcs: BTreeMap<VpcId, Vpc>,
    pub vswitches: BTreeMap<VSwitchId, VSwitch>,
    pub accounts: BTreeMap<AccountId, Account>,
    /// Accounts besides its own that may link a VPC.
    pub grants: BTreeMap<VpcId, BTreeSet<AccountId>>,
}

/// What somebody typed to declare or change a VPC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcDraft {
    pub name: String,
    /// Separated by commas or line feeds.
    pub blocks: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VSwitchDraft {
    pub name: String,
    pub zone: String,
    pub block: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneDraft {
    pub id: String,
}

fn name(typed: &str) -> Result<String, Invalid> {
    GatewayName::parse(typed.trim()).map(|name| name.to_string())
}

fn overlap(block: &Cidr, other: &Cidr, of: &str) -> Invalid {
    Invalid::BlockOverlaps { block: block.to_string(), other: other.to_string(), of: of.to_owned() }
}

impl Inventory {
    /// Whether gateways of this account may be reached from the VPC: its own ones, and those it was granted to.
    pub fn may_link(&self, vpc: &VpcId, account: &AccountId) -> bool {
        let granted = || self.grants.get(vpc).is_some_and(|granted| granted.contains(account));
        self.vpcs.get(vpc).is_some_and(|vpc| vpc.account_id == *account || granted())
    }

    /// What people call it; its id when it is not there any more.
    pub fn vpc_name(&self, id: &VpcId) -> String {
        self.vpcs.get(id).map_or_else(|| id.to_string(), |vpc| vpc.name.clone())
    }

    pub fn vswitches_of(&self, vpc: &VpcId) -> impl Iterator<Item = &VSwitch> {
        self.vswitches.values().filter(move |vswitch| vswitch.vpc_id == *vpc)
    }

    /// Names of the zones of a region in which gateways can have addresses.
    pub fn supported(&self, region: &str) -> Vec<String> {
        let of_region = self.zones.values().filter(|(of, zone)| of == region && zone.supported);
        of_region.map(|(_, zone)| zone.id.clone()).collect()
    }

    /// A VPC's name and blocks. `of` is the VPC that is changed: what is its own does not stand in its way, but its
    /// vSwitches must still be inside.
    pub fn check_vpc(&self, draft: &VpcDraft, of: Option<&VpcId>) -> Result<(String, Vec<Cidr>), FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.take("name", name(&draft.name));
        let blocks =
            errors.take("blocks", parse_blocks(&draft.blocks).and_then(|blocks| self.check_blocks(blocks, of)));
        errors.finish(name.zip(blocks))
    }

    fn check_blocks(&self, blocks: Vec<Cidr>, of: Option<&VpcId>) -> Result<Vec<Cidr>, Invalid> {
        for (at, block) in blocks.iter().enumerate() {
            if block.is_everyone() {
                return Err(Invalid::BlockIsEverything { block: block.to_string() });
            }
            if let Some(other) = blocks.iter().take(at).find(|other| block.overlaps(other)) {
                return Err(overlap(block, other, ""));
            }
            for vpc in self.vpcs.values().filter(|vpc| Some(&vpc.id) != of) {
                if let Some(other) = vpc.blocks.iter().find(|other| block.overlaps(other)) {
                    return Err(overlap(block, other, &vpc.name));
                }
            }
        }
        let of_it = of.into_iter().flat_map(|vpc| self.vswitches_of(vpc));
        for vswitch in of_it {
            if !blocks.iter().any(|block| block.contains_block(&vswitch.block)) {
                return Err(Invalid::BlockCutsOff { block: vswitch.block.to_string(), name: vswitch.name.clone() });
            }
        }
        Ok(blocks)
    }

    /// A vSwitch's name, zone and block, for this VPC. `of` is the vSwitch that is changed.
    pub fn check_vswitch(
        &self,
        draft: &VSwitchDraft,
        vpc: &Vpc,
        of: Option<&VSwitchId>,
    ) -> Result<(String, String, Cidr), FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.take("name", name(&draft.name));
        let zone = self.zones.get(&draft.zone).filter(|(region, _)| *region == vpc.region);
        let zone = errors.take("zone", zone.map(|(_, zone)| zone.id.clone()).ok_or(Invalid::Choice));
        let block = if draft.block.trim().is_empty() { Err(Invalid::Required) } else { Cidr::parse(&draft.block) };
        let block = errors.take("block", block.and_then(|block| self.check_subnet(block, vpc, of)));
        errors.finish(name.zip(zone).zip(block).map(|((name, zone), block)| (name, zone, block)))
    }

    fn check_subnet(&self, block: Cidr, vpc: &Vpc, of: Option<&VSwitchId>) -> Result<Cidr, Invalid> {
        if !vpc.blocks.iter().any(|outer| outer.contains_block(&block)) {
            let blocks = vpc.blocks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            return Err(Invalid::BlockOutside { block: block.to_string(), blocks });
        }
        let mut others = self.vswitches_of(&vpc.id).filter(|vswitch| Some(&vswitch.id) != of);
        match others.find(|other| other.block.overlaps(&block)) {
            Some(other) => Err(overlap(&block, &other.block, &other.name)),
            None => Ok(block),
        }
    }

    /// A new zone's name.
    pub fn check_zone(&self, draft: &ZoneDraft) -> Result<String, FieldErrors> {
        let typed = draft.id.trim();
        let known = |id: String| {
            if self.zones.contains_key(&id) { Err(Invalid::NameTaken { name: id }) } else { Ok(id) }
        };
        name(typed).and_then(known).map_err(|error| FieldErrors::one("zone", error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{AccountId, RANDOM_LEN};

    fn inventory() -> Inventory {
        let zone = |id: &str, supported| (id.to_owned(), ("local".to_owned(), Zone { id: id.into(), supported }));
        let vpc = Vpc {
            id: VpcId::from_random([1; RANDOM_LEN]),
            account_id: AccountId::from_random([1; RANDOM_LEN]),
            region: "local".into(),
            name: "one".into(),
            blocks: vec![Cidr::parse("10.1.0.0/16").expect("block")],
            revision: 1,
        };
        let vswitch = VSwitch {
            id: VSwitchId::from_random([1; RANDOM_LEN]),
            vpc_id: vpc.id.clone(),
            zone: "a".into(),
            name: "first".into(),
            block: Cidr::parse("10.1.1.0/24").expect("block"),
            revision: 1,
        };
        Inventory {
            zones: [zone("a", true), zone("b", false)].into(),
            vpcs: [(vpc.id.clone(), vpc)].into(),
            vswitches: [(vswitch.id.clone(), vswitch)].into(),
            ..Inventory::default()
        }
    }

    fn vpc(blocks: &str, of: bool) -> Result<Vec<Cidr>, Invalid> {
        let all = inventory();
        let draft = VpcDraft { name: "two".into(), blocks: blocks.into() };
        let of = all.vpcs.keys().next().filter(|_| of);
        all.check_vpc(&draft, of).map(|(_, blocks)| blocks).map_err(|errors| errors.0[0].error.clone())
    }

    #[test]
    fn blocks_of_vpcs() {
        assert_eq!(vpc("10.2.0.7/16, fd00::/64", false).map(|blocks| blocks.len()), Ok(2));
        for (blocks, code) in [
            ("10.1.128.0/17", "block_overlaps"),
            ("10.2.0.0/16\n10.2.3.0/24", "block_overlaps"),
            ("0.0.0.0/0", "block_is_everything"),
            ("::/0", "block_is_everything"),
            ("10.2.0.0/33", "cidr"),
            ("", "required"),
        ] {
            assert_eq!(vpc(blocks, false).map_err(|error| error.code()), Err(code.into()), "{blocks}");
        }
        // A change of its own: the vSwitch has to stay inside.
        assert!(vpc("10.1.0.0/20", true).is_ok());
        assert_eq!(vpc("10.1.128.0/17", true).map_err(|error| error.code()), Err("block_cuts_off".into()));
    }

    #[test]
    fn vswitches() {
        let all = inventory();
        let vpc = all.vpcs.values().next().expect("a VPC");
        let check = |zone: &str, block: &str, of: Option<&VSwitchId>| {
            let draft = VSwitchDraft { name: "x".into(), zone: zone.into(), block: block.into() };
            all.check_vswitch(&draft, vpc, of)
                .map(|(.., block)| block.to_string())
                .map_err(|errors| errors.0[0].error.code())
        };
        assert_eq!(check("b", "10.1.2.9/24", None), Ok("10.1.2.0/24".into()));
        assert_eq!(check("z", "10.1.2.0/24", None), Err("choice".into()));
        assert_eq!(check("b", "10.2.2.0/24", None), Err("block_outside".into()));
        assert_eq!(check("b", "10.1.0.0/16", None), Err("block_overlaps".into()));
        assert_eq!(check("b", " ", None), Err("required".into()));
        assert_eq!(check("b", "10.1.0.0/16", all.vswitches.keys().next()), Ok("10.1.0.0/16".into()));
        assert_eq!(all.supported("local"), ["a"]);
    }

    #[test]
    fn who_may_link_a_vpc() {
        let mut all = inventory();
        let vpc = all.vpcs.keys().next().expect("a VPC").clone();
        let (own, other) = (AccountId::from_random([1; RANDOM_LEN]), AccountId::from_random([2; RANDOM_LEN]));
        assert!(all.may_link(&vpc, &own) && !all.may_link(&vpc, &other));
        all.grants.entry(vpc.clone()).or_default().insert(other.clone());
        assert!(all.may_link(&vpc, &other));
        all.vpcs.clear();
        assert!(!all.may_link(&vpc, &other) && !all.may_link(&vpc, &own));
    }
}
