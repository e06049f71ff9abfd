//! When to try again after a failure.

use crate::jitter::jitter;
use domain::certificate::IssueFailure;
use std::time::Duration;

/// Let's Encrypt allows five failed proofs of a name in an hour; the fifth comes after 75 minutes.
const FIRST: Duration = Duration::from_secs(5 * 60);
/// Of what the authority knows nothing about: no limit of its counts such an attempt.
const FIRST_UNSEEN: Duration = Duration::from_secs(15);
const MOST: Duration = Duration::from_secs(20 * 60 * 60);

/// How long to wait after the `attempt`th failure in a row (from 1): 5 minutes, doubled each time, at most 20 hours,
/// and up to a fifth more by chance (`seed`).
pub fn retry_delay(attempt: u32, seed: u64) -> Duration {
    delay(FIRST, attempt, seed)
}

fn delay(first: Duration, attempt: u32, seed: u64) -> Duration {
    let doubled = first.saturating_mul(1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX));
    let delay = doubled.min(MOST);
    delay + jitter(seed, attempt, delay / 5)
}

/// Like `retry_delay`, and not before the server said; sooner at first where the authority was not reached or not asked
/// to look. `None` if it would fail the same way until somebody changes a
/// setting.
pub fn next_attempt(failure: &IssueFailure, attempt: u32, seed: u64) -> Option<Duration> {
    let asked = Duration::from_secs(failure.retry_after().unwrap_or(0));
    let is_unseen = matches!(failure, IssueFailure::Unreachable { .. } | IssueFailure::NotPresented { .. });
    let first = if is_unseen { FIRST_UNSEEN } else { FIRST };
    (!failure.is_lasting()).then(|| delay(first, attempt, seed).max(asked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::certificate::Unreachable;
    use proptest::prelude::*;

    #[test]
    fn doubles_up_to_a_day() {
        for (attempt, minutes) in [(0, 5), (1, 5), (2, 10), (3, 20), (4, 40), (8, 640), (9, 1200), (u32::MAX, 1200)] {
            let delay = retry_delay(attempt, 1).as_secs();
            assert!((minutes * 60..=minutes * 72).contains(&delay), "{attempt}: {delay} s");
        }
    }

    #[test]
    fn the_servers_wish_counts_and_settings_do_not_heal() {
        let limited = |seconds| IssueFailure::RateLimited { detail: String::new(), retry_after: Some(seconds) };
        assert_eq!(next_attempt(&limited(100_000), 1, 1), Some(Duration::from_secs(100_000)));
        assert_eq!(next_attempt(&limited(1), 1, 1), Some(retry_delay(1, 1)));
        assert_eq!(next_attempt(&IssueFailure::Account, 1, 1), None);
        let gone = IssueFailure::Unreachable { host: String::new(), how: Unreachable::Connect };
        let wait = |attempt| next_attempt(&gone, attempt, 1).map(|wait| wait.as_secs());
        assert!((15..=18).contains(&wait(1).unwrap()) && (30..=36).contains(&wait(2).unwrap()));
        assert!(wait(u32::MAX).unwrap() <= 24 * 60 * 60);
    }

    proptest! {
        #[test]
        fn never_more_than_a_day_and_repeatable(attempt: u32, seed: u64) {
            let delay = retry_delay(attempt, seed);
            prop_assert!(delay >= FIRST && delay <= Duration::from_secs(24 * 60 * 60));
            prop_assert_eq!(delay, retry_delay(attempt, seed));
        }
    }
}
