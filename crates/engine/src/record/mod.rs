//! What is remembered of requests: records, counters, and their way to the console.

mod counters;
mod entry;
mod flight;
mod observer;
mod outbox;
mod ring;
mod stats;

pub use counters::{LATENCY_BOUNDS, Shards};
pub use entry::{Entry, connection, connection_from, unread};
pub use flight::Flight;
pub use observer::Observer;
pub use outbox::Outbox;
pub use ring::{Ring, Rings};
pub use stats::{OfService, Stats};
