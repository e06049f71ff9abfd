//! How long cells are, and how long they are kept.

use chrono::{DateTime, TimeDelta, Utc};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Length of a cell, seconds.
    pub seconds: i64,
    pub kept: TimeDelta,
}

/// From the finest. Everything that is measured goes into a cell of each.
pub const STEPS: [Step; 3] = [
    Step { seconds: 10, kept: TimeDelta::days(1) },
    Step { seconds: 60, kept: TimeDelta::days(31) },
    Step { seconds: 3600, kept: TimeDelta::days(366) },
];

impl Step {
    /// The beginning of the cell that this moment is in, seconds of the calendar.
    pub fn begin(self, at: DateTime<Utc>) -> i64 {
        align(at.timestamp(), self.seconds)
    }

    /// The coarsest whose cells make whole buckets of this length; the finest where none does.
    pub fn for_buckets(seconds: i64) -> Self {
        let fits = |step: &&Step| seconds >= step.seconds && seconds % step.seconds == 0;
        STEPS.iter().rfind(fits).copied().unwrap_or(STEPS[0])
    }
}

/// The newest multiple of `seconds` that is not behind `at`.
pub(crate) fn align(at: i64, seconds: i64) -> i64 {
    let seconds = seconds.max(1);
    at.saturating_sub(at.rem_euclid(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_begin_at_multiples() {
        let at = |seconds| DateTime::from_timestamp(seconds, 999_999_999).expect("a time");
        assert_eq!(STEPS[0].begin(at(1_234_569)), 1_234_560);
        assert_eq!(STEPS[2].begin(at(7_199)), 3_600);
        assert_eq!(STEPS[1].begin(at(-1)), -60);
    }

    #[test]
    fn buckets_are_made_of_the_fewest_cells() {
        assert_eq!(Step::for_buckets(10).seconds, 10);
        assert_eq!(Step::for_buckets(30).seconds, 10);
        assert_eq!(Step::for_buckets(180).seconds, 60);
        assert_eq!(Step::for_buckets(3600).seconds, 3600);
        assert_eq!(Step::for_buckets(7).seconds, 10);
    }
}
