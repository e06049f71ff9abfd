//! From wishes to configurations: a pure function, and the same thing done in steps.
//!
//! Every engine serves every gateway so far; the map by engine is where that will differ.

mod dns;
mod own_names;
mod places;
mod proofs;
mod resources;
#[cfg(test)]
mod tests;

pub use proofs::Answer;

use crate::Installation;
use crate::desired::{Desired, Touched};
use domain::gateway::Gateway;
use domain::id::{CertificateId, EngineId, GatewayId};
use domain::network::HostAddress;
use domain::snapshot::{CertificateConfig, Resource, ResourceKey, Snapshot};
use domain::traffic::TrafficSettings;
use places::{Ground, Places};
use proofs::Proofs;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

/// What the outcome depends on besides the wishes.
#[derive(Clone, Debug)]
pub struct Topology {
    pub installation: Installation,
    /// Those that the installation made itself.
    pub certificates: Vec<CertificateConfig>,
    pub engines: BTreeSet<EngineId>,
    /// Of the engines' host.
    pub host: Vec<HostAddress>,
}

/// The complete configuration of each engine.
pub fn compile(desired: &Desired, topology: &Topology) -> BTreeMap<EngineId, Arc<Snapshot>> {
    let engines = topology.engines.len() as u64;
    let places = Places::of(desired);
    let around = (&topology.installation, topology.certificates.as_slice(), topology.host.as_slice());
    let snapshot = Arc::new(whole(desired, &places, around, engines));
    topology.engines.iter().map(|engine| (engine.clone(), snapshot.clone())).collect()
}

type Around<'a> = (&'a Installation, &'a [CertificateConfig], &'a [HostAddress]);

fn whole(desired: &Desired, places: &Places, (installation, certificates, host): Around<'_>, engines: u64) -> Snapshot {
    let held = desired.names.certificates.values();
    let uploaded = held.filter_map(|held| resources::certificate(held, desired, installation));
    let certificates = certificates.iter().cloned().map(Resource::Certificate).chain(uploaded);
    let ground = Ground { installation, networks: &desired.networks, host };
    let private = places.addresses().flat_map(|address| places.listeners(address, &ground));
    let gateways = desired.gateways.values().map(|gateway| resources::gateway(gateway, desired, installation, engines));
    let services = desired.services.values().map(|service| resources::service(service, desired));
    let listeners = resources::listeners(installation);
    let named = desired.gateways.values().flat_map(|gateway| dns::names(gateway, desired, installation));
    let dns = dns::server(places, &ground).into_iter().chain(named);
    let served = listeners.chain(private).chain(certificates).chain(gateways).chain(services);
    Snapshot::from_resources(desired.seq, served.chain(dns))
}

/// Those of the running installation: one so far.
const ENGINES: u64 = 1;

/// The newest configuration, kept up to date at a cost that does not grow with what stays the same.
#[derive(Clone, Debug)]
pub struct Compiler {
    installation: Installation,
    certificates: Vec<CertificateConfig>,
    host: Vec<HostAddress>,
    places: Places,
    /// What gateways say for their services, where they say anything.
    traffic: HashMap<GatewayId, TrafficSettings>,
    proofs: Proofs,
    snapshot: Arc<Snapshot>,
}

impl Compiler {
    pub fn new(desired: &Desired, installation: Installation) -> Self {
        let mut compiler = Self {
            installation,
            certificates: Vec::new(),
            host: Vec::new(),
            places: Places::default(),
            traffic: HashMap::new(),
            proofs: Proofs::default(),
            snapshot: Arc::default(),
        };
        compiler.restart(desired);
        compiler
    }

    /// Starts again from these wishes, in the same surroundings.
    pub fn restart(&mut self, desired: &Desired) -> Arc<Snapshot> {
        self.places = Places::of(desired);
        self.traffic = HashMap::new();
        for gateway in desired.gateways.values() {
            self.directs(&gateway.id, Some(gateway));
        }
        let around = (&self.installation, self.certificates.as_slice(), self.host.as_slice());
        let mut snapshot = whole(desired, &self.places, around, ENGINES);
        self.proofs.all().for_each(|proof| _ = snapshot.put(proof));
        self.snapshot = Arc::new(snapshot);
        self.snapshot()
    }

    /// What the engine's host has now. What an interface had stays known while it has nothing: a listener outlives a
    /// moment without its address. One that has something else leads elsewhere, and is no way into the VPC any more.
    pub fn set_host(&mut self, desired: &Desired, now: &[HostAddress]) -> Arc<Snapshot> {
        let is_back = |old: &HostAddress| now.iter().any(|new| new.address == old.address);
        let is_bare = |name: &str| !now.iter().any(|new| new.interface == name && !new.is_link_local());
        self.host.retain(|old| is_bare(&old.interface) && !is_back(old));
        self.host.extend(now.iter().cloned());
        let mut next = Snapshot::clone(&self.snapshot);
        self.listen(&mut next, desired, self.places.addresses().collect());
        self.ask(&mut next, desired);
        self.snapshot = Arc::new(next);
        self.snapshot()
    }

    /// Notes what the gateway says for its services; whether that is something else than before.
    fn directs(&mut self, id: &GatewayId, gateway: Option<&Gateway>) -> bool {
        let now = gateway.map(|gateway| gateway.traffic.clone()).filter(|now| *now != TrafficSettings::default());
        let before = match &now {
            Some(now) => self.traffic.insert(id.clone(), now.clone()),
            None => self.traffic.remove(id),
        };
        before != now
    }

