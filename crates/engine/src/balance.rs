//! Which replica is next.

use crate::answer::Refusal;
use crate::config::{Endpoint, Service};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// Round robin over what was ready when the request came; more than one for another try.
pub struct Turn {
    endpoints: Arc<[Arc<Endpoint>]>,
    at: usize,
}

impl Turn {
    pub fn take(service: &Service) -> Result<Self, Refusal> {
        let endpoints = service.endpoints.clone();
        if endpoints.is_empty() {
            return Err(Refusal::NoHealthyUpstream);
        }
        let at = service.turn.fetch_add(1, Relaxed);
        Ok(Self { endpoints, at })
    }

    pub fn len(&self) -> usize {
        self.endpoints.len()
    }

    /// The endpoint after `tried` others.
    pub fn endpoint(&self, tried: usize) -> &Arc<Endpoint> {
        &self.endpoints[self.at.wrapping_add(tried) % self.endpoints.len()]
    }
}
