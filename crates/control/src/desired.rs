//! What users asked for, in memory as it is in the store.

use crate::InstallationKey;
use crate::names::{Held, Names};
use domain::custom_domain::CustomDomain;
use domain::gateway::Gateway;
use domain::host::Hosts;
use domain::id::{AcmeAccountId, CertificateId, DomainId, GatewayId, ServiceId};
use domain::network::Inventory;
use domain::secret::Secret;
use domain::service::Service;
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
    pub networks: Arc<Inventory>,
    pub names: Names,
    pub acme_accounts: BTreeMap<AcmeAccountId, Arc<AcmeAccountRow>>,
    pub hosts: Arc<Hosts>,
    /// Derived: which services are bound to a gateway.
    bound: BTreeMap<GatewayId, BTreeSet<ServiceId>>,
}

/// One object as it is after a write; `None` where it was deleted.
#[derive(Clone, Debug)]
pub enum Touched {
    Gateway(GatewayId, Option<Arc<Gateway>>),
    Service(ServiceId, Option<(Arc<Service>, Vec<Token>)>),
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
    pub fn new(all: Everything, key: &InstallationKey) -> Self {
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
        for service in all.services {
            let of_it = tokens.remove(&service.id).unwrap_or_default();
            desired.apply(&Touched::Service(service.id.clone(), Some((Arc::new(service), of_it))));
        }
        desired
    }

    pub fn apply(&mut self, touched: &Touched) {
        match touched {
            Touched::Gateway(id, Some(gateway)) => {
                self.gateways.insert(id.clone(), gateway.clone());
            }
            Touched::Gateway(id, None) => {
                self.gateways.remove(id);
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
                if let Some(before) = self.services.remove(id)
                    && let Some(bound) = self.bound.get_mut(&before.gateway_id)
                {
                    bound.remove(id);
                }
                self.tokens.remove(id);
                if let Some((service, tokens)) = now {
                    self.bound.entry(service.gateway_id.clone()).or_default().insert(id.clone());
                    self.tokens.insert(id.clone(), tokens.clone());
                    self.services.insert(id.clone(), service.clone());
                }
            }
        }
    }

    pub fn bound_to(&self, gateway: &GatewayId) -> impl Iterator<Item = &Arc<Service>> {
        self.bound.get(gateway).into_iter().flatten().filter_map(|id| self.services.get(id))
    }

    pub fn count_bound_to(&self, gateway: &GatewayId) -> usize {
        self.bound.get(gateway).map_or(0, BTreeSet::len)
    }
}
