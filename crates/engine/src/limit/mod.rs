//! How much: of one request, of a service and its tokens, of a replica, of a gateway.

pub mod body;
pub mod capacity;
mod enter;
mod gate;
mod line;
mod meter;
mod place;
pub mod rate;
mod shape;

pub use body::RequestBody;
pub use capacity::{Bandwidth, Capacity, GatewayState};
pub use enter::enter;
pub use gate::Permit;
pub use line::Line;
pub use meter::Meter;
pub use place::Place;
pub use rate::{Bucket, Quota};
pub use shape::Shaped;

use domain::snapshot::policy;
use gate::Gate;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// A service's limits as requests look at them.
pub struct Limits {
    pub rate: Option<rate::Pace>,
    /// Of each token.
    pub token_rate: Option<rate::Pace>,
    pub in_flight: Option<u32>,
    pub in_flight_per_replica: Option<u32>,
    /// How many may wait, and for how long.
    pub queue: u32,
    pub wait: Duration,
    /// Requests wait while there is no replica.
    pub hold: Option<policy::Hold>,
    pub state: Arc<ServiceState>,
}

/// What was used up so far; outlives configurations.
#[derive(Default)]
pub struct ServiceState {
    bucket: Bucket,
    gate: Arc<Gate>,
    /// Who waits for a place.
    pub queued: Line,
    /// Who waits for a replica, and for a place there.
    pub held: Line,
}

impl ServiceState {
    /// `held` is told when requests begin to wait for a replica.
    pub fn calling(held: Arc<Notify>) -> Self {
        Self { held: Line::calling(held), ..Self::default() }
    }
}

impl Limits {
    pub fn new(limits: &policy::Limits, hold: Option<policy::Hold>, state: Arc<ServiceState>) -> Self {
        Self {
            rate: limits.rate.map(Into::into),
            token_rate: limits.token_rate.map(Into::into),
            in_flight: limits.in_flight,
            in_flight_per_replica: limits.in_flight_per_replica,
            queue: limits.queue.map_or(0, |queue| queue.length),
            wait: Duration::from_millis(limits.queue.map_or(0, |queue| queue.wait_ms)),
            hold,
            state,
        }
    }

    /// Who waits comes in, if these limits allow it with so many replicas.
    pub fn let_in(&self, replicas: usize) {
        let at_once = if self.hold.is_some() && replicas == 0 { Some(0) } else { self.at_once(replicas) };
        self.state.gate.set_limit(at_once.unwrap_or(u32::MAX));
    }

    /// How long a request waits for a replica.
    pub fn hold_wait(&self) -> Duration {
        Duration::from_millis(self.hold.map_or(0, |hold| hold.wait_ms))
    }

    /// How many requests may be under way at so many replicas.
    fn at_once(&self, replicas: usize) -> Option<u32> {
        let replicas = u32::try_from(replicas).unwrap_or(u32::MAX);
        let of_replicas = self.in_flight_per_replica.map(|each| each.saturating_mul(replicas));
        self.in_flight.into_iter().chain(of_replicas).min()
    }
}
