//! What costs by the time that it is there.

use super::Item;
use crate::gateway::{Gateway, GatewayKind};
use crate::id::GatewayId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Run {
    pub item: Item,
    /// What it is of: a specification, a VPC, an instance.
    pub detail: String,
    /// How many of them.
    pub quantity: u64,
}

/// A run from when to when; `until` is `None` while it goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub gateway_id: GatewayId,
    pub run: Run,
    pub from: DateTime<Utc>,
    pub until: Option<DateTime<Utc>>,
}

/// All that this gateway costs by time as it is, each with the moment from which it is known to be there.
pub fn runs(gateway: &Gateway) -> Vec<(Run, DateTime<Utc>)> {
    let mut all = Vec::new();
    if let GatewayKind::FullyManaged { spec, nodes, .. } = &gateway.kind {
        let run = Run { item: Item::Nodes, detail: spec.as_str().into(), quantity: u64::from(*nodes) };
        all.push((run, gateway.created_at));
    }
    if let Some(alb) = &gateway.alb {
        let run = Run { item: Item::AlbInstance, detail: alb.id.to_string(), quantity: 1 };
        all.push((run, alb.created_at));
    }
    for link in &gateway.vpcs {
        let run = Run { item: Item::VpcLink, detail: link.vpc_id.to_string(), quantity: 1 };
        all.push((run, link.linked_at));
    }
    all
}
