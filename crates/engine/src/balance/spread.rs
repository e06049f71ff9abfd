//! What a service's requests share about where they go; survives new configurations.

use domain::snapshot::policy::Retry;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering::Relaxed};

/// Retries that are always allowed after a calm time, in hundredths of one.
const RESERVE: i64 = 1_000;

pub struct Spread {
    turn: AtomicUsize,
    /// Hundredths of a retry that may be made now.
    budget: AtomicI64,
}

impl Default for Spread {
    fn default() -> Self {
        Self { turn: AtomicUsize::new(0), budget: AtomicI64::new(RESERVE) }
    }
}

impl Spread {
    pub fn next_turn(&self) -> usize {
        self.turn.fetch_add(1, Relaxed)
    }

    /// Each request pays in for the retries of others.
    pub fn asked(&self, retry: &Retry) {
        if self.budget.load(Relaxed) < RESERVE {
            self.budget.fetch_add(i64::from(retry.budget_percent), Relaxed);
        }
    }

    /// Whether one more retry does not make an outage worse.
    pub fn may_retry(&self) -> bool {
        let taken = self.budget.fetch_update(Relaxed, Relaxed, |budget| (budget >= 100).then_some(budget - 100));
        taken.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_are_a_share_of_requests() {
        let (spread, retry) = (Spread::default(), Retry::default());
        let mut retries = 0;
        for _ in 0..1_000 {
            spread.asked(&retry);
            retries += usize::from(spread.may_retry());
        }
        // A fifth, and the reserve.
        assert!((200..=210).contains(&retries), "{retries}");
    }
}
