//! How many replicas an autoscaler wants, from what was measured.

use super::scaling::{Autoscaler, Metric, ToZero};
use std::collections::VecDeque;

/// A load that is this near to what the replicas shall carry changes nothing.
const TOLERANCE: f64 = 0.1;

/// What was measured of a service at one moment, of all its replicas together. What is not known is left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Load {
    pub readings: Vec<(Metric, f64)>,
    /// Somebody asked since the last time, or waits for an answer.
    pub is_used: bool,
    /// Requests that are held because there is no replica.
    pub held: u64,
}

/// What an autoscaler remembers of one service. Nothing is lost with it but time: fewer replicas are only wanted when
/// the whole time that they wait for has been seen.
#[derive(Clone, Debug)]
pub struct Memory {
    began: u64,
    /// Seconds, and what was wanted then.
    wanted: VecDeque<(u64, u32)>,
    used: u64,
}

impl Memory {
    /// `now` in seconds by a clock that nobody sets.
    pub fn new(now: u64) -> Self {
        Self { began: now, wanted: VecDeque::new(), used: now }
    }

    /// How many there shall be from now on, `current` having been wanted until now.
    pub fn decide(&mut self, scaler: &Autoscaler, current: u32, load: &Load, now: u64) -> u32 {
        if load.is_used || load.held > 0 {
            self.used = now;
        }
        if let Some(zero) = &scaler.zero {
            if current == 0 {
                self.wanted.clear();
                return if load.held > 0 { zero.start.clamp(1, scaler.max) } else { 0 };
            }
            if self.is_idle(zero, now) {
                return 0;
            }
        }
        let asked = recommend(scaler, current, load);
        let kept = u64::from(scaler.up_seconds.max(scaler.down_seconds));
        self.wanted.push_back((now, asked));
        while self.wanted.front().is_some_and(|(at, _)| at + kept < now) {
            self.wanted.pop_front();
        }
        let lowest = self.within(scaler.up_seconds, now).min().unwrap_or(asked);
        let highest = self.within(scaler.down_seconds, now).max().unwrap_or(asked);
        let is_seen = |seconds: u32| now >= self.began + u64::from(seconds);
        let next = if lowest > current && is_seen(scaler.up_seconds) {
            lowest
        } else if highest < current && is_seen(scaler.down_seconds) {
            highest
        } else {
            current
        };
        next.clamp(scaler.min.max(1), scaler.max.max(1))
    }

    fn within(&self, seconds: u32, now: u64) -> impl Iterator<Item = u32> {
        self.wanted.iter().filter(move |(at, _)| at + u64::from(seconds) >= now).map(|(_, wanted)| *wanted)
    }

    fn is_idle(&self, zero: &ToZero, now: u64) -> bool {
        now >= self.used + u64::from(zero.idle_seconds)
    }
}

/// What the measured load asks for, within the bounds. What is not known asks for nothing less than there is.
fn recommend(scaler: &Autoscaler, current: u32, load: &Load) -> u32 {
    let wanted = scaler.targets.iter().map(|target| {
        let reading = load.readings.iter().find(|(metric, _)| *metric == target.metric);
        let Some((_, total)) = reading.filter(|(_, total)| total.is_finite() && *total >= 0.0) else { return current };
        let per_replica = f64::from(target.value.max(1));
        let carried = f64::from(current.max(1)) * per_replica;
        if (total / carried - 1.0).abs() <= TOLERANCE {
            return current;
        }
        // Saturates.
        (total / per_replica).ceil() as u32
    });
    wanted.max().unwrap_or(current).clamp(scaler.min.max(1), scaler.max.max(1))
}

#[cfg(test)]
mod tests {
    use super::super::scaling::Target;
    use super::*;
    use proptest::prelude::*;

    fn scaler(up: u32, down: u32) -> Autoscaler {
        let target = Target { metric: Metric::Qps, value: 10 };
        Autoscaler { min: 1, max: 5, targets: vec![target], up_seconds: up, down_seconds: down, zero: None }
    }

