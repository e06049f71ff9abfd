//! What is known of a replica from its requests. It lives as long as the replica stays ready at its address,
//! whatever is configured meanwhile.

use domain::snapshot::policy::Health;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Instant;

/// How fast an old latency is forgotten, milliseconds to a third.
const DECAY_MS: f64 = 10_000.0;
/// An ejection grows with each one before it, at most this many times.
const LONGEST: u32 = 10;
/// A replica that failed counts as this slow: latency alone would send everybody to one that fails at once.
const PENALTY_US: f64 = 1_000_000.0;

/// Milliseconds since the engine looked first; from 1.
pub fn millis(at: Instant) -> u64 {
    static EPOCH: OnceLock<Instant> = OnceLock::new();
    let epoch = *EPOCH.get_or_init(|| at);
    u64::try_from(at.saturating_duration_since(epoch).as_millis()).unwrap_or(u64::MAX - 1) + 1
}

/// All workers write to it.
#[repr(align(128))]
pub struct Load {
    in_flight: AtomicU32,
    /// Since it is known.
    requests: AtomicU64,
    failed: AtomicU64,
    /// Microseconds to the head of an answer, as bits of an `f64`.
    latency: AtomicU64,
    latency_at: AtomicU64,
    /// In a row.
    failures: AtomicU32,
    ejections: AtomicU32,
    ejected_until: AtomicU64,
    since: u64,
}

impl Load {
    pub fn new(now: Instant) -> Self {
        Self {
            in_flight: AtomicU32::new(0),
            requests: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            latency: AtomicU64::new(0),
            latency_at: AtomicU64::new(0),
            failures: AtomicU32::new(0),
            ejections: AtomicU32::new(0),
            ejected_until: AtomicU64::new(0),
            since: millis(now),
        }
    }

    /// Requests whose answers have not ended.
    pub fn in_flight(&self) -> u32 {
        self.in_flight.load(Relaxed)
    }

    pub fn has_room(&self, limit: Option<u32>) -> bool {
        limit.is_none_or(|limit| self.in_flight() < limit)
    }

    fn begin(&self, limit: Option<u32>) -> bool {
        let begins = match limit {
            None => {
                self.in_flight.fetch_add(1, Relaxed);
                true
            }
            Some(limit) => {
                self.in_flight.fetch_update(Relaxed, Relaxed, |busy| (busy < limit).then_some(busy + 1)).is_ok()
            }
        };
        if begins {
            self.requests.fetch_add(1, Relaxed);
        }
        begins
    }

    /// Requests that were sent to it, and those that failed.
    pub fn totals(&self) -> (u64, u64) {
        (self.requests.load(Relaxed), self.failed.load(Relaxed))
    }

    fn end(&self) {
        self.in_flight.fetch_sub(1, Relaxed);
    }

    /// Milliseconds, see [`millis`].
    pub fn age(&self, now: u64) -> u64 {
        now.saturating_sub(self.since)
    }

    /// Recent latency, microseconds. Readers and writers race for a value that is an estimate anyway.
    pub fn latency(&self) -> f64 {
        f64::from_bits(self.latency.load(Relaxed))
    }

    fn learn(&self, micros: f64, now: u64) {
        let age = now.saturating_sub(self.latency_at.swap(now, Relaxed));
        let old = self.latency();
        // A peak is believed at once and forgotten slowly.
        let weight = (-(age as f64) / DECAY_MS).exp();
        let next = if micros > old { micros } else { old * weight + micros * (1.0 - weight) };
        self.latency.store(next.to_bits(), Relaxed);
    }

    /// The head of an answer that is no failure.
    pub fn succeeded(&self, micros: u64, now: u64) {
        self.failures.store(0, Relaxed);
        if self.ejections.load(Relaxed) != 0 && !self.is_ejected(now) {
            self.ejections.store(0, Relaxed);
        }
        self.learn(micros as f64, now);
    }

    /// No connection, no answer, or a 5xx. Returns whether it is ejected by that; `may` says whether enough others
    /// are left.
    pub fn failed(&self, health: &Health, now: u64, may: impl FnOnce() -> bool) -> bool {
        self.failed.fetch_add(1, Relaxed);
        self.learn(self.latency().max(PENALTY_US), now);
        let failures = self.failures.fetch_add(1, Relaxed) + 1;
        if health.failures == 0 || failures < health.failures || self.is_ejected(now) || !may() {
            return false;
        }
        let times = self.ejections.fetch_add(1, Relaxed).min(LONGEST - 1) + 1;
        self.ejected_until.store(now + health.ejection_ms * u64::from(times), Relaxed);
        self.failures.store(0, Relaxed);
        true
    }

    pub fn is_ejected(&self, now: u64) -> bool {
        self.ejected_until.load(Relaxed) > now
    }
}

/// Counts a request on a replica until it is dropped.
pub struct Busy(pub std::sync::Arc<crate::config::Endpoint>);

impl Busy {
    /// `None` if it has `limit` already.
    pub fn on(endpoint: &std::sync::Arc<crate::config::Endpoint>, limit: Option<u32>) -> Option<Self> {
        endpoint.load.begin(limit).then(|| Self(endpoint.clone()))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.load.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEALTH: Health = Health { failures: 3, ejection_ms: 100, max_ejected_percent: 50, slow_start_ms: 0 };

    #[test]
    fn failures_in_a_row_eject_and_each_time_longer() {
        let load = Load::new(Instant::now());
        assert!(!load.failed(&HEALTH, 1, || true) && !load.failed(&HEALTH, 1, || true));
        load.succeeded(10, 1);
        assert!(!load.failed(&HEALTH, 2, || true) && !load.failed(&HEALTH, 2, || true));
        assert!(load.failed(&HEALTH, 2, || true));
        assert!(load.is_ejected(101) && !load.is_ejected(102));
        for _ in 0..2 {
            assert!(!load.failed(&HEALTH, 200, || true));
        }
        assert!(load.failed(&HEALTH, 200, || true));
        assert!(load.is_ejected(399) && !load.is_ejected(400));
        for _ in 0..9 {
            assert!(!load.failed(&HEALTH, 500, || false), "the last ones stay");
        }
    }

    #[test]
    fn a_peak_is_believed_and_forgotten() {
        let load = Load::new(Instant::now());
        load.succeeded(1_000, 1);
        load.succeeded(50_000, 2);
        assert_eq!(load.latency(), 50_000.0);
        load.succeeded(1_000, 3);
        assert!(load.latency() > 49_000.0);
        load.succeeded(1_000, 60_000);
        assert!(load.latency() < 1_200.0);
    }
}
