//! Regions, zones, VPCs and vSwitches: an operator's declaration of the networks that exist.

mod address;
mod inventory;
mod link;

pub use address::{HostAddress, first_free, usable};
pub use inventory::{Inventory, VSwitchDraft, VpcDraft, ZoneDraft};
pub use link::{LinkDraft, LinkedVSwitch, VpcLink};

use crate::cidr::Cidr;
use crate::id::{AccountId, VSwitchId, VpcId};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    pub id: String,
    pub zones: Vec<Zone>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    pub id: String,
    /// Whether gateways can have addresses in it.
    pub supported: bool,
}

/// A private network: address blocks that belong together, owned by one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vpc {
    pub id: VpcId,
    pub account_id: AccountId,
    pub region: String,
    pub name: String,
    pub blocks: Vec<Cidr>,
    /// Counts the writes; an edit names the one it saw.
    pub revision: i64,
}

/// One subnet of a VPC in one zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VSwitch {
    pub id: VSwitchId,
    pub vpc_id: VpcId,
    pub zone: String,
    pub name: String,
    pub block: Cidr,
    pub revision: i64,
}
