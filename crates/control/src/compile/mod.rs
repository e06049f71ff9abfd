//! From wishes to configurations: a pure function, and the same thing done in steps.
//!
//! Every engine serves every gateway so far; the map by engine is where that will differ.

mod resources;
#[cfg(test)]
mod tests;

use crate::Installation;
use crate::desired::{Desired, Touched};
use domain::id::EngineId;
use domain::snapshot::{ResourceKey, Snapshot};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the outcome depends on besides the wishes.
#[derive(Clone, Debug)]
pub struct Topology {
    pub installation: Installation,
    pub engines: BTreeSet<EngineId>,
}

/// The complete configuration of each engine.
pub fn compile(desired: &Desired, topology: &Topology) -> BTreeMap<EngineId, Arc<Snapshot>> {
    let snapshot = Arc::new(whole(desired, &topology.installation));
    topology.engines.iter().map(|engine| (engine.clone(), snapshot.clone())).collect()
}

fn whole(desired: &Desired, installation: &Installation) -> Snapshot {
    let gateways = desired.gateways.values().map(|gateway| resources::gateway(gateway, installation));
    let services = desired.services.values().map(|service| resources::service(service, &desired.tokens));
    Snapshot::from_resources(desired.seq, resources::listeners(installation).chain(gateways).chain(services))
}

/// The newest configuration, kept up to date at a cost that does not grow with what stays the same.
#[derive(Debug)]
pub struct Compiler {
    installation: Installation,
    snapshot: Arc<Snapshot>,
}

impl Compiler {
    pub fn new(desired: &Desired, installation: Installation) -> Self {
        Self { snapshot: Arc::new(whole(desired, &installation)), installation }
    }

    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.clone()
    }

    /// Takes in what a write touched; `desired` includes it already.
    pub fn apply(&mut self, desired: &Desired, touched: &[Touched]) -> Arc<Snapshot> {
        let mut next = Snapshot::clone(&self.snapshot);
        next.version = desired.seq;
        for each in touched {
            match each {
                Touched::Gateway(_, Some(gateway)) => {
                    next.put(resources::gateway(gateway, &self.installation));
                }
                Touched::Gateway(id, None) => {
                    next.remove(&ResourceKey::Gateway(id.clone()));
                }
                Touched::Service(_, Some((service, _))) => {
                    next.put(resources::service(service, &desired.tokens));
                }
                Touched::Service(id, None) => {
                    next.remove(&ResourceKey::Service(id.clone()));
                }
            }
        }
        self.snapshot = Arc::new(next);
        self.snapshot()
    }
}
