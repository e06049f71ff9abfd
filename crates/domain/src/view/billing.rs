//! Prices, orders and cost.

use crate::billing::{Line, Month, PriceList};
use crate::money::{Cents, Currency};
use crate::order::Order;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PricesView {
    pub currency: Currency,
    /// `None` while no list has begun.
    pub current: Option<PriceList>,
    /// Counts the lists; a new one names the one that its author saw.
    pub revision: i64,
    /// The one that begins last first.
    pub history: Vec<PriceHistory>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceHistory {
    pub list: PriceList,
    /// `None` where that is none of the reader's business, and for users who are gone.
    pub set_by: Option<String>,
    pub set_at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderView {
    pub order: Order,
    /// `None` for a gateway that was gone before there was billing.
    pub gateway_name: Option<String>,
    pub user_name: Option<String>,
    /// It bought the gateway; the others changed its size.
    pub is_first: bool,
}

/// A month's cost. Of the running month until now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostView {
    pub month: Month,
    pub now: DateTime<Utc>,
    pub currency: Currency,
    /// Prices were set at some time.
    pub has_prices: bool,
    pub lines: Vec<CostLine>,
    pub total: Cents,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostLine {
    pub line: Line,
    /// The last that it had.
    pub gateway_name: String,
    /// Of a VPC that still exists.
    pub vpc_name: Option<String>,
}

/// The newest month of a gateway that is paid in advance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionView {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub renews: bool,
    /// It has ended; what runs is paid as it goes since then.
    pub expired: bool,
}
