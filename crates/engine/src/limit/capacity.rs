//! What a gateway carries: open connections, TLS handshakes and bytes a second. More of the first two is refused,
//! more of the third is slowed down.

use super::Place;
use super::rate::{Bucket, Pace, nanos};
use crate::config::Gateway;
use domain::snapshot;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// A gateway's limits as connections look at them.
#[derive(Default)]
pub struct Capacity {
    connections: Option<u64>,
    /// `None`: nobody counts them. Those of a gateway that scales by itself are counted without a limit.
    pub(super) counted_up_to: Option<u64>,
    handshakes: Option<Pace>,
    bytes_per_second: Option<u64>,
    pub state: Arc<GatewayState>,
}

/// What is in use; outlives configurations.
#[derive(Default)]
pub struct GatewayState {
    pub(super) connections: AtomicU64,
    handshakes: Bucket,
    /// When all bytes that were let through are paid for, see [`nanos`].
    sent: AtomicU64,
    received: AtomicU64,
}

impl GatewayState {
    pub fn has_room(&self, most: u64) -> bool {
        self.open() < most
    }

    /// Connections that count against the capacity.
    pub fn open(&self) -> u64 {
        self.connections.load(Relaxed)
    }
}

impl Capacity {
    pub fn new(capacity: &snapshot::Capacity, state: Arc<GatewayState>) -> Self {
        let pace = |per_second: u64| {
            // A second's worth may come at once: what is meant is a load, not a rhythm.
            let number = u32::try_from(per_second).unwrap_or(u32::MAX);
            snapshot::policy::Rate { per_second: number, burst: number }.into()
        };
        Self {
            connections: capacity.connections,
            counted_up_to: capacity.connections.or(capacity.most_workers.map(|_| u64::MAX)),
            handshakes: capacity.handshakes_per_second.map(pace),
            bytes_per_second: capacity.bytes_per_second.map(|bytes| bytes.max(1)),
            state,
        }
    }

    /// What goes to clients.
    pub fn down(&self) -> Option<Bandwidth> {
        self.bandwidth(|state| &state.sent)
    }

    /// What comes from them.
    pub fn up(&self) -> Option<Bandwidth> {
        self.bandwidth(|state| &state.received)
    }

    fn bandwidth(&self, paid: fn(&GatewayState) -> &AtomicU64) -> Option<Bandwidth> {
        Some(Bandwidth { bytes_per_second: self.bytes_per_second?, state: self.state.clone(), paid })
    }
}

/// Whether one more handshake with this gateway may go on. One that takes no more connections does not pay for their
/// handshakes either.
pub fn may_shake_hands(gateway: &Gateway, place: &Place) -> bool {
    let capacity = &gateway.capacity;
    if !place.is_taken() && capacity.connections.is_some_and(|most| !capacity.state.has_room(most)) {
        gateway.counters.connection_refused();
        return false;
    }
    let Some(pace) = &capacity.handshakes else { return true };
    let allowed = capacity.state.handshakes.take(pace, nanos(Instant::now())).over.is_none();
    if !allowed {
        gateway.counters.handshake_refused();
    }
    allowed
}

/// TLS handshakes that name no gateway: they are nobody's to pay for, and those who look whom the others are for make them.
pub struct Nameless {
    pace: Pace,
    bucket: Bucket,
}

impl Default for Nameless {
    fn default() -> Self {
        let per_second = Self::PER_SECOND;
        let pace = snapshot::policy::Rate { per_second, burst: per_second }.into();
        Self { pace, bucket: Bucket::default() }
    }
}

impl Nameless {
    /// For a load balancer that names nobody and keeps its connections, and no tenth of a core.
    pub const PER_SECOND: u32 = 200;

    pub fn may_shake_hands(&self, at: Instant) -> bool {
        self.bucket.take(&self.pace, nanos(at)).over.is_none()
    }
}

/// A gateway's bytes a second in one direction, shared by all whom it serves.
#[derive(Clone)]
pub struct Bandwidth {
    bytes_per_second: u64,
    state: Arc<GatewayState>,
    paid: fn(&GatewayState) -> &AtomicU64,
}

/// What may go out ahead, so that many short answers are not sent one by one.
const AHEAD: u64 = 20_000_000;

impl Bandwidth {
    /// Takes its turn for so many bytes. Returns how long they have to wait, if they have to.
    pub fn charge(&self, bytes: usize, at: Instant) -> Option<Duration> {
        let cost = (bytes as u64).saturating_mul(1_000_000_000) / self.bytes_per_second;
        let now = nanos(at);
        let turn = |owed: u64| owed.max(now);
        let paid =
            (self.paid)(&self.state).fetch_update(Relaxed, Relaxed, |owed| Some(turn(owed).saturating_add(cost)));
        let (Ok(before) | Err(before)) = paid;
        let wait = turn(before).saturating_sub(now + AHEAD);
        (wait > 0).then(|| Duration::from_nanos(wait))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handshakes_without_a_name_are_so_many() {
        let (nameless, now) = (Nameless::default(), Instant::now());
        let allowed = |at: Instant| (0..1000).filter(|_| nameless.may_shake_hands(at)).count();
        assert_eq!(allowed(now), 200);
        assert_eq!(allowed(now + Duration::from_millis(500)), 100);
        assert_eq!(allowed(now + Duration::from_secs(60)), 200);
    }

    #[test]
    fn the_mean_is_kept_and_everybody_gets_a_turn() {
        let config = snapshot::Capacity { bytes_per_second: Some(1_000_000), ..snapshot::Capacity::default() };
        let capacity = Capacity::new(&config, Arc::default());
        let (bandwidth, other) = (capacity.down().expect("one"), capacity.up().expect("one"));
        let now = Instant::now();
        assert_eq!(bandwidth.charge(1_000_000, now), None, "a piece waits for what went before, not for itself");
        let waits: Vec<_> =
            (0..3).filter_map(|_| bandwidth.charge(100_000, now)).map(|wait| wait.as_millis()).collect();
        assert_eq!(waits, [980, 1080, 1180]);
        assert_eq!(other.charge(1_000, now), None, "what comes does not wait for what goes");
        assert_eq!(bandwidth.charge(1, now + Duration::from_secs(2)), None);
    }
}
