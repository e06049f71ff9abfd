//! Orders of fully managed gateways. Nothing charges a card.

use crate::gateway::ChargeType;
use crate::id::{GatewayId, OrderId, UserId};
use crate::spec::Spec;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    pub id: OrderId,
    pub gateway_id: GatewayId,
    pub spec: Spec,
    pub nodes: u32,
    pub charge: ChargeType,
    pub ordered_by: UserId,
    pub ordered_at: DateTime<Utc>,
}
