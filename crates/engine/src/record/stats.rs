//! Runtime state by id. It outlives configurations: a gateway that is removed and comes back goes on counting, or
//! its totals would shrink under the same start of the engine.

use super::{OwnThreads, SeenTotals, Shards, Side};
use crate::balance::Spread;
use crate::config::Endpoint;
use crate::limit::{Bucket, GatewayState, ServiceState};
use domain::id::{GatewayId, ServiceId, TokenId, VpcId};
use link::telemetry::{GatewayUsage, ReplicaCounters, ServiceCounters, SideBytes};
use std::collections::HashMap;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

#[derive(Clone)]
pub struct OfService {
    pub counters: Arc<Shards>,
    /// Those that are ready, as the newest configuration has them.
    pub replicas: Arc<Mutex<Arc<[Arc<Endpoint>]>>>,
    /// What the balancer remembers.
    pub spread: Arc<Spread>,
    pub limits: Arc<ServiceState>,
}

impl OfService {
    pub fn have_replicas(&self, replicas: &Arc<[Arc<Endpoint>]>) {
        *locked(&self.replicas) = replicas.clone();
    }

    /// All that the console is told of it.
    pub fn tell(&self, service_id: ServiceId) -> ServiceCounters {
        let replicas = locked(&self.replicas).clone();
        let replicas = replicas.iter().map(|replica| {
            let (requests, failures) = replica.load.totals();
            let in_flight = u64::from(replica.load.in_flight());
            ReplicaCounters { replica_id: replica.replica_id.clone(), in_flight, requests, failures }
        });
        let SeenTotals { tokens_in, tokens_out, first_token, per_token } = self.counters.seen();
        ServiceCounters {
            service_id,
            counters: self.counters.sum(),
            held: self.limits.held.len(),
            queued: self.limits.queued.len(),
            replicas: replicas.collect(),
            latency: self.counters.durations(),
            tokens_in,
            tokens_out,
            first_token,
            per_token,
        }
    }
}

type OfGateway = (Arc<Shards>, Arc<GatewayState>);

pub struct Stats {
    workers: usize,
    gateways: Mutex<HashMap<GatewayId, OfGateway>>,
    sides: Mutex<HashMap<GatewayId, Vec<Arc<Side>>>>,
    services: Mutex<HashMap<ServiceId, OfService>>,
    tokens: Mutex<HashMap<TokenId, Arc<Bucket>>>,
    threads: Mutex<HashMap<GatewayId, Arc<OwnThreads>>>,
    held: Arc<Notify>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Stats {
    pub fn new(workers: usize) -> Self {
        Self {
            workers,
            gateways: Mutex::default(),
            sides: Mutex::default(),
            services: Mutex::default(),
            tokens: Mutex::default(),
            threads: Mutex::default(),
            held: Arc::default(),
        }
    }

    /// Counters, and what of its capacity is in use.
    pub fn gateway(&self, id: &GatewayId) -> OfGateway {
        let new = || (Arc::new(Shards::new(self.workers, false)), Arc::default());
        locked(&self.gateways).entry(id.clone()).or_insert_with(new).clone()
    }

    /// Of one of the VPCs that the gateway is entered from.
    pub fn side(&self, id: &GatewayId, vpc: &VpcId) -> Arc<Side> {
        let mut sides = locked(&self.sides);
        let of_gateway = sides.entry(id.clone()).or_default();
        if let Some(known) = of_gateway.iter().find(|side| side.is_of(vpc)) {
            return known.clone();
        }
        let side = Arc::new(Side::new(vpc.clone(), self.workers));
        of_gateway.push(side.clone());
        side
    }

    /// Sides of the gateway that bytes came through.
    pub fn sides(&self, id: &GatewayId) -> Vec<SideBytes> {
        let public = locked(&self.gateways).get(id).map(|(shards, _)| shards.public());
        let public = public.map(|(bytes_in, bytes_out)| SideBytes { vpc: None, bytes_in, bytes_out });
        let all = locked(&self.sides).get(id).cloned().unwrap_or_default();
        public
            .into_iter()
            .chain(all.iter().map(|side| side.sum()))
            .filter(|side| side.bytes_in > 0 || side.bytes_out > 0)
            .collect()
    }

    /// Told when requests of a service begin to wait for a replica.
    pub fn held(&self) -> Arc<Notify> {
        self.held.clone()
    }

    pub fn service(&self, id: &ServiceId) -> OfService {
        let new = || OfService {
            counters: Arc::new(Shards::new(self.workers, true)),
            replicas: Arc::default(),
            spread: Arc::default(),
            limits: Arc::new(ServiceState::calling(self.held.clone())),
        };
        locked(&self.services).entry(id.clone()).or_insert_with(new).clone()
    }

    pub fn token(&self, id: &TokenId) -> Arc<Bucket> {
        locked(&self.tokens).entry(id.clone()).or_default().clone()
    }

    /// Of the gateway's own threads, from when it has some.
    pub fn threads(&self, id: &GatewayId) -> Arc<OwnThreads> {
        locked(&self.threads).entry(id.clone()).or_default().clone()
    }

    /// Microseconds; 0 for a gateway without threads of its own.
    pub fn cpu_us(&self, id: &GatewayId) -> u64 {
        locked(&self.threads).get(id).map_or(0, |threads| threads.cpu_us.load(Relaxed))
    }

    /// What gateways use that have, or had, threads of their own.
    pub fn usage(&self) -> Vec<GatewayUsage> {
        let threads: Vec<_> = locked(&self.threads).iter().map(|(id, own)| (id.clone(), own.clone())).collect();
        let gateways = locked(&self.gateways);
        let usage = threads.into_iter().map(|(gateway_id, own)| GatewayUsage {
            workers: own.workers.load(Relaxed),
            cpu_us: own.cpu_us.load(Relaxed),
            connections: gateways.get(&gateway_id).map_or(0, |(_, state)| state.open()),
            gateway_id,
        });
        usage.collect()
    }

    /// Those where something was counted since they were asked for last.
    pub fn touched_gateways(&self) -> Vec<(GatewayId, Arc<Shards>)> {
        let all = locked(&self.gateways);
        let touched = all.iter().filter(|(_, (shards, _))| shards.take_touched());
        touched.map(|(id, (shards, _))| (id.clone(), shards.clone())).collect()
    }

    /// The same of services: of a hundred thousand few are busy in the same second.
    pub fn touched_services(&self) -> Vec<(ServiceId, OfService)> {
        let all = locked(&self.services);
        let touched = all.iter().filter(|(_, of_it)| of_it.counters.take_touched());
        touched.map(|(id, of_it)| (id.clone(), of_it.clone())).collect()
    }

    pub fn gateways(&self) -> Vec<(GatewayId, Arc<Shards>)> {
        locked(&self.gateways).iter().map(|(id, (shards, _))| (id.clone(), shards.clone())).collect()
    }

    pub fn services(&self) -> Vec<(ServiceId, OfService)> {
        locked(&self.services).iter().map(|(id, of_it)| (id.clone(), of_it.clone())).collect()
    }
}
