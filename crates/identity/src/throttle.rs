//! Slows guessing down: after a few failures in a row the next attempts must wait, each time longer.

use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

const FREE: u32 = 5;
const LONGEST_S: i64 = 300;
/// A flood of names must not fill the memory.
const MOST: usize = 10_000;

#[derive(Debug, Default)]
pub struct Throttle {
    failures: Mutex<HashMap<String, (u32, DateTime<Utc>)>>,
}

impl Throttle {
    /// Counts an attempt, before it is known whether it succeeds: many at once must not all slip through. `Err` with
    /// the seconds to wait where it must not be made.
    pub fn attempt(&self, key: &str, now: DateTime<Utc>) -> Result<(), u64> {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((count, last)) = failures.get(key)
            && let Some(delay) = delay_s(*count)
        {
            let left = (*last + TimeDelta::seconds(delay) - now).num_seconds();
            if let Ok(left @ 1..) = u64::try_from(left) {
                return Err(left);
            }
        }
        if failures.len() >= MOST && !failures.contains_key(key) {
            failures.retain(|_, (_, last)| *last + TimeDelta::seconds(LONGEST_S) > now);
            // A flood of names pushes out the oldest, so that new ones are still slowed down.
            let oldest = failures.iter().min_by_key(|(_, (_, last))| *last).map(|(key, _)| key.clone());
            if failures.len() >= MOST
                && let Some(oldest) = oldest
            {
                failures.remove(&oldest);
            }
        }
        let entry = failures.entry(key.into()).or_insert((0, now));
        *entry = (entry.0.saturating_add(1), now);
        Ok(())
    }

    pub fn succeeded(&self, key: &str) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

fn delay_s(count: u32) -> Option<i64> {
    let over = count.checked_sub(FREE)?;
    Some(LONGEST_S.min(2_i64.saturating_pow(over.min(30)) * 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixth_attempt_waits_and_success_forgets() {
        let throttle = Throttle::default();
        let now = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
        let later = |seconds| now + TimeDelta::seconds(seconds);
        for _ in 0..5 {
            assert_eq!(throttle.attempt("ada", now), Ok(()));
        }
        assert_eq!(throttle.attempt("ada", now), Err(2));
        assert_eq!(throttle.attempt("ada", later(2)), Ok(()));
        assert_eq!(throttle.attempt("ada", later(2)), Err(4));
        assert_eq!(throttle.attempt("bob", now), Ok(()));
        throttle.succeeded("ada");
        assert_eq!(throttle.attempt("ada", later(2)), Ok(()));
    }

    #[test]
    fn a_flood_of_names_neither_fills_the_memory_nor_turns_it_off() {
        let throttle = Throttle::default();
        let now = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
        (0..MOST + 100).for_each(|n| assert_eq!(throttle.attempt(&n.to_string(), now), Ok(())));
        assert_eq!(throttle.failures.lock().expect("is free").len(), MOST);
        (0..5).for_each(|_| assert_eq!(throttle.attempt("ada", now), Ok(())));
        assert!(throttle.attempt("ada", now).is_err());
    }
}
