//! What gateways cost: prices with a history, what runs by time, what is metered, and the lines that follow.
//!
//! All of it is counted in whole seconds and bytes. A line is rounded once, at its end, so the sum of the lines is the
//! total.

mod cost;
mod item;
mod month;
mod prices;
mod run;
mod subscription;
#[cfg(test)]
mod tests;

pub use cost::{Ledger, Line, UsageOf, lines};
pub use item::{Item, Unit};
pub use month::Month;
pub use prices::{PriceDraft, PriceList, Prices, Tariff};
pub use run::{Run, Span, runs};
pub use subscription::Period;

use chrono::{DateTime, Timelike, Utc};

/// Whole seconds, as everything is billed.
pub fn to_second(at: DateTime<Utc>) -> DateTime<Utc> {
    at.with_nanosecond(0).unwrap_or(at)
}

/// The hour that a moment is in.
pub fn to_hour(at: DateTime<Utc>) -> DateTime<Utc> {
    to_second(at).with_second(0).and_then(|at| at.with_minute(0)).unwrap_or(at)
}

/// Whole seconds from one moment to another; none where they are the other way round.
pub(crate) fn seconds(from: DateTime<Utc>, until: DateTime<Utc>) -> u64 {
    u64::try_from(to_second(until).timestamp() - to_second(from).timestamp()).unwrap_or(0)
}
