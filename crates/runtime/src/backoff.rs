//! Waiting longer after each failure.

use std::time::Duration;

/// Doubles from `first` up to `most`.
pub struct Backoff {
    first: Duration,
    most: Duration,
    next: Duration,
}

impl Backoff {
    pub const fn new(first: Duration, most: Duration) -> Self {
        Self { first, most, next: first }
    }

    pub fn reset(&mut self) {
        self.next = self.first;
    }

    pub fn next(&mut self) -> Duration {
        let now = self.next;
        self.next = (now * 2).min(self.most);
        now
    }
}

/// How long a replica waits after this many ends in a row: 1 s doubling to 60 s.
pub fn after_setbacks(setbacks: u32) -> Duration {
    match setbacks {
        0 => Duration::ZERO,
        1..=6 => Duration::from_secs(1 << (setbacks - 1)),
        _ => Duration::from_secs(60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_to_a_minute() {
        let seconds: Vec<_> = (0..9).map(|n| after_setbacks(n).as_secs()).collect();
        assert_eq!(seconds, [0, 1, 2, 4, 8, 16, 32, 60, 60]);
    }

    #[test]
    fn doubles_to_the_most_and_starts_again() {
        let mut backoff = Backoff::new(Duration::from_millis(50), Duration::from_millis(150));
        let waits: Vec<_> = (0..4).map(|_| backoff.next().as_millis()).collect();
        assert_eq!(waits, [50, 100, 150, 150]);
        backoff.reset();
        assert_eq!(backoff.next().as_millis(), 50);
    }
}
