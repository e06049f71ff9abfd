//! How much: of one request, of a service and its tokens, of a replica, of a gateway.

pub mod body;
pub mod capacity;
mod gate;
mod hold;
mod place;
pub mod rate;
mod shape;

pub use body::{Meter, RequestBody};
pub use capacity::{Bandwidth, Capacity, GatewayState};
pub use gate::Permit;
pub use hold::enter;
pub use place::Place;
pub use rate::{Bucket, Quota};
pub use shape::Shaped;

use domain::snapshot::policy;
use gate::Gate;
use std::sync::Arc;
use std::time::Duration;

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
    pub state: Arc<ServiceState>,
}

/// What was used up so far; outlives configurations.
#[derive(Default)]
pub struct ServiceState {
    bucket: Bucket,
    gate: Arc<Gate>,
}

impl Limits {
    pub fn new(limits: &policy::Limits, state: Arc<ServiceState>) -> Self {
        Self {
            rate: limits.rate.map(Into::into),
            token_rate: limits.token_rate.map(Into::into),
            in_flight: limits.in_flight,
            in_flight_per_replica: limits.in_flight_per_replica,
            queue: limits.queue.map_or(0, |queue| queue.length),
            wait: Duration::from_millis(limits.queue.map_or(0, |queue| queue.wait_ms)),
            state,
        }
    }

    /// Who waits comes in, if these limits allow it with so many replicas.
    pub fn let_in(&self, replicas: usize) {
        self.state.gate.set_limit(self.at_once(replicas).unwrap_or(u32::MAX));
    }

    /// How many requests may be under way at so many replicas.
    fn at_once(&self, replicas: usize) -> Option<u32> {
        let replicas = u32::try_from(replicas).unwrap_or(u32::MAX);
        let of_replicas = self.in_flight_per_replica.map(|each| each.saturating_mul(replicas));
        self.in_flight.into_iter().chain(of_replicas).min()
    }
}
