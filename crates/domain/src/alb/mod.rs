//! ALB gateways: the instance behind them, where its accesses are, and what it consumes.

mod access;
mod service;
mod units;

pub use access::{Access, EVERYONE, PublicDraft, check_vpc};
pub use service::service_vpc;
pub use units::{Load, Units};

use crate::gateway::{Gateway, GatewayKind};
use crate::id::{AlbId, VSwitchId, VpcId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What serves an ALB gateway: made with its first network access, gone with its last one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlbInstance {
    pub id: AlbId,
    /// Of the public access, while that is enabled. The gateway's VPC link says where the private one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public: Option<PublicZones>,
    pub created_at: DateTime<Utc>,
}

/// Where public access was put. Clients come through the installation's public addresses; the VPC says which network
/// the gateway belongs to, and so which services it may serve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicZones {
    pub vpc_id: VpcId,
    /// One per zone at most, in the order of their ids.
    pub vswitches: Vec<VSwitchId>,
}

impl Gateway {
    /// Whether somebody can reach it, from outside or from a VPC.
    pub fn has_access(&self) -> bool {
        self.internet.enabled || !self.vpcs.is_empty()
    }

    /// The VPC in which an ALB gateway has its accesses; `None` for one without, and for other kinds of gateways.
    pub fn alb_vpc(&self) -> Option<&VpcId> {
        if self.kind != GatewayKind::Alb {
            return None;
        }
        [Access::Vpc, Access::Internet].into_iter().find_map(|access| access.of(self))
    }

    /// The vSwitches that it needs, with their VPCs: those of its links, and those of an ALB's public access.
    pub fn places(&self) -> impl Iterator<Item = (&VpcId, &VSwitchId)> {
        let links = self.vpcs.iter().flat_map(|link| {
            let vpc = &link.vpc_id;
            link.vswitches.iter().map(move |linked| (vpc, &linked.vswitch_id))
        });
        let public = self.alb.iter().filter_map(|alb| alb.public.as_ref());
        links.chain(public.flat_map(|zones| zones.vswitches.iter().map(|vswitch| (&zones.vpc_id, vswitch))))
    }
}
