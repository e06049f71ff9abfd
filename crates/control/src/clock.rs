//! The one place that reads the time, and counts what has no better name.

use chrono::{DateTime, Utc};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// What use cases ask for the time: the system, or a hand that a test moves.
#[derive(Clone, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// Stands where [`Clock::set`] puts it.
    pub fn by_hand(at: DateTime<Utc>) -> Self {
        Self(Some(Arc::new(AtomicI64::new(at.timestamp_micros()))))
    }

    /// Of no effect on the system's.
    pub fn set(&self, at: DateTime<Utc>) {
        if let Some(hand) = &self.0 {
            hand.store(at.timestamp_micros(), Ordering::SeqCst);
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        let by_hand = |hand: &Arc<AtomicI64>| DateTime::from_timestamp_micros(hand.load(Ordering::SeqCst));
        self.0.as_ref().and_then(by_hand).unwrap_or_else(now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

/// In microseconds, as the store keeps it, so that what was written equals what is read.
pub fn now() -> DateTime<Utc> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let micros = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

/// A number that no other call in this process returned.
pub fn tick() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
