//! How often something is counted now, from totals that are told when they have moved.

use std::collections::VecDeque;

/// Milliseconds that are looked at.
const WINDOW: u64 = 10_000;

/// Totals with the time (milliseconds of a clock that nobody sets) at which they were told, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Rate(VecDeque<(u64, u64)>);

impl Rate {
    pub(crate) fn told(&mut self, at: u64, total: u64) {
        // Who counts was started anew.
        if self.0.back().is_some_and(|(_, before)| *before > total) {
            self.0.clear();
        }
        self.0.push_back((at, total));
        // One from before the window says how it began.
        while self.0.get(1).is_some_and(|(second, _)| second + WINDOW <= at) {
            self.0.pop_front();
        }
    }

    /// Thousandths a second. Of the first total that is told nobody knows in which time it came together.
    pub(crate) fn per_second(&self, now: u64) -> u64 {
        let start = now.saturating_sub(WINDOW);
        let before = self.0.iter().take_while(|(at, _)| *at <= start).last();
        let (Some((_, newest)), Some((at, total))) = (self.0.back(), before.or(self.0.front())) else { return 0 };
        let over = now.saturating_sub(start.max(*at)).max(1000);
        (newest - total).saturating_mul(1_000_000) / over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_the_window() {
        let mut rate = Rate::default();
        assert_eq!(rate.per_second(5_000), 0);
        rate.told(1_000, 1_000_000);
        assert_eq!(rate.per_second(1_000), 0, "nobody knows since when");
        for second in 2..=60 {
            rate.told(second * 1_000, 1_000_000 + (second - 1) * 50);
        }
        assert_eq!(rate.per_second(60_000), 50_000);
        assert!(rate.0.len() <= 12, "{}", rate.0.len());
        // Nothing is told while nothing comes.
        assert_eq!(rate.per_second(65_000), 25_000);
        assert_eq!(rate.per_second(75_000), 0);
        rate.told(90_000, 1_000_000 + 59 * 50 + 10);
        assert_eq!(rate.per_second(90_000), 1_000, "what came now did not come over the silence");
    }

    #[test]
    fn who_starts_anew_counts_from_nothing() {
        let mut rate = Rate::default();
        rate.told(0, 100);
        rate.told(1_000, 200);
        rate.told(2_000, 5);
        assert_eq!(rate.per_second(2_000), 0);
        rate.told(3_000, 15);
        assert_eq!(rate.per_second(3_000), 10_000);
    }
}
