//! What users asked for, in memory as it is in the store.

use crate::names::{Held, Names};
use crate::services::{HeldGroup, open, open_spec};
use crate::{ControlError, InstallationKey};
use domain::custom_domain::CustomDomain;
use domain::gateway::Gateway;
use domain::host::Hosts;
use domain::id::{AcmeAccountId, CertificateId, DomainId, GatewayId, GroupId, ServiceId};
use domain::network::Inventory;
use domain::secret::Secret;
use domain::service::{Service, Workload};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::{AcmeAccountRow, Everything, TokenRow};

/// A token as it is stored, and what it says.
#[derive(Clone, Debug)]
pub struct Token {
    pub row: TokenRow,
    /// `None` where the installation's key does not open it: it is still recognised, but signs nothing.
    pub secret: Option<Secret>,
}

#[derive(Clone, Debug, Default)]
pub struct Desired {
    /// The store's change number that this includes.
    pub seq: u64,
    pub gateways: BTreeMap<GatewayId, Arc<Gateway>>,
    pub services: BTreeMap<ServiceId, Arc<Service>>,
    pub tokens: BTreeMap<ServiceId, Vec<Token>>,
    /// Of versions that a rollout replaces, by the number that their replicas run under.
    replaced: BTreeMap<ServiceId, BTreeMap<u32, Arc<Workload>>>,
    pub groups: BTreeMap<GroupId, Arc<HeldGroup>>,
    pub networks: Arc<Inventory>,
    pub names: Names,
    pub acme_accounts: BTreeMap<AcmeAccountId, Arc<AcmeAccountRow>>,
    pub hosts: Arc<Hosts>,
    /// Derived: which services are bound to a gateway.
    bound: BTreeMap<GatewayId, BTreeSet<ServiceId>>,
    /// Derived: which services are in a group.
    grouped: BTreeMap<GroupId, BTreeSet<ServiceId>>,
}

/// One object as it is after a write; `None` where it was deleted.
#[derive(Clone, Debug)]
pub enum Touched {
    Gateway(GatewayId, Option<Arc<Gateway>>),
    Service(ServiceId, Option<(Arc<Service>, Vec<Token>)>),
    Group(GroupId, Option<Arc<HeldGroup>>),
    Networks(Arc<Inventory>),
    Certificate(CertificateId, Option<Arc<Held>>),
    /// As it was, and as it is.
    Domain(DomainId, Option<Arc<CustomDomain>>, Option<Arc<CustomDomain>>),
    AcmeAccount(AcmeAccountId, Option<Arc<AcmeAccountRow>>),
    /// All of them: they share the work.
    Hosts(Arc<Hosts>),
}

impl Desired {
    /// `key` opens the tokens here and nowhere later: what follows from them is a pure function.
    ///
    /// # Errors
    /// [`ControlError::OtherKey`]
    pub fn new(all: Everything, key: &InstallationKey) -> Result<Self, ControlError> {
        let mut desired =
            Self { seq: all.seq, networks: Arc::new(all.networks), hosts: Arc::new(all.hosts), ..Self::default() };
        let mut tokens: BTreeMap<ServiceId, Vec<Token>> = BTreeMap::new();
        for row in all.tokens {
            let secret = key.open(&row.sealed, row.id.as_str());
            if secret.is_none() {
                tracing::error!(token = %row.id, "the key file does not open this token; requests signed with it are refused");
            }
            tokens.entry(row.service_id.clone()).or_default().push(Token { row, secret });
        }
        for row in all.groups {
            let held = HeldGroup::open(row, key);
            desired.apply(&Touched::Group(held.group.id.clone(), Some(Arc::new(held))));
        }
        for row in all.acme_accounts {
            desired.apply(&Touched::AcmeAccount(row.id.clone(), Some(Arc::new(row))));
        }
        for row in all.certificates {
            desired.apply(&Touched::Certificate(row.id.clone(), Some(Arc::new(Held::open(row, key)))));
        }
        for domain in all.domains {
            desired.apply(&Touched::Domain(domain.id.clone(), None, Some(Arc::new(domain))));
        }
        for gateway in all.gateways {
            desired.apply(&Touched::Gateway(gateway.id.clone(), Some(Arc::new(gateway))));
        }
        for version in all.versions {
            if let Some(spec) = open_spec(&version.spec, &version.service_id, key) {
                let of_it = desired.replaced.entry(version.service_id).or_default();
                of_it.insert(version.number, Arc::new(spec.workload));
            }
        }
        let mut closed = 0;
        for service in all.services {
            let of_it = tokens.remove(&service.id).unwrap_or_default();
            let Some(service) = open(&service, key) else {
                closed += 1;
                continue;
            };
            desired.apply(&Touched::Service(service.id.clone(), Some((Arc::new(service), of_it))));
        }
        if closed > 0 { Err(ControlError::OtherKey { services: closed }) } else { Ok(desired) }
    }

