//! What is remembered of requests: records, counters, and their way to the console.

mod counters;
mod entry;
mod flight;
mod measure;
mod observer;
mod outbox;
mod own;
mod recorder;
mod ring;
mod sides;
mod stats;

pub use counters::{LATENCY_BOUNDS, SeenTotals, Shards};
pub use entry::{connection, connection_from, stream};
pub use flight::Flight;
pub use observer::Observer;
pub use outbox::Outbox;
pub use own::OwnThreads;
pub use recorder::Recorder;
pub use ring::{Ring, Rings};
pub use sides::Side;
pub use stats::{OfService, Stats};
