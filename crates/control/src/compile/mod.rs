//! From wishes to configurations: a pure function, and the same thing done in steps.
//!
//! Every engine serves every gateway so far; the map by engine is where that will differ.

mod resources;
#[cfg(test)]
mod tests;

use crate::Installation;
use crate::desired::{Desired, Touched};
use domain::id::EngineId;
use domain::snapshot::{CertificateConfig, Resource, ResourceKey, Snapshot};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the outcome depends on besides the wishes.
#[derive(Clone, Debug)]
pub struct Topology {
    pub installation: Installation,
    /// Those that the installation made itself.
    pub certificates: Vec<CertificateConfig>,
    pub engines: BTreeSet<EngineId>,
}

/// The complete configuration of each engine.
pub fn compile(desired: &Desired, topology: &Topology) -> BTreeMap<EngineId, Arc<Snapshot>> {
    let engines = topology.engines.len() as u64;
    let snapshot = Arc::new(whole(desired, &topology.installation, &topology.certificates, engines));
    topology.engines.iter().map(|engine| (engine.clone(), snapshot.clone())).collect()
}

fn whole(desired: &Desired, installation: &Installation, certificates: &[CertificateConfig], engines: u64) -> Snapshot {
    let certificates = certificates.iter().cloned().map(Resource::Certificate);
    let gateways = desired.gateways.values().map(|gateway| resources::gateway(gateway, installation, engines));
    let services = desired.services.values().map(|service| resources::service(service, &desired.tokens));
    let listeners = resources::listeners(installation);
    Snapshot::from_resources(desired.seq, listeners.chain(certificates).chain(gateways).chain(services))
}

/// Those of the running installation: one so far.
const ENGINES: u64 = 1;

/// The newest configuration, kept up to date at a cost that does not grow with what stays the same.
#[derive(Clone, Debug)]
pub struct Compiler {
    installation: Installation,
    certificates: Vec<CertificateConfig>,
    snapshot: Arc<Snapshot>,
}

impl Compiler {
    pub fn new(desired: &Desired, installation: Installation) -> Self {
        let snapshot = Arc::new(whole(desired, &installation, &[], ENGINES));
        Self { snapshot, installation, certificates: Vec::new() }
    }

    /// Starts again from these wishes, in the same surroundings.
    pub fn restart(&mut self, desired: &Desired) -> Arc<Snapshot> {
        self.snapshot = Arc::new(whole(desired, &self.installation, &self.certificates, ENGINES));
        self.snapshot()
    }

    /// Replaces the installation's own certificates.
    pub fn set_certificates(&mut self, certificates: Vec<CertificateConfig>) -> Arc<Snapshot> {
        let mut next = Snapshot::clone(&self.snapshot);
        for old in &self.certificates {
            next.remove(&ResourceKey::Certificate(old.id.clone()));
        }
        for new in &certificates {
            next.put(Resource::Certificate(new.clone()));
        }
        self.certificates = certificates;
        self.snapshot = Arc::new(next);
        self.snapshot()
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
                    next.put(resources::gateway(gateway, &self.installation, ENGINES));
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
