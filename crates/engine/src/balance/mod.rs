//! Which replica is next.

mod load;
mod pick;
mod spread;
mod weights;

pub use load::{Busy, Load, millis};
pub use pick::{Now, hash, key_of};
pub use spread::Spread;
pub use weights::Weights;

use crate::answer::Refusal;
use crate::config::{Endpoint, Service};
use std::sync::Arc;

/// The replicas that were ready when a request came, and those that it was sent to.
pub struct Turn<'s> {
    asked: &'s Service,
    /// The service as it is now, where its replicas are others than when it was asked.
    newer: Option<Arc<Service>>,
    endpoints: Arc<[Arc<Endpoint>]>,
    at: usize,
    /// What the same replica shall get again; random where nothing is said.
    key: u64,
    tries: u8,
    /// Places in `endpoints`, a bit each; of those behind the last bit one may be tried twice.
    tried: u128,
}

impl<'s> Turn<'s> {
    pub fn take(service: &'s Service, key: Option<u64>, now: &Now) -> Result<Self, Refusal> {
        let endpoints = service.endpoints.clone();
        if endpoints.is_empty() {
            return Err(Refusal::NoHealthyUpstream);
        }
        let key = key.unwrap_or(now.random);
        Ok(Self { asked: service, newer: None, endpoints, at: service.spread.next_turn(), key, tries: 0, tried: 0 })
    }

    fn service(&self) -> &Service {
        self.newer.as_deref().unwrap_or(self.asked)
    }

    /// The request goes on with the replicas of today: those that were taken away meanwhile count as no try, however
    /// many of them it met.
    pub fn renew(&mut self, now: &Arc<Service>) {
        if now.endpoints.is_empty() || Arc::ptr_eq(&now.endpoints, &self.endpoints) {
            return;
        }
        let before = std::mem::replace(&mut self.endpoints, now.endpoints.clone());
        let was_tried = std::mem::take(&mut self.tried);
        self.tries = 0;
        for (_, old) in before.iter().enumerate().filter(|(at, _)| was_tried & bit(*at) != 0) {
            if let Some(at) = self.endpoints.iter().position(|endpoint| endpoint.key == old.key) {
                self.tried |= bit(at);
                self.tries += 1;
            }
        }
        self.newer = Some(now.clone());
    }

    /// Another one than before; `None` when there is none or it was tried often enough.
    pub fn next(&mut self, now: &Now) -> Option<Busy> {
        if self.tries >= self.service().retry.tries.max(1) {
            return None;
        }
        loop {
            let picked = pick::pick(self, now)?;
            // Another worker may have taken the last of its room meanwhile.
            if let Some(busy) = Busy::on(&self.endpoints[picked], self.service().limits.in_flight_per_replica) {
                self.tries += 1;
                self.tried |= bit(picked);
                return Some(busy);
            }
        }
    }

    fn was_tried(&self, at: usize) -> bool {
        self.tried & bit(at) != 0
    }

    /// Tells what became of a request: no connection, no answer or a 5xx.
    pub fn failed(&self, endpoint: &Endpoint, now: u64) {
        let health = &self.service().health;
        let ejected = || self.endpoints.iter().filter(|other| other.load.is_ejected(now)).count() + 1;
        let allowed = self.endpoints.len() * usize::from(health.max_ejected_percent.min(100)) / 100;
        if endpoint.load.failed(health, now, || ejected() <= allowed) {
            tracing::warn!(
                replica = %endpoint.replica_id,
                service = %self.asked.id,
                "a replica failed too often in a row; it gets no requests for a while"
            );
        }
    }
}

fn bit(at: usize) -> u128 {
    u32::try_from(at).ok().and_then(|at| 1_u128.checked_shl(at)).unwrap_or(0)
}
