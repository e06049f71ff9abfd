//! The bounded queues between workers and the control thread. When one is full its oldest entry goes: a proxy that
//! waits for its log is worse than a gap in the log, and the gap is counted.

use super::Entry;
use crossbeam_queue::ArrayQueue;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Clone)]
pub struct Ring {
    entries: Arc<ArrayQueue<Entry>>,
    dropped: Arc<AtomicU64>,
}

impl Ring {
    pub fn push(&self, entry: Entry) {
        if self.entries.force_push(entry).is_some() {
            self.dropped.fetch_add(1, Relaxed);
        }
    }
}

/// All rings; they come and go with the workers.
#[derive(Clone, Default)]
pub struct Rings {
    all: Arc<Mutex<Vec<Arc<ArrayQueue<Entry>>>>>,
    dropped: Arc<AtomicU64>,
}

impl Rings {
    pub fn add(&self, capacity: usize) -> Ring {
        let entries = Arc::new(ArrayQueue::new(capacity));
        self.all.lock().unwrap_or_else(PoisonError::into_inner).push(entries.clone());
        Ring { entries, dropped: self.dropped.clone() }
    }

    /// Takes what is in them, one after the other.
    pub fn empty(&self, mut take: impl FnMut(Entry)) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|entries| {
            // Asked before it is emptied: nothing comes behind that.
            let is_used = Arc::strong_count(entries) > 1;
            while let Some(entry) = entries.pop() {
                take(entry);
            }
            is_used
        });
    }

    /// Entries that did not fit since the engine was started.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Relaxed)
    }
}
