//! Certificates by server name, ready to be shown.

use super::ConfigError;
use domain::id::CertificateId;
use domain::snapshot::{CertificateConfig, Resource, ResourceKey, Snapshot};
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Cloning copies the maps, not what they hold.
#[derive(Clone, Default)]
pub struct Certificates {
    by_id: HashMap<CertificateId, Arc<Certificate>>,
    exact: HashMap<Box<str>, Arc<Certificate>>,
    /// By what stands behind `*.`.
    wildcard: HashMap<Box<str>, Arc<Certificate>>,
    fallback: Option<Arc<Certificate>>,
}

struct Certificate {
    id: CertificateId,
    names: Vec<Box<str>>,
    certified: Arc<CertifiedKey>,
}

impl Certificates {
    /// For a lower-case server name; a client that names none gets the fallback.
    pub fn find(&self, server_name: Option<&str>) -> Option<Arc<CertifiedKey>> {
        let exact = || self.exact.get(server_name?);
        let wildcard = || self.wildcard.get(server_name?.split_once('.')?.1);
        let found = exact().or_else(wildcard).or(self.fallback.as_ref());
        found.map(|certificate| certificate.certified.clone())
    }

    /// The same with these as they are in `snapshot`.
    pub fn next(&self, changed: &BTreeSet<CertificateId>, snapshot: &Snapshot) -> Result<Self, ConfigError> {
        let mut next = self.clone();
        // All old ones go before the first new one comes: two certificates may exchange their names.
        for old in changed.iter().filter_map(|id| self.by_id.get(id)) {
            next.remove(old);
        }
        for id in changed {
            let resource = snapshot.get(&ResourceKey::Certificate(id.clone()));
            if let Some(Resource::Certificate(config)) = resource.map(Arc::as_ref) {
                next.admit(config)?;
            }
        }
        Ok(next)
    }

    fn remove(&mut self, old: &Arc<Certificate>) {
        self.by_id.remove(&old.id);
        for name in &old.names {
            match name.strip_prefix("*.") {
                Some(behind) => self.wildcard.remove(behind),
                None => self.exact.remove(name),
            };
        }
        if self.fallback.as_ref().is_some_and(|fallback| fallback.id == old.id) {
            self.fallback = None;
        }
    }

    fn admit(&mut self, config: &CertificateConfig) -> Result<(), ConfigError> {
        let certificate = Arc::new(Certificate {
            id: config.id.clone(),
            names: config.names.iter().map(|name| name.as_str().into()).collect(),
            certified: certified(config)?,
        });
        let shared = |name: &str, first: &Certificate| ConfigError::SharedServerName {
            name: name.into(),
            first: first.id.clone(),
            second: config.id.clone(),
        };
        for name in &config.names {
            let (map, key) = match name.strip_prefix("*.") {
                Some(behind) => (&mut self.wildcard, behind),
                None => (&mut self.exact, name.as_str()),
            };
            if let Some(first) = map.insert(key.into(), certificate.clone()) {
                return Err(shared(name, &first));
            }
        }
        if config.fallback
            && let Some(first) = self.fallback.replace(certificate.clone())
        {
            return Err(shared("(no name)", &first));
        }
        self.by_id.insert(config.id.clone(), certificate);
        Ok(())
    }
}

/// A key that is not the certificate's would be found out by clients, too late.
fn certified(config: &CertificateConfig) -> Result<Arc<CertifiedKey>, ConfigError> {
    let bad = |reason: String| ConfigError::BadCertificate { id: config.id.clone(), reason };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(config.chain.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|error| bad(error.to_string()))?;
    let key = PrivateKeyDer::from_pem_slice(config.key.reveal().as_bytes()).map_err(|error| bad(error.to_string()))?;
    let key = any_supported_type(&key).map_err(|error| bad(error.to_string()))?;
    let certified = CertifiedKey::new(chain, key);
    certified.keys_match().map_err(|error| bad(error.to_string()))?;
    Ok(Arc::new(certified))
}
