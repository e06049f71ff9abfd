//! From wishes to configurations, one for each host: a pure function, and the same thing done in steps.

mod configurations;
mod dns;
mod fleet;
mod own_names;
mod places;
mod proofs;
mod resources;
#[cfg(test)]
mod tests;

pub use configurations::Configurations;
pub use fleet::{Fleet, Lost, Site};
pub use proofs::Answer;

use crate::Installation;
use crate::desired::{Desired, Touched};
use domain::gateway::{Gateway, GatewayKind};
use domain::id::{CertificateId, GatewayId, HostId};
use domain::network::HostAddress;
use domain::snapshot::{CertificateConfig, Resource, ResourceKey, Snapshot};
use domain::traffic::TrafficSettings;
use places::{Ground, Places};
use proofs::Proofs;
use resources::Part;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

/// The newest configurations, kept up to date at a cost that does not grow with what stays the same.
#[derive(Clone, Debug)]
pub struct Compiler {
    installation: Installation,
    /// Those that the installation made itself.
    certificates: Vec<CertificateConfig>,
    fleet: Arc<Fleet>,
    places: Places,
    /// What gateways say for their services, where they say anything.
    traffic: HashMap<GatewayId, TrafficSettings>,
    /// Names of gateways that are served.
    named: HashMap<GatewayId, BTreeSet<ResourceKey>>,
    proofs: Proofs,
    version: u64,
    snapshots: BTreeMap<HostId, Arc<Snapshot>>,
}

impl Compiler {
    pub fn new(desired: &Desired, installation: Installation) -> Self {
        let mut compiler = Self {
            installation,
            certificates: Vec::new(),
            fleet: Arc::default(),
            places: Places::default(),
            traffic: HashMap::new(),
            named: HashMap::new(),
            proofs: Proofs::default(),
            version: 0,
            snapshots: BTreeMap::new(),
        };
        compiler.restart(desired);
        compiler
    }

    pub fn configurations(&self) -> Configurations {
        Configurations { version: self.version, fleet: self.fleet.clone(), snapshots: self.snapshots.clone() }
    }

    /// Starts again from these wishes, in the same surroundings.
    pub fn restart(&mut self, desired: &Desired) {
        self.version = desired.seq;
        Arc::make_mut(&mut self.fleet).follow(&desired.hosts, &self.installation);
        self.places = Places::of(desired);
        self.traffic = HashMap::new();
        self.named = HashMap::new();
        for gateway in desired.gateways.values() {
            self.directs(&gateway.id, Some(gateway));
        }
        let common = self.common(desired);
        let of_host = |host: &HostId| {
            let mut snapshot = common.clone();
            self.put_own(&mut snapshot, host, desired);
            (host.clone(), Arc::new(snapshot))
        };
        self.snapshots = self.fleet.sites().map(|(host, _)| of_host(host)).collect();
    }

    /// What is the same on all hosts.
    fn common(&mut self, desired: &Desired) -> Snapshot {
        let names = &desired.names;
        let uploaded =
            names.certificates.values().filter_map(|held| resources::certificate(held, desired, &self.installation));
        let certificates = self.certificates.iter().cloned().map(Resource::Certificate).chain(uploaded);
        let services = desired.services.values().map(|service| resources::service(service, desired, &self.fleet));
        let mut snapshot = Snapshot::from_resources(self.version, certificates.chain(services));
        for gateway in desired.gateways.values() {
            let names = dns::names(gateway, desired, &self.installation, &self.fleet);
            self.named.insert(gateway.id.clone(), names.iter().map(Resource::key).collect());
            names.into_iter().for_each(|name| _ = snapshot.put(name));
        }
        self.proofs.all().for_each(|proof| _ = snapshot.put(proof));
        snapshot
    }

    /// What is a host's own: its listeners, its part of the gateways, its DNS server.
    fn put_own(&self, next: &mut Snapshot, host: &HostId, desired: &Desired) {
        let Some(site) = self.fleet.get(host) else { return };
        resources::listeners(&site.installation).for_each(|listener| _ = next.put(listener));
        self.listen(next, host, desired, &self.places.addresses().collect());
        for gateway in desired.gateways.values() {
            self.carry(next, host, desired, gateway);
        }
        self.ask(next, host, desired);
    }

    /// The host's part of the gateway, anew.
    fn carry(&self, next: &mut Snapshot, host: &HostId, desired: &Desired, gateway: &Gateway) {
        let Some(site) = self.fleet.get(host) else { return };
        let among = || if gateway.kind == GatewayKind::Alb { self.fleet.working().len() } else { 0 };
        let nodes = self.fleet.nodes(gateway).get(host).copied().unwrap_or_default();
        let part = Part { nodes, among: among() as u64 };
        next.put(resources::gateway(gateway, desired, &site.installation, part));
    }

