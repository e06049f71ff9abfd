//! Runtime state by id. It outlives configurations: a gateway that is removed and comes back goes on counting, or
//! its totals would shrink under the same start of the engine.

use super::Shards;
use crate::balance::Spread;
use domain::id::{GatewayId, ServiceId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

type OfService = (Arc<Shards>, Arc<Spread>);

pub struct Stats {
    workers: usize,
    gateways: Mutex<HashMap<GatewayId, Arc<Shards>>>,
    services: Mutex<HashMap<ServiceId, OfService>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Stats {
    pub fn new(workers: usize) -> Self {
        Self { workers, gateways: Mutex::default(), services: Mutex::default() }
    }

    pub fn gateway(&self, id: &GatewayId) -> Arc<Shards> {
        let mut gateways = locked(&self.gateways);
        gateways.entry(id.clone()).or_insert_with(|| Arc::new(Shards::new(self.workers))).clone()
    }

    /// Counters and what the balancer remembers.
    pub fn service(&self, id: &ServiceId) -> OfService {
        let mut services = locked(&self.services);
        services.entry(id.clone()).or_insert_with(|| (Arc::new(Shards::new(self.workers)), Arc::default())).clone()
    }

    pub fn gateways(&self) -> Vec<(GatewayId, Arc<Shards>)> {
        locked(&self.gateways).iter().map(|(id, shards)| (id.clone(), shards.clone())).collect()
    }

    pub fn services(&self) -> Vec<(ServiceId, Arc<Shards>)> {
        locked(&self.services).iter().map(|(id, (shards, _))| (id.clone(), shards.clone())).collect()
    }
}
