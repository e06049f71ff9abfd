//! Months that are paid in advance.

use crate::id::GatewayId;
use chrono::{DateTime, Months, Utc};
use serde::{Deserialize, Serialize};

/// One month of a subscription, from the day of the order on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    pub gateway_id: GatewayId,
    /// When the first month of the row began: the day of the month that later ones begin on, where the month has it.
    pub anchor: DateTime<Utc>,
    /// From 0.
    pub number: u32,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

impl Period {
    pub fn first(gateway_id: GatewayId, anchor: DateTime<Utc>) -> Self {
        let until = months_after(anchor, 1);
        Self { gateway_id, anchor, number: 0, from: anchor, until }
    }

    /// The one that a renewal adds. It begins where this one ends.
    pub fn renewed(&self) -> Self {
        let number = self.number.saturating_add(1);
        Self {
            gateway_id: self.gateway_id.clone(),
            anchor: self.anchor,
            number,
            from: self.until,
            until: months_after(self.anchor, number.saturating_add(1)),
        }
    }
}

/// 31 January and a month is the last day of February, two months are 31 March.
fn months_after(anchor: DateTime<Utc>, months: u32) -> DateTime<Utc> {
    anchor.checked_add_months(Months::new(months)).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
