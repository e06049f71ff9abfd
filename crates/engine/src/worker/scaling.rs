//! How many threads a gateway that scales by itself should have, from the CPU time that they used.
//!
//! More within seconds, fewer only after a while, and only where those that stay are far from busy: a load that goes up
//! and down must not start and end threads with every turn. New threads get new connections only, since connections
//! stay where they are; what clients open while it is busy is what they take over.

use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// Thousandths of a thread's time, for each thread: above, there are too few; below, too many.
const BUSY: u64 = 600;
const IDLE: u64 = 250;
/// What each is to have after there are more.
const AIM: u64 = 500;
/// Both have to last so long.
const BUSY_FOR: Duration = Duration::from_secs(3);
const IDLE_FOR: Duration = Duration::from_secs(15);

#[derive(Default)]
pub(super) struct Scaling {
    /// CPU time of all together, microseconds; the newest last.
    samples: VecDeque<(Instant, u64)>,
    /// The number of threads that the samples are of.
    size: usize,
}

impl Scaling {
    /// `cpu_us` only grows; `size` are those that take new connections. What others use up while they serve their last
    /// ones counts as well: when there are to be more, it is they who are called back first.
    pub fn fitting(&mut self, now: Instant, cpu_us: u64, size: usize) -> usize {
        if size != self.size {
            // What another number of threads did says little about this one.
            self.samples.clear();
            self.size = size;
        }
        self.samples.push_back((now, cpu_us));
        // One that is older than both spans is needed, no second one.
        while self.samples.get(1).is_some_and(|(at, _)| now.saturating_duration_since(*at) >= IDLE_FOR) {
            self.samples.pop_front();
        }
        let threads = size as u64;
        if let Some(busy) = self.used(now, cpu_us, BUSY_FOR).filter(|used| *used > threads * BUSY) {
            let aim = usize::try_from(busy.div_ceil(AIM)).unwrap_or(usize::MAX);
            return aim.clamp(size + 1, size * 2);
        }
        let idle = self.used(now, cpu_us, IDLE_FOR).is_some_and(|used| used < threads * IDLE);
        if idle { size.saturating_sub(1).max(1) } else { size }
    }

    /// Thousandths of one thread's time over the last `span`; `None` while that is not over.
    fn used(&self, now: Instant, cpu_us: u64, span: Duration) -> Option<u64> {
        let old = |(at, _): &&(Instant, u64)| now.saturating_duration_since(*at) >= span;
        let (at, before) = self.samples.iter().rev().find(old)?;
        let micros = u64::try_from((now - *at).as_micros()).ok().filter(|micros| *micros > 0)?;
        Some(cpu_us.saturating_sub(*before).saturating_mul(1_000) / micros)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A second at a time; `used` are thousandths of one thread's time.
    struct Watch {
        scaling: Scaling,
        now: Instant,
        cpu_us: u64,
        size: usize,
    }

    impl Watch {
        fn new(size: usize) -> Self {
            Self { scaling: Scaling::default(), now: Instant::now(), cpu_us: 0, size }
        }

        /// The sizes that follow each other over so many seconds, as far as they differ.
        fn over(&mut self, seconds: u32, used: impl Fn(u32) -> u64) -> Vec<usize> {
            let mut sizes = Vec::new();
            for second in 0..seconds {
                let next = self.scaling.fitting(self.now, self.cpu_us, self.size);
                if next != self.size {
                    sizes.push(next);
                    self.size = next;
                }
                self.now += Duration::from_secs(1);
                self.cpu_us += used(second) * 1_000;
            }
            sizes
        }
    }

    #[test]
    fn more_in_seconds_and_fewer_after_a_while() {
        let mut watch = Watch::new(1);
        assert_eq!(watch.over(5, |_| 1_000), [2], "half of each is what two have of it");
        assert_eq!(watch.over(60, |_| 1_000), [0; 0]);
        assert_eq!(watch.over(12, |_| 4_000), [4, 8], "never more than twice as many at once");
        assert_eq!(watch.over(60, |_| 4_000), [0; 0]);
        assert_eq!(watch.over(7, |_| 0), [0; 0], "not yet: in the mean of a quarter of a minute it is busy");
        let down = watch.over(200, |_| 0);
        assert_eq!(down, [7, 6, 5, 4, 3, 2, 1]);
        assert_eq!(watch.over(100, |_| 0), [0; 0], "one stays");
    }

    #[test]
    fn what_goes_up_and_down_changes_nothing() {
        let mut watch = Watch::new(2);
        // Busy and idle by turns: in the mean neither.
        assert_eq!(watch.over(120, |second| if second % 2 == 0 { 1_600 } else { 200 }), [0; 0]);
        // A burst within a quiet time.
        assert_eq!(watch.over(60, |second| if second % 10 == 0 { 1_500 } else { 450 }), [0; 0]);
        // Quiet, but one thread alone would be close to busy.
        assert_eq!(Watch::new(2).over(60, |_| 520), [0; 0]);
    }
}
