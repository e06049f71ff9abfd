//! What is remembered of requests: records, counters, and their way to the console.

mod counters;
mod entry;
mod flight;
mod outbox;
mod stats;

pub use counters::Shards;
pub use entry::Entry;
pub use flight::Flight;
pub use outbox::Outbox;
pub use stats::{OfService, Stats};

use crossbeam_queue::ArrayQueue;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Records a worker can have waiting; collected four times a second.
const RING: usize = 16_384;

/// The bounded queue between a worker and the control thread. When it is full the oldest goes: a proxy that waits
/// for its log is worse than a gap in the log, and the gap is counted.
#[derive(Clone)]
pub struct Ring {
    entries: Arc<ArrayQueue<Entry>>,
    dropped: Arc<AtomicU64>,
}

impl Ring {
    pub fn new() -> Self {
        Self { entries: Arc::new(ArrayQueue::new(RING)), dropped: Arc::default() }
    }

    pub fn push(&self, entry: Entry) {
        if self.entries.force_push(entry).is_some() {
            self.dropped.fetch_add(1, Relaxed);
        }
    }

    pub fn pop(&self) -> Option<Entry> {
        self.entries.pop()
    }

    pub fn dropped(&self) -> u64 {
        self.dropped.load(Relaxed)
    }
}