    pub fn apply(&mut self, touched: &Touched) {
        match touched {
            Touched::Gateway(id, Some(gateway)) => {
                self.gateways.insert(id.clone(), gateway.clone());
            }
            Touched::Gateway(id, None) => {
                self.gateways.remove(id);
            }
            Touched::Group(id, Some(group)) => {
                self.groups.insert(id.clone(), group.clone());
            }
            Touched::Group(id, None) => {
                self.groups.remove(id);
            }
            Touched::Networks(networks) => self.networks = networks.clone(),
            Touched::Hosts(hosts) => self.hosts = hosts.clone(),
            Touched::Certificate(id, held) => self.names.set_certificate(id, held.clone()),
            Touched::AcmeAccount(id, Some(row)) => {
                self.acme_accounts.insert(id.clone(), row.clone());
            }
            Touched::AcmeAccount(id, None) => {
                self.acme_accounts.remove(id);
            }
            Touched::Domain(id, _, now) => self.names.set_domain(id, now.clone()),
            Touched::Service(id, now) => {
                let mut replaced = self.replaced.remove(id).unwrap_or_default();
                if let Some(before) = self.services.remove(id) {
                    self.bound.entry(before.gateway_id.clone()).or_default().remove(id);
                    if let Some(place) = &before.place {
                        self.grouped.entry(place.group_id.clone()).or_default().remove(id);
                    }
                    // What runs now is what a rollout replaces.
                    replaced.insert(before.replica_version, Arc::new(before.spec.workload.clone()));
                }
                self.tokens.remove(id);
                if let Some((service, tokens)) = now {
                    let old = service.open_rollout().map(|rollout| rollout.old.as_slice()).unwrap_or_default();
                    replaced.retain(|version, _| old.contains(version));
                    if !replaced.is_empty() {
                        self.replaced.insert(id.clone(), replaced);
                    }
                    self.bound.entry(service.gateway_id.clone()).or_default().insert(id.clone());
                    if let Some(place) = &service.place {
                        self.grouped.entry(place.group_id.clone()).or_default().insert(id.clone());
                    }
                    self.tokens.insert(id.clone(), tokens.clone());
                    self.services.insert(id.clone(), service.clone());
                }
            }
        }
    }

    /// What replicas of this version are, as far as there may be any.
    pub fn workload<'d>(&'d self, service: &'d Service, version: u32) -> Option<&'d Workload> {
        if version == service.replica_version {
            return Some(&service.spec.workload);
        }
        self.replaced.get(&service.id)?.get(&version).map(Arc::as_ref)
    }

    pub fn bound_to(&self, gateway: &GatewayId) -> impl Iterator<Item = &Arc<Service>> {
        self.bound.get(gateway).into_iter().flatten().filter_map(|id| self.services.get(id))
    }

    pub fn in_group(&self, group: &GroupId) -> impl Iterator<Item = &Arc<Service>> {
        self.grouped.get(group).into_iter().flatten().filter_map(|id| self.services.get(id))
    }

    pub fn group_of(&self, service: &Service) -> Option<&Arc<HeldGroup>> {
        self.groups.get(&service.place.as_ref()?.group_id)
    }

    pub fn count_bound_to(&self, gateway: &GatewayId) -> usize {
        self.bound.get(gateway).map_or(0, BTreeSet::len)
    }
}
