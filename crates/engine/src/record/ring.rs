//! The bounded queues between workers and the control thread. When one is full its oldest records go: a proxy that
//! waits for its log is worse than a gap in the log, and the gap is counted.

use crossbeam_queue::ArrayQueue;
use link::records::Packed;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

#[derive(Clone)]
pub struct Ring {
    packs: Arc<ArrayQueue<Packed>>,
    dropped: Arc<AtomicU64>,
    filled: Arc<Notify>,
}

impl Ring {
    /// A pack that is as large as packs get: more will follow, and they are not to be collected all at once.
    pub fn push_full(&self, packed: Packed) {
        self.push(packed);
        self.filled.notify_one();
    }

    pub fn push(&self, packed: Packed) {
        if let Some(oldest) = self.packs.force_push(packed) {
            self.dropped.fetch_add(oldest.count(), Relaxed);
        }
    }
}

/// All rings; they come and go with the workers.
#[derive(Clone, Default)]
pub struct Rings {
    all: Arc<Mutex<Vec<Arc<ArrayQueue<Packed>>>>>,
    dropped: Arc<AtomicU64>,
    filled: Arc<Notify>,
}

impl Rings {
    /// Told of each full pack.
    pub fn filled(&self) -> Arc<Notify> {
        self.filled.clone()
    }

    pub fn add(&self, capacity: usize) -> Ring {
        let packs = Arc::new(ArrayQueue::new(capacity));
        self.all.lock().unwrap_or_else(PoisonError::into_inner).push(packs.clone());
        Ring { packs, dropped: self.dropped.clone(), filled: self.filled.clone() }
    }

    /// Takes what is in them, one after the other.
    pub fn empty(&self, mut take: impl FnMut(Packed)) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|packs| {
            // Asked before it is emptied: nothing comes behind that.
            let is_used = Arc::strong_count(packs) > 1;
            while let Some(packed) = packs.pop() {
                take(packed);
            }
            is_used
        });
    }

    /// What was taken out and could not be told.
    pub fn give_up(&self, count: u64) {
        self.dropped.fetch_add(count, Relaxed);
    }

    /// Records that were lost since the engine was started.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Recorder;

    #[test]
    fn the_oldest_go_first_and_are_counted() {
        let rings = Rings::default();
        let ring = rings.add(2);
        let recorder = Recorder::new(ring.clone());
        for (number, times) in [(1, 3), (2, 1), (3, 2)] {
            for _ in 0..times {
                recorder.push(&crate::record::entry::blank(number));
            }
            recorder.flush();
        }
        let mut left = Vec::new();
        rings.empty(|packed| left.extend(packed.iter().map(|record| record.status)));
        assert_eq!((left, rings.dropped()), (vec![2, 3, 3], 3));
    }
}
