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
    /// Seconds to wait before the next attempt, if any.
    pub fn wait(&self, key: &str, now: DateTime<Utc>) -> Option<u64> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, last) = failures.get(key)?;
        let delay = delay_s(*count)?;
        let left = (*last + TimeDelta::seconds(delay) - now).num_seconds();
        u64::try_from(left).ok().filter(|left| *left > 0)
    }

    pub fn failed(&self, key: &str, now: DateTime<Utc>) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= MOST {
            failures.retain(|_, (_, last)| *last + TimeDelta::seconds(LONGEST_S) > now);
        }
        if failures.len() < MOST || failures.contains_key(key) {
            let entry = failures.entry(key.into()).or_insert((0, now));
            *entry = (entry.0.saturating_add(1), now);
        }
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
        for _ in 0..4 {
            throttle.failed("ada", now);
            assert_eq!(throttle.wait("ada", now), None);
        }
        throttle.failed("ada", now);
        assert_eq!(throttle.wait("ada", now), Some(2));
        throttle.failed("ada", now);
        assert_eq!(throttle.wait("ada", now), Some(4));
        assert_eq!(throttle.wait("ada", now + TimeDelta::seconds(4)), None);
        assert_eq!(throttle.wait("bob", now), None);
        throttle.succeeded("ada");
        assert_eq!(throttle.wait("ada", now), None);
        (0..1000).for_each(|_| throttle.failed("eve", now));
        assert_eq!(throttle.wait("eve", now), Some(300));
    }
}
