//! Counts of requests: totals of an engine, or what came in some time.

use domain::histogram::Histogram;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counted {
    pub requests: u64,
    /// 2xx to 5xx.
    pub classes: [u64; 4],
    /// Bodies, bytes.
    pub bytes_in: u64,
    pub bytes_out: u64,
    /// Microseconds, and so are the other two.
    #[serde(skip_serializing_if = "Histogram::is_empty")]
    pub latency: Histogram,
    pub tokens_in: u64,
    pub tokens_out: u64,
    #[serde(skip_serializing_if = "Histogram::is_empty")]
    pub first_token: Histogram,
    #[serde(skip_serializing_if = "Histogram::is_empty")]
    pub per_token: Histogram,
}

impl Counted {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub fn add(&mut self, other: &Self) {
        self.each_number(other, u64::saturating_add);
        self.latency.add(&other.latency);
        self.first_token.add(&other.first_token);
        self.per_token.add(&other.per_token);
    }

    /// What came since `earlier`, of totals that only grow. Totals that shrank were counted anew from zero, all of them.
    pub fn since(&self, earlier: &Self) -> Self {
        let numbers = self.numbers().into_iter().zip(earlier.numbers());
        if numbers.into_iter().any(|(now, before)| now < before) {
            return self.clone();
        }
        let mut news = self.clone();
        news.each_number(earlier, u64::saturating_sub);
        news.latency = self.latency.since(&earlier.latency);
        news.first_token = self.first_token.since(&earlier.first_token);
        news.per_token = self.per_token.since(&earlier.per_token);
        news
    }

    fn numbers(&self) -> [u64; 9] {
        let [ok, moved, wrong, failed] = self.classes;
        [self.requests, ok, moved, wrong, failed, self.bytes_in, self.bytes_out, self.tokens_in, self.tokens_out]
    }

    fn each_number(&mut self, other: &Self, change: fn(u64, u64) -> u64) {
        let others = other.numbers();
        let [ok, moved, wrong, failed] = &mut self.classes;
        let own = [
            &mut self.requests,
            ok,
            moved,
            wrong,
            failed,
            &mut self.bytes_in,
            &mut self.bytes_out,
            &mut self.tokens_in,
            &mut self.tokens_out,
        ];
        for (own, other) in own.into_iter().zip(others) {
            *own = change(*own, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::histogram::bucket;
    use proptest::prelude::*;

    /// Requests that were answered like this, in so many microseconds.
    fn of(answers: &[(usize, u64)]) -> Counted {
        let mut sum = Counted::default();
        for (class, micros) in answers {
            let mut one = Counted { requests: 1, bytes_out: *micros, ..Counted::default() };
            one.classes[*class] = 1;
            one.latency = Histogram::of([(bucket(*micros), 1)]);
            sum.add(&one);
        }
        sum
    }

    #[test]
    fn totals_that_began_again_are_news() {
        let before = of(&[(0, 5), (3, 7)]);
        let again = of(&[(0, 9)]);
        assert_eq!(again.since(&before), again);
        assert_eq!(before.since(&before), Counted::default());
    }

    proptest! {
        #[test]
        fn parts_make_the_whole(
            one in prop::collection::vec((0usize..4, 0u64..10_000_000), 0..40),
            two in prop::collection::vec((0usize..4, 0u64..10_000_000), 0..40),
        ) {
            let mut sum = of(&one);
            sum.add(&of(&two));
            prop_assert_eq!(&sum, &of(&[one.clone(), two.clone()].concat()));
            prop_assert_eq!(sum.since(&of(&one)), of(&two));
        }

        #[test]
        fn percentiles_of_several_engines_are_those_of_all_requests(
            one in prop::collection::vec(1u64..10_000_000, 1..200), two in prop::collection::vec(1u64..10_000_000, 1..200),
            share in 0.0f64..=1.0,
        ) {
            let answers = |micros: &[u64]| of(&micros.iter().map(|micros| (0, *micros)).collect::<Vec<_>>());
            let mut sum = answers(&one);
            sum.add(&answers(&two));
            let mut all = [one, two].concat();
            all.sort_unstable();
            let right = all[((share * all.len() as f64).ceil() as usize).max(1) - 1];
            let found = sum.latency.quantile(share).expect("some");
            prop_assert!(found.abs_diff(right) as f64 <= right as f64 * 0.02, "{} for {}", found, right);
        }
    }
}
