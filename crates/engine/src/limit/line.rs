//! How many wait, as the console is told.

use crate::record::Shards;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use tokio::sync::Notify;

#[derive(Default)]
pub struct Line {
    waiting: AtomicU64,
    /// Told when somebody waits where nobody did.
    first: Option<Arc<Notify>>,
}

/// One who waits, until it is dropped.
pub struct InLine<'l> {
    line: &'l Line,
    counters: &'l Shards,
}

impl Line {
    /// Who tells the console is woken by the first that waits.
    pub fn calling(first: Arc<Notify>) -> Self {
        Self { waiting: AtomicU64::new(0), first: Some(first) }
    }

    pub fn join<'l>(&'l self, counters: &'l Shards) -> InLine<'l> {
        let before = self.waiting.fetch_add(1, Relaxed);
        counters.touch();
        if before == 0
            && let Some(first) = &self.first
        {
            first.notify_one();
        }
        InLine { line: self, counters }
    }

    pub fn len(&self) -> u64 {
        self.waiting.load(Relaxed)
    }
}

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        self.line.waiting.fetch_sub(1, Relaxed);
        self.counters.touch();
    }
}