    /// Changes the configuration of each host.
    fn each(&mut self, change: impl Fn(&Self, &HostId, &mut Snapshot)) {
        let mut snapshots = std::mem::take(&mut self.snapshots);
        for (host, snapshot) in &mut snapshots {
            change(self, host, Arc::make_mut(snapshot));
        }
        self.snapshots = snapshots;
    }

    /// What a host has now; whether that is anything new.
    pub fn set_host(&mut self, desired: &Desired, host: &HostId, now: &[HostAddress]) -> bool {
        if !Arc::make_mut(&mut self.fleet).see(host, now) {
            return false;
        }
        self.regroup(desired);
        true
    }

    /// The hosts whose engines have been away for too long; whether these are others than before.
    pub fn set_lost(&mut self, desired: &Desired, lost: &Lost) -> bool {
        if !Arc::make_mut(&mut self.fleet).set_lost(lost) {
            return false;
        }
        self.regroup(desired);
        true
    }

    /// Somebody of this host is there; whether that is news.
    pub fn hear(&mut self, desired: &Desired, host: &HostId, engine: bool) -> bool {
        let is_news = Arc::make_mut(&mut self.fleet).hear(host, engine);
        if is_news {
            self.regroup(desired);
        }
        is_news
    }

    /// After a change of who has what.
    fn regroup(&mut self, desired: &Desired) {
        let linked = || desired.gateways.values();
        self.name(desired, &linked().map(|gateway| &gateway.id).collect());
        let addresses = self.places.addresses().collect();
        let shared = desired.services.values().filter(|service| service.spec.traffic.is_shared());
        let shared: Vec<_> = shared.map(|each| Arc::new(resources::service(each, desired, &self.fleet))).collect();
        self.each(|compiler, host, next| {
            shared.iter().for_each(|service| _ = next.put(service.clone()));
            linked().for_each(|gateway| compiler.carry(next, host, desired, gateway));
            compiler.listen(next, host, desired, &addresses);
            compiler.ask(next, host, desired);
        });
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

    fn ground<'a>(&'a self, host: &'a HostId, desired: &'a Desired) -> Option<Ground<'a>> {
        let site = self.fleet.get(host)?;
        Some(Ground { installation: &site.installation, networks: &desired.networks, host, fleet: &self.fleet })
    }

    /// The DNS server, anew.
    fn ask(&self, next: &mut Snapshot, host: &HostId, desired: &Desired) {
        let server = self.ground(host, desired).and_then(|ground| dns::server(&self.places, &ground));
        if let Some(server) = server {
            next.put(server);
        }
    }

    /// The names of these gateways, anew.
    fn name(&mut self, desired: &Desired, gateways: &BTreeSet<&GatewayId>) {
        let mut gone: BTreeSet<ResourceKey> = BTreeSet::new();
        let mut there: Vec<Arc<Resource>> = Vec::new();
        for id in gateways {
            gone.extend(self.named.remove(*id).unwrap_or_default());
            if let Some(gateway) = desired.gateways.get(*id) {
                let names = dns::names(gateway, desired, &self.installation, &self.fleet);
                self.named.insert((*id).clone(), names.iter().map(Resource::key).collect());
                there.extend(names.into_iter().map(Arc::new));
            }
        }
        // None is removed before all are known: a name may have moved from one of them to another.
        there.iter().for_each(|name| _ = gone.remove(&name.key()));
        self.each(|_, _, next| {
            there.iter().for_each(|name| _ = next.put(name.clone()));
            gone.iter().for_each(|key| _ = next.remove(key));
        });
    }

    /// The listeners at these addresses, anew.
    fn listen(&self, next: &mut Snapshot, host: &HostId, desired: &Desired, addresses: &BTreeSet<IpAddr>) {
        let Some(ground) = self.ground(host, desired) else { return };
        for address in addresses {
            let now: Vec<Resource> = self.places.listeners(*address, &ground).collect();
            for key in places::keys(*address, ground.installation) {
                if !now.iter().any(|listener| listener.key() == key) {
                    next.remove(&key);
                }
            }
            for listener in now {
                next.put(listener);
            }
        }
    }

    /// Replaces the installation's own certificates.
    pub fn set_certificates(&mut self, certificates: Vec<CertificateConfig>) {
        let before = std::mem::replace(&mut self.certificates, certificates);
        self.each(|compiler, _, next| {
            for old in &before {
                next.remove(&ResourceKey::Certificate(old.id.clone()));
            }
            for new in &compiler.certificates {
                next.put(Resource::Certificate(new.clone()));
            }
        });
    }

    /// Puts an answer to a certificate authority in place, or takes it away.
    pub fn set_answer(&mut self, answer: &Answer, in_place: bool) {
        if in_place {
            self.proofs.add(answer)
        } else {
            self.proofs.remove(answer)
        }
        self.each(|compiler, _, next| {
            for key in answer.keys() {
                match compiler.proofs.get(&key) {
                    Some(resource) => next.put(resource),
                    None => next.remove(&key),
                };
            }
        });
    }

    /// Takes in what a write touched; `desired` includes it already.
    pub fn apply(&mut self, desired: &Desired, touched: &[Touched]) {
        if touched.iter().any(|each| matches!(each, Touched::Hosts(_))) {
            return self.restart(desired);
        }
        self.version = desired.seq;
        let version = desired.seq;
        self.each(|_, _, next| next.version = version);
        self.name(desired, &renamed(desired, touched));
        for each in touched {
            match each {
                Touched::Gateway(id, gateway) => {
                    let own = self.installation.public_host(id);
                    let ordered: Vec<_> = desired.names.ordered_for(&own).map(|held| held.row.id.clone()).collect();
                    ordered.iter().for_each(|held| self.show(desired, held));
                    let moved = self.places.set(id, gateway.as_deref(), &desired.networks);
                    let directed = self.directs(id, gateway.as_deref());
                    let bound = desired.bound_to(id).filter(|each| directed || each.spec.traffic.is_shared());
                    let bound: Vec<_> =
                        bound.map(|each| Arc::new(resources::service(each, desired, &self.fleet))).collect();
                    self.each(|compiler, host, next| {
                        match gateway {
                            Some(gateway) => compiler.carry(next, host, desired, gateway),
                            None => _ = next.remove(&ResourceKey::Gateway(id.clone())),
                        }
                        bound.iter().for_each(|service| _ = next.put(service.clone()));
                        compiler.listen(next, host, desired, &moved.at);
                        if moved.asked {
                            compiler.ask(next, host, desired);
                        }
                    });
                }
                Touched::Networks(networks) => {
                    // Grants may be other ones.
                    let linked = || desired.gateways.values().filter(|gateway| !gateway.vpcs.is_empty());
                    let mut at: BTreeSet<IpAddr> = self.places.addresses().collect();
                    for gateway in linked() {
                        at.extend(self.places.set(&gateway.id, Some(gateway), networks).at);
                    }
                    self.each(|compiler, host, next| {
                        linked().for_each(|gateway| compiler.carry(next, host, desired, gateway));
                        compiler.listen(next, host, desired, &at);
                        compiler.ask(next, host, desired);
                    });
                }
                Touched::AcmeAccount(..) | Touched::Hosts(_) => {}
                Touched::Group(id, _) => {
                    let inside = desired.in_group(id);
                    let inside: Vec<_> =
                        inside.map(|each| Arc::new(resources::service(each, desired, &self.fleet))).collect();
                    self.each(|_, _, next| inside.iter().for_each(|service| _ = next.put(service.clone())));
                }
                Touched::Certificate(id, _) => {
                    let before = self.snapshots.values().next().cloned().unwrap_or_default();
                    for id in own_names::rivals(&before, desired, id) {
                        self.show(desired, &id);
                    }
                }
                Touched::Domain(_, before, after) => {
                    for domain in [before, after].into_iter().flatten() {
                        if let Some(gateway) = desired.gateways.get(&domain.gateway_id) {
                            self.each(|compiler, host, next| compiler.carry(next, host, desired, gateway));
                        }
                        if let Some(id) = &domain.certificate_id {
                            self.show(desired, id);
                        }
                    }
                }
                Touched::Service(_, Some((service, _))) => {
                    let service = Arc::new(resources::service(service, desired, &self.fleet));
                    self.each(|_, _, next| _ = next.put(service.clone()));
                }
                Touched::Service(id, None) => {
                    self.each(|_, _, next| _ = next.remove(&ResourceKey::Service(id.clone())));
                }
            }
        }
    }

    /// The certificate as far as it is used.
    fn show(&mut self, desired: &Desired, id: &CertificateId) {
        let held = desired.names.certificates.get(id);
        let shown = held.and_then(|held| resources::certificate(held, desired, &self.installation)).map(Arc::new);
        self.each(|_, _, next| match &shown {
            Some(resource) => _ = next.put(resource.clone()),
            None => _ = next.remove(&ResourceKey::Certificate(id.clone())),
        });
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
            Touched::Service(..)
            | Touched::Group(..)
            | Touched::Certificate(..)
            | Touched::AcmeAccount(..)
            | Touched::Hosts(_) => {}
        }
    }
    found
}