    fn load(qps: f64) -> Load {
        Load { readings: vec![(Metric::Qps, qps)], is_used: qps > 0.0, held: 0 }
    }

    #[test]
    fn up_at_once_and_down_when_it_stays_low() {
        let scaler = scaler(0, 300);
        let mut memory = Memory::new(0);
        let mut replicas = 1;
        let mut step = |qps: f64, now: u64| {
            replicas = memory.decide(&scaler, replicas, &load(qps), now);
            replicas
        };
        assert_eq!(step(10.5, 5), 1, "near enough");
        assert_eq!(step(35.0, 10), 4);
        assert_eq!(step(1000.0, 15), 5, "no more than the most");
        assert_eq!(step(0.0, 20), 5);
        assert_eq!(step(25.0, 200), 5);
        assert_eq!(step(0.0, 310), 5, "15 is still within the time");
        assert_eq!(step(0.0, 316), 3, "the highest since was 3, at 200");
        assert_eq!(step(0.0, 501), 1, "never fewer than the least");
    }

    #[test]
    fn a_moment_of_load_starts_nothing_where_it_shall_last() {
        let scaler = scaler(30, 300);
        let mut memory = Memory::new(0);
        assert_eq!(memory.decide(&scaler, 1, &load(50.0), 10), 1);
        assert_eq!(memory.decide(&scaler, 1, &load(0.0), 25), 1);
        assert_eq!(memory.decide(&scaler, 1, &load(50.0), 30), 1);
        assert_eq!(memory.decide(&scaler, 1, &load(40.0), 56), 4, "all since 26 asked for at least 4");
    }

    #[test]
    fn what_is_not_known_ends_no_replica() {
        let mut memory = Memory::new(0);
        let unknown = Load::default();
        assert_eq!(memory.decide(&scaler(0, 0), 4, &unknown, 1000), 4);
        assert_eq!(memory.decide(&scaler(0, 0), 4, &load(f64::NAN), 1001), 4);
    }

    #[test]
    fn the_one_that_asks_for_most_decides() {
        let mut scaler = scaler(0, 0);
        scaler.targets.push(Target { metric: Metric::Cpu, value: 50 });
        let load = Load { readings: vec![(Metric::Qps, 5.0), (Metric::Cpu, 190.0)], ..Load::default() };
        assert_eq!(Memory::new(0).decide(&scaler, 2, &load, 1), 4);
    }

    #[test]
    fn to_zero_when_nobody_asks_and_back_when_somebody_waits() {
        let zero = ToZero { idle_seconds: 60, start: 2, hold_length: 100, hold_ms: 60_000 };
        let scaler = Autoscaler { zero: Some(zero), ..scaler(0, 300) };
        let mut memory = Memory::new(0);
        assert_eq!(memory.decide(&scaler, 1, &load(1.0), 50), 1);
        assert_eq!(memory.decide(&scaler, 1, &load(0.0), 109), 1);
        assert_eq!(memory.decide(&scaler, 1, &load(0.0), 110), 0);
        assert_eq!(memory.decide(&scaler, 0, &load(0.0), 111), 0);
        let waiting = Load { held: 1, ..load(0.0) };
        assert_eq!(memory.decide(&scaler, 0, &waiting, 112), 2, "one start");
        assert_eq!(memory.decide(&scaler, 2, &waiting, 113), 2, "not one more for each that waits");
    }

    proptest! {
        #[test]
        fn always_within_the_bounds(
            min in 0u32..5,
            more in 0u32..5,
            loads in prop::collection::vec((0.0f64..1e12, 1u64..400), 1..50),
            up in 0u32..100,
            down in 0u32..400,
        ) {
            let scaler = Autoscaler { min, max: min + more, ..scaler(up, down) };
            let (mut memory, mut now, mut replicas) = (Memory::new(0), 0, min.max(1));
            for (qps, pause) in loads {
                now += pause;
                replicas = memory.decide(&scaler, replicas, &load(qps), now);
                prop_assert!((min.max(1)..=(min + more).max(1)).contains(&replicas));
            }
        }
    }
}
