//! Gateways' own names and the certificates that they use, in memory as they are in the store.

use crate::InstallationKey;
use domain::custom_domain::CustomDomain;
use domain::id::{CertificateId, DomainId, GatewayId};
use domain::secret::Secret;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::CertificateRow;

/// A certificate as it is stored, and its key.
#[derive(Clone, Debug)]
pub struct Held {
    pub row: CertificateRow,
    /// `None` where the installation's key does not open it: it cannot be shown.
    pub key: Option<Secret>,
}

impl Held {
    pub fn open(row: CertificateRow, key: &InstallationKey) -> Self {
        let opened = key.open(&row.sealed_key, row.id.as_str());
        // One that is not issued yet has none.
        if opened.is_none() && !row.sealed_key.is_empty() {
            tracing::error!(certificate = %row.id, "the key file does not open this certificate's key; it is not shown");
        }
        Self { row, key: opened }
    }
}

fn order_names(held: &Held) -> &[String] {
    held.row.acme.as_ref().map(|order| order.names.as_slice()).unwrap_or_default()
}

#[derive(Clone, Debug, Default)]
pub struct Names {
    pub certificates: BTreeMap<CertificateId, Arc<Held>>,
    pub domains: BTreeMap<DomainId, Arc<CustomDomain>>,
    /// Derived.
    of: BTreeMap<GatewayId, BTreeSet<DomainId>>,
    /// Derived: those that are ordered, by the names that they are ordered for.
    ordered: BTreeMap<String, BTreeSet<CertificateId>>,
}

impl Names {
    pub fn set_certificate(&mut self, id: &CertificateId, now: Option<Arc<Held>>) {
        for name in self.certificates.remove(id).iter().flat_map(|before| order_names(before)) {
            if let Some(of) = self.ordered.get_mut(name) {
                of.remove(id);
                if of.is_empty() {
                    self.ordered.remove(name);
                }
            }
        }
        if let Some(held) = now {
            for name in order_names(&held) {
                self.ordered.entry(name.clone()).or_default().insert(id.clone());
            }
            self.certificates.insert(id.clone(), held);
        }
    }

    /// Those whose order has this very name.
    pub fn ordered_for(&self, name: &str) -> impl Iterator<Item = &Arc<Held>> {
        self.ordered.get(name).into_iter().flatten().filter_map(|id| self.certificates.get(id))
    }

    pub fn set_domain(&mut self, id: &DomainId, now: Option<Arc<CustomDomain>>) {
        if let Some(before) = self.domains.remove(id)
            && let Some(of) = self.of.get_mut(&before.gateway_id)
        {
            of.remove(id);
            if of.is_empty() {
                self.of.remove(&before.gateway_id);
            }
        }
        if let Some(now) = now {
            self.of.entry(now.gateway_id.clone()).or_default().insert(id.clone());
            self.domains.insert(id.clone(), now);
        }
    }

    pub fn of_gateway(&self, gateway: &GatewayId) -> impl Iterator<Item = &Arc<CustomDomain>> {
        self.of.get(gateway).into_iter().flatten().filter_map(|id| self.domains.get(id))
    }

    /// Those that use it.
    pub fn with(&self, certificate: &CertificateId) -> impl Iterator<Item = &Arc<CustomDomain>> {
        self.domains.values().filter(move |domain| domain.certificate_id.as_ref() == Some(certificate))
    }
}
