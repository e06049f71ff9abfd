//! Capacity units: what an ALB consumes, in the measure of public clouds.
//!
//! One unit is 25 new connections a second, 3,000 connections at once, 1 GB an hour, or 1,000 requests a second that
//! rules are looked up for; what counts is the largest of the four (Alibaba Cloud, "ALB billing rules", LCU; the same
//! figures as the LCU of AWS's Application Load Balancer). GB is 10⁹ bytes here.

use serde::{Deserialize, Serialize};

const NEW_PER_SECOND: u64 = 25;
const AT_ONCE: u64 = 3_000;
const BYTES_PER_HOUR: u64 = 1_000_000_000;
const REQUESTS_PER_SECOND: u64 = 1_000;

/// What went through in some time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// The time, microseconds.
    pub micros: u64,
    pub new_connections: u64,
    /// Open at once, in the mean.
    pub connections: u64,
    /// Of bodies, both ways.
    pub bytes: u64,
    pub requests: u64,
}

/// Thousandths of a unit, by dimension.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Units {
    pub new_connections: u64,
    pub connections: u64,
    pub bytes: u64,
    pub requests: u64,
}

/// `count` in `micros`, of which `each` in `seconds` is a unit; to the nearest thousandth.
fn thousandths(count: u64, micros: u64, each: u64, seconds: u64) -> u64 {
    let whole = u128::from(each) * u128::from(micros);
    if whole == 0 {
        return 0;
    }
    let part = u128::from(count) * u128::from(seconds) * 1_000_000 * 1_000;
    u64::try_from((part + whole / 2) / whole).unwrap_or(u64::MAX)
}

impl Units {
    /// Nothing for no time.
    pub fn of(load: &Load) -> Self {
        let Load { micros, new_connections, connections, bytes, requests } = *load;
        Self {
            new_connections: thousandths(new_connections, micros, NEW_PER_SECOND, 1),
            // Not a rate: so many at every moment.
            connections: thousandths(connections, 1_000_000, AT_ONCE, 1),
            bytes: thousandths(bytes, micros, BYTES_PER_HOUR, 3_600),
            requests: thousandths(requests, micros, REQUESTS_PER_SECOND, 1),
        }
    }

    /// What counts.
    pub fn largest(&self) -> u64 {
        self.new_connections.max(self.connections).max(self.bytes).max(self.requests)
    }

    /// What two engines carry of one gateway.
    pub fn plus(self, other: Self) -> Self {
        Self {
            new_connections: self.new_connections.saturating_add(other.new_connections),
            connections: self.connections.saturating_add(other.connections),
            bytes: self.bytes.saturating_add(other.bytes),
            requests: self.requests.saturating_add(other.requests),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000_000;

    #[test]
    fn each_dimension_has_its_measure() {
        let minute = Load { micros: MINUTE, ..Load::default() };
        let one = |load: Load| Units::of(&load);
        assert_eq!(one(minute), Units::default());
        assert_eq!(one(Load { new_connections: 25 * 60, ..minute }).new_connections, 1_000);
        assert_eq!(one(Load { connections: 3_000, ..minute }).connections, 1_000);
        assert_eq!(one(Load { bytes: 1_000_000_000 / 60, ..minute }).bytes, 1_000);
        assert_eq!(one(Load { requests: 60_000, ..minute }).requests, 1_000);
        // Half of them in half the time is the same, but not of what is there at once.
        let half = Load { micros: MINUTE / 2, new_connections: 750, connections: 1_500, ..Load::default() };
        assert_eq!((one(half).new_connections, one(half).connections), (1_000, 500));
    }

    #[test]
    fn the_largest_counts_and_engines_add_up() {
        let load = Load { micros: MINUTE, new_connections: 3_000, connections: 300, bytes: 5, requests: 90_000 };
        let units = Units::of(&load);
        assert_eq!(
            (units, units.largest()),
            (Units { new_connections: 2_000, connections: 100, bytes: 0, requests: 1_500 }, 2_000)
        );
        let other = Units { connections: 2_500, ..Units::default() };
        assert_eq!(units.plus(other).largest(), 2_600);
    }

    #[test]
    fn numbers_of_any_size() {
        let most =
            Load { micros: 1, new_connections: u64::MAX, connections: u64::MAX, bytes: u64::MAX, requests: u64::MAX };
        assert_eq!(Units::of(&most).largest(), u64::MAX);
        assert_eq!(Units::of(&Load { micros: 0, connections: 0, ..most }), Units::default());
        // Not rounded away below a half of a thousandth only.
        let few = Load { micros: MINUTE, requests: 30, ..Load::default() };
        assert_eq!(Units::of(&few).requests, 1);
    }
}