    fn ground<'a>(&'a self, desired: &'a Desired) -> Ground<'a> {
        Ground { installation: &self.installation, networks: &desired.networks, host: &self.host }
    }

    /// The DNS server, anew.
    fn ask(&self, next: &mut Snapshot, desired: &Desired) {
        if let Some(server) = dns::server(&self.places, &self.ground(desired)) {
            next.put(server);
        }
    }

    /// The names of these gateways, anew, while `next` still has the gateways as they were.
    fn name(&self, next: &mut Snapshot, desired: &Desired, gateways: &BTreeSet<&GatewayId>) {
        let before = |id: &&GatewayId| {
            let before = next.get(&ResourceKey::Gateway((*id).clone())).map(Arc::as_ref);
            dns::keys(id, before, &self.installation)
        };
        let mut gone: BTreeSet<ResourceKey> = gateways.iter().flat_map(before).collect();
        let now = gateways.iter().filter_map(|id| desired.gateways.get(*id));
        // None is removed before all are known: a name may have moved from one of them to another.
        for name in now.flat_map(|gateway| dns::names(gateway, desired, &self.installation)) {
            gone.remove(&name.key());
            next.put(name);
        }
        for key in gone {
            next.remove(&key);
        }
    }

    /// The listeners at these addresses, anew.
    fn listen(&self, next: &mut Snapshot, desired: &Desired, addresses: BTreeSet<IpAddr>) {
        let ground = self.ground(desired);
        for address in addresses {
            let now: Vec<Resource> = self.places.listeners(address, &ground).collect();
            for key in places::keys(address, &self.installation) {
                if !now.iter().any(|listener| listener.key() == key) {
                    next.remove(&key);
                }
            }
            for listener in now {
                next.put(listener);
            }
        }
    }

    /// The certificate as far as it is used.
    fn show(&self, next: &mut Snapshot, desired: &Desired, id: &CertificateId) {
        let held = desired.names.certificates.get(id);
        match held.and_then(|held| resources::certificate(held, desired, &self.installation)) {
            Some(resource) => next.put(resource),
            None => next.remove(&ResourceKey::Certificate(id.clone())),
        };
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

    /// Puts an answer to a certificate authority in place, or takes it away.
    pub fn set_answer(&mut self, answer: &Answer, in_place: bool) -> Arc<Snapshot> {
        if in_place {
            self.proofs.add(answer)
        } else {
            self.proofs.remove(answer)
        }
        let mut next = Snapshot::clone(&self.snapshot);
        for key in answer.keys() {
            match self.proofs.get(&key) {
                Some(resource) => next.put(resource),
                None => next.remove(&key),
            };
        }
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
        self.name(&mut next, desired, &renamed(desired, touched));
        for each in touched {
            match each {
                Touched::Gateway(id, gateway) => {
                    match gateway {
                        Some(gateway) => next.put(resources::gateway(gateway, desired, &self.installation, ENGINES)),
                        None => next.remove(&ResourceKey::Gateway(id.clone())),
                    };
                    if self.directs(id, gateway.as_deref()) {
                        for service in desired.bound_to(id) {
                            next.put(resources::service(service, desired));
                        }
                    }
                    let own = self.installation.public_host(id);
                    for held in desired.names.ordered_for(&own) {
                        self.show(&mut next, desired, &held.row.id);
                    }
                    let moved = self.places.set(id, gateway.as_deref(), &desired.networks);
                    self.listen(&mut next, desired, moved.at);
                    if moved.asked {
                        self.ask(&mut next, desired);
                    }
                }
                Touched::Networks(networks) => {
                    // Grants may be other ones.
                    let linked = desired.gateways.values().filter(|gateway| !gateway.vpcs.is_empty());
                    let mut at: BTreeSet<IpAddr> = self.places.addresses().collect();
                    for gateway in linked {
                        next.put(resources::gateway(gateway, desired, &self.installation, ENGINES));
                        at.extend(self.places.set(&gateway.id, Some(gateway), networks).at);
                    }
                    self.listen(&mut next, desired, at);
                    self.ask(&mut next, desired);
                }
                Touched::AcmeAccount(..) => {}
                Touched::Certificate(id, _) => {
                    for id in own_names::rivals(&next, desired, id) {
                        self.show(&mut next, desired, &id);
                    }
                }
                Touched::Domain(_, before, after) => {
                    for domain in [before, after].into_iter().flatten() {
                        if let Some(gateway) = desired.gateways.get(&domain.gateway_id) {
                            next.put(resources::gateway(gateway, desired, &self.installation, ENGINES));
                        }
                        if let Some(id) = &domain.certificate_id {
                            self.show(&mut next, desired, id);
                        }
                    }
                }
                Touched::Service(_, Some((service, _))) => {
                    next.put(resources::service(service, desired));
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

/// The gateways whose names may be other ones, or lead elsewhere.
fn renamed<'a>(desired: &'a Desired, touched: &'a [Touched]) -> BTreeSet<&'a GatewayId> {
    let mut found = BTreeSet::new();
    for each in touched {
        match each {
            Touched::Gateway(id, _) => found.extend([id]),
            Touched::Domain(_, before, after) => {
                found.extend([before, after].into_iter().flatten().map(|domain| &domain.gateway_id));
            }
            // Addresses may be in other zones now.
            Touched::Networks(_) => {
                let linked = desired.gateways.values().filter(|gateway| !gateway.vpcs.is_empty());
                found.extend(linked.map(|gateway| &gateway.id));
            }
            Touched::Service(..) | Touched::Certificate(..) | Touched::AcmeAccount(..) => {}
        }
    }
    found
}
