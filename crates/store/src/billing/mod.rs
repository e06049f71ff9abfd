//! What billing remembers.

mod ledger;
mod prices;
mod spans;
mod subscriptions;
mod usage;

pub use prices::PriceListRow;
pub use spans::OpenSpan;
pub use usage::{Meter, MeterKey};
