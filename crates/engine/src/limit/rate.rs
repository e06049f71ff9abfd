//! Requests a second: of a service, and of each of its tokens (GCRA).

use crate::config::Service;
use crate::message::Name;
use domain::snapshot::policy;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

const SECOND: u64 = 1_000_000_000;

/// Nanoseconds since the first call, so that an instant fits into an atomic.
pub fn nanos(at: Instant) -> u64 {
    static EPOCH: OnceLock<Instant> = OnceLock::new();
    u64::try_from(at.saturating_duration_since(*EPOCH.get_or_init(|| at)).as_nanos()).unwrap_or(u64::MAX / 2)
}

/// A rate as it is computed with, nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// What one request costs.
    step: u64,
    /// What may be owed.
    room: u64,
    burst: u32,
}

impl From<policy::Rate> for Pace {
    fn from(rate: policy::Rate) -> Self {
        // Neither is 0, by the configuration's own rule.
        let (per_second, burst) = (rate.per_second.max(1), rate.burst.max(1));
        let step = (SECOND / u64::from(per_second)).max(1);
        Self { step, room: step * u64::from(burst), burst }
    }
}

/// When all that was taken is paid back, in [`nanos`]. It outlives configurations, and may have been filled under
/// another pace.
#[derive(Default)]
pub struct Bucket(AtomicU64);

/// What is left, as clients are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    limit: u32,
    remaining: u32,
    /// Seconds until nothing is owed.
    reset: u64,
    /// Seconds until one more is allowed, if this one is not.
    pub over: Option<u64>,
}

impl Bucket {
    pub fn take(&self, pace: &Pace, now: u64) -> Quota {
        let most = now + pace.room;
        // What is owed under a slower pace of before is not more than all.
        let in_range = |owed: u64| owed.clamp(now, most);
        let next = |owed: u64| Some(in_range(owed) + pace.step).filter(|owed| *owed <= most);
        let change = |owed: u64| next(owed).or_else(|| (owed > most).then_some(most));
        let (Ok(before) | Err(before)) = self.0.fetch_update(Relaxed, Relaxed, change);
        let (owed, over) = match next(before) {
            Some(owed) => (owed, None),
            None => {
                let owed = in_range(before);
                (owed, Some((owed + pace.step - most).div_ceil(SECOND).max(1)))
            }
        };
        let remaining = u32::try_from((most - owed) / pace.step).unwrap_or(u32::MAX);
        Quota { limit: pace.burst, remaining, reset: (owed - now).div_ceil(SECOND), over }
    }

    /// For a request that was refused by another limit.
    fn give_back(&self, pace: &Pace) {
        let _ = self.0.fetch_update(Relaxed, Relaxed, |owed| Some(owed.saturating_sub(pace.step)));
    }
}

/// The narrower of both quotas; `None` where there is no limit.
pub fn take(service: &Service, token: usize, at: Instant) -> Option<Quota> {
    let limits = &service.limits;
    let of_token = limits.token_rate.as_ref().zip(service.tokens.get(token).map(|token| &token.bucket));
    if of_token.is_none() && limits.rate.is_none() {
        return None;
    }
    let now = nanos(at);
    let own = of_token.map(|(pace, bucket)| bucket.take(pace, now));
    if own.is_some_and(|own| own.over.is_some()) {
        return own;
    }
    let all = limits.rate.as_ref().map(|pace| limits.state.bucket.take(pace, now));
    let (Some(own), Some(all)) = (own, all) else { return own.or(all) };
    if let Some((pace, bucket)) = of_token.filter(|_| all.over.is_some()) {
        bucket.give_back(pace);
    }
    Some(if all.over.is_some() || all.remaining < own.remaining { all } else { own })
}

impl Quota {
    /// What is said on all answers of a limited service.
    pub fn tell(&self, mut put: impl FnMut(Name, u64)) {
        put(Name::XRatelimitLimit, u64::from(self.limit));
        put(Name::XRatelimitRemaining, u64::from(self.remaining));
        put(Name::XRatelimitReset, self.reset);
        if let Some(seconds) = self.over {
            put(Name::RetryAfter, seconds);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pace(per_second: u32, burst: u32) -> Pace {
        policy::Rate { per_second, burst }.into()
    }

    #[test]
    fn a_burst_and_then_the_rate() {
        let (bucket, pace) = (Bucket::default(), pace(2, 3));
        let remaining: Vec<u32> = (0..3).map(|_| bucket.take(&pace, SECOND).remaining).collect();
        assert_eq!(remaining, [2, 1, 0]);
        let over = bucket.take(&pace, SECOND);
        assert_eq!((over.remaining, over.reset, over.over), (0, 2, Some(1)));
        assert_eq!(bucket.take(&pace, SECOND + SECOND / 2).over, None);
        assert!(bucket.take(&pace, SECOND + SECOND / 2).over.is_some());
        assert_eq!(bucket.take(&pace, 9 * SECOND).remaining, 2, "all is paid back");
    }

    #[test]
    fn a_new_rate_holds_at_once() {
        let bucket = Bucket::default();
        let (slow, fast) = (pace(1, 3600), pace(100, 1));
        (0..3600).for_each(|_| assert_eq!(bucket.take(&slow, 0).over, None));
        assert!(bucket.take(&fast, 0).over.is_some());
        assert_eq!(bucket.take(&fast, SECOND / 100).over, None, "an hour's debt is not kept");
    }

    proptest! {
        #[test]
        fn never_more_than_allowed(
            per_second in 1u32..5000, burst in 1u32..50, gaps in prop::collection::vec(0u64..SECOND / 50, 1..400),
        ) {
            let (bucket, pace) = (Bucket::default(), pace(per_second, burst));
            let (mut now, mut passed) = (0, 0u64);
            for gap in gaps {
                now += gap;
                passed += u64::from(bucket.take(&pace, now).over.is_none());
            }
            let most = u64::from(burst) + now / pace.step;
            prop_assert!(passed <= most, "{passed} of {most}");
        }
    }
}
