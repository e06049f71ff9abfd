//! What an engine carried of one gateway in the last minute, from the totals that it tells once a second.

use domain::alb::Load;
use std::collections::VecDeque;

/// What is looked at, microseconds.
const SPAN: u64 = 60_000_000;
/// Kept at most, whatever an engine's clock says: one for each second of the span, and some more.
const MOST: usize = 90;

/// Totals since the engine was started, but for `open`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sample {
    /// By the engine's clock, which nobody sets.
    pub at_us: u64,
    /// Connections at that moment.
    pub open: u64,
    pub connections: u64,
    pub bytes: u64,
    pub requests: u64,
    /// Answered with 5xx.
    pub failed: u64,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Meter {
    /// The newest last.
    samples: VecDeque<Sample>,
}

/// From the oldest sample of the span to the newest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Measured {
    pub load: Load,
    pub failed: u64,
    /// Connections now.
    pub open: u64,
    /// Whether it is the whole span.
    pub is_full: bool,
}

impl Meter {
    pub fn measured(&mut self, sample: Sample) {
        // An engine's totals and its clock only grow; what does not is of another start.
        if self.samples.back().is_some_and(|last| last.at_us >= sample.at_us || last.requests > sample.requests) {
            self.samples.clear();
        }
        self.samples.push_back(sample);
        let covers = |next: &Sample| sample.at_us - next.at_us >= SPAN;
        while self.samples.len() > MOST || self.samples.get(1).is_some_and(covers) {
            self.samples.pop_front();
        }
    }

    /// `None` before there are two measurements.
    pub fn last_minute(&self) -> Option<Measured> {
        let (first, last) = (self.samples.front()?, self.samples.back()?);
        let micros = last.at_us.checked_sub(first.at_us).filter(|micros| *micros > 0)?;
        let open: u64 = self.samples.iter().map(|sample| sample.open).sum();
        let load = Load {
            micros,
            new_connections: last.connections.saturating_sub(first.connections),
            connections: open / self.samples.len() as u64,
            bytes: last.bytes.saturating_sub(first.bytes),
            requests: last.requests.saturating_sub(first.requests),
        };
        let failed = last.failed.saturating_sub(first.failed);
        Some(Measured { load, failed, open: last.open, is_full: micros >= SPAN })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u64) -> Sample {
        Sample {
            at_us: second * 1_000_000,
            open: second,
            connections: second * 2,
            bytes: second * 1_000,
            requests: second * 10,
            failed: second,
        }
    }

    #[test]
    fn a_minute_and_no_more() {
        let mut meter = Meter::default();
        assert_eq!(meter.last_minute(), None);
        meter.measured(at(10));
        assert_eq!(meter.last_minute(), None, "one measurement says nothing");
        meter.measured(at(11));
        let first = meter.last_minute().expect("two");
        assert_eq!((first.load.micros, first.load.requests, first.open, first.is_full), (1_000_000, 10, 11, false));
        for second in 12..200 {
            meter.measured(at(second));
        }
        let full = meter.last_minute().expect("many");
        assert!(full.is_full);
        let load = Load { micros: 60_000_000, new_connections: 120, connections: 169, bytes: 60_000, requests: 600 };
        assert_eq!((full.load, full.failed, full.open), (load, 60, 199));
    }

    #[test]
    fn another_start_begins_again() {
        let mut meter = Meter::default();
        meter.measured(at(50));
        meter.measured(at(51));
        meter.measured(at(3));
        assert_eq!(meter.last_minute(), None);
        for fast in 0..10_000 {
            meter.measured(Sample { at_us: 4_000_000 + fast, ..at(4) });
        }
        assert!(meter.samples.len() <= MOST + 1);
    }
}
