//! Counts of values by size: log-linear buckets, so that a value is known to 2 % whatever its size, and histograms of
//! several engines or minutes can be added.

use serde::{Deserialize, Serialize};

/// Of each power of two.
pub const PARTS: u64 = 32;
const PART_BITS: u32 = PARTS.trailing_zeros();
/// Larger values count as this one; in microseconds it is more than twelve days.
pub const MAX: u64 = (1 << 41) - 1;
/// How many buckets there are.
pub const BUCKETS: u16 = bucket(MAX) + 1;

/// The bucket of a value. Small values have one each.
pub const fn bucket(value: u64) -> u16 {
    let value = if value > MAX { MAX } else { value };
    if value < PARTS {
        return value as u16;
    }
    let shift = value.ilog2() - PART_BITS;
    ((shift as u64) * PARTS + (value >> shift)) as u16
}

/// The smallest value of a bucket, and the smallest one beyond it.
pub const fn bounds(bucket: u16) -> (u64, u64) {
    let bucket = bucket as u64;
    if bucket < PARTS {
        return (bucket, bucket + 1);
    }
    let shift = bucket / PARTS - 1;
    let low = (bucket - shift * PARTS) << shift;
    (low, low + (1 << shift))
}

/// Buckets that have something, in order, with their counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Histogram(Vec<(u16, u64)>);

impl Histogram {
    /// `counts` in the order of their buckets; those of 0 are left out.
    pub fn of(counts: impl IntoIterator<Item = (u16, u64)>) -> Self {
        Self(counts.into_iter().filter(|(_, count)| *count > 0).collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn buckets(&self) -> &[(u16, u64)] {
        &self.0
    }

    pub fn count(&self) -> u64 {
        self.0.iter().fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    pub fn add(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
        self.0.sort_unstable_by_key(|(bucket, _)| *bucket);
        self.0.dedup_by(|next, kept| {
            let is_same = next.0 == kept.0;
            if is_same {
                kept.1 = kept.1.saturating_add(next.1);
            }
            is_same
        });
    }

    /// What came since `earlier`, of a histogram that only grows; where it did not, what there is now.
    pub fn since(&self, earlier: &Self) -> Self {
        let count = |buckets: &[(u16, u64)], bucket: u16| {
            buckets
                .binary_search_by_key(&bucket, |(at, _)| *at)
                .ok()
                .and_then(|at| buckets.get(at))
                .map_or(0, |it| it.1)
        };
        if earlier.0.iter().any(|(bucket, before)| count(&self.0, *bucket) < *before) {
            return self.clone();
        }
        Self::of(self.0.iter().map(|(bucket, now)| (*bucket, now - count(&earlier.0, *bucket))))
    }

    /// The value that this share (0 to 1) of all is at most, within 2 %; `None` if there are none.
    pub fn quantile(&self, share: f64) -> Option<u64> {
        let all = self.count();
        let rank = ((share.clamp(0.0, 1.0) * all as f64).ceil() as u64).max(1);
        let mut seen = 0u64;
        for (bucket, count) in &self.0 {
            seen = seen.saturating_add(*count);
            if seen >= rank {
                let (low, beyond) = bounds(*bucket);
                return Some(low + (beyond - 1 - low) / 2);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[u64]) -> Histogram {
        let mut counts = vec![0; usize::from(BUCKETS)];
        values.iter().for_each(|value| counts[usize::from(bucket(*value))] += 1);
        Histogram::of((0..).zip(counts))
    }

    #[test]
    fn every_value_has_one_bucket() {
        let mut next = 0;
        for each in 0..BUCKETS {
            let (low, beyond) = bounds(each);
            assert_eq!(low, next, "{each}");
            assert_eq!((bucket(low), bucket(beyond - 1)), (each, each));
            next = beyond;
        }
        assert_eq!((next, bucket(u64::MAX)), (MAX + 1, BUCKETS - 1));
    }

    #[test]
    fn nothing_has_no_quantile() {
        assert_eq!(Histogram::default().quantile(0.5), None);
        assert_eq!(of(&[7]).quantile(0.0), Some(7));
    }

    proptest! {
        #[test]
        fn quantiles_are_within_two_per_cent(
            mut values in prop::collection::vec(0..MAX, 1..200), share in 0.0f64..=1.0,
        ) {
            let found = of(&values).quantile(share).expect("some");
            values.sort_unstable();
            let right = values[((share * values.len() as f64).ceil() as usize).max(1) - 1];
            prop_assert!(found.abs_diff(right) as f64 <= right as f64 * 0.02, "{found} for {right}");
        }

        #[test]
        fn parts_make_the_whole(one in prop::collection::vec(0..MAX, 0..50), two in prop::collection::vec(0..MAX, 0..50)) {
            let mut sum = of(&one);
            sum.add(&of(&two));
            prop_assert_eq!(&sum, &of(&[one.clone(), two.clone()].concat()));
            prop_assert_eq!(sum.since(&of(&one)), of(&two));
            let text = serde_json::to_string(&sum).expect("serialises");
            prop_assert_eq!(serde_json::from_str::<Histogram>(&text).expect("parses"), sum);
        }
    }
}
