//! Answers to certificate authorities, by the host that they ask about.

use super::{ConfigError, hosts};
use crate::message::Head;
use crate::route::host::normalise;
use crate::worker::Conn;
use bytes::Bytes;
use domain::snapshot::{ChallengeConfig, Proof, Resource, ResourceKey, Scheme, Snapshot};
use http::Method;
use rustls::ServerConfig;
use rustls::crypto::ring::{default_provider, sign::any_supported_type};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

const PATH: &str = "/.well-known/acme-challenge/";
const PROTOCOL: &[u8] = b"acme-tls/1";

/// What was put in place and not taken away yet; few, and for seconds.
#[derive(Clone, Default)]
pub struct Challenges {
    /// By host, then by token.
    in_clear: HashMap<Box<str>, BTreeMap<Box<str>, Bytes>>,
    over_tls: HashMap<Box<str>, Arc<ServerConfig>>,
}

impl Challenges {
    /// The body for a request on the public side that asks for exactly this host and token.
    pub fn answer(&self, conn: &Conn, head: &Head, host: Option<&str>) -> Option<Bytes> {
        let is_asked = conn.vpc.is_none()
            && conn.scheme == Scheme::Http
            && matches!(head.method, Method::GET | Method::HEAD)
            && head.query().is_none();
        let token = head.path().strip_prefix(PATH).filter(|_| is_asked)?;
        let host = host.and_then(normalise)?;
        self.in_clear.get(host.as_ref())?.get(token).cloned()
    }

    pub fn any_over_tls(&self) -> bool {
        !self.over_tls.is_empty()
    }

    /// How to shake hands with who offers [`PROTOCOL`] for this lower-case name.
    pub fn over_tls(&self, name: &str) -> Option<Arc<ServerConfig>> {
        self.over_tls.get(name).cloned()
    }

    /// The same with these as they are in `snapshot`; `None` when nothing is left.
    pub(super) fn next(
        mut self,
        changed: &BTreeSet<ResourceKey>,
        snapshot: &Snapshot,
    ) -> Result<Option<Self>, ConfigError> {
        for key in changed {
            self.remove(key);
            if let Some(Resource::Challenge(config)) = snapshot.get(key).map(Arc::as_ref) {
                self.put(config).map_err(|reason| ConfigError::BadChallenge { key: key.clone(), reason })?;
            }
        }
        Ok((!self.in_clear.is_empty() || !self.over_tls.is_empty()).then_some(self))
    }

    fn remove(&mut self, key: &ResourceKey) {
        match key {
            ResourceKey::Challenge { host, token: Some(token) } => {
                if let Some(tokens) = self.in_clear.get_mut(host.as_str()) {
                    tokens.remove(token.as_str());
                    if tokens.is_empty() {
                        self.in_clear.remove(host.as_str());
                    }
                }
            }
            ResourceKey::Challenge { host, token: None } => _ = self.over_tls.remove(host.as_str()),
            _ => {}
        }
    }

    fn put(&mut self, config: &ChallengeConfig) -> Result<(), String> {
        let host = config.host.as_str();
        if host.starts_with("*.") || !hosts::is_name(host) {
            return Err("its host is no lower-case host name without port".into());
        }
        match &config.proof {
            Proof::Http { token, answer } => {
                let is_token = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
                if token.is_empty() || !token.bytes().all(is_token) {
                    return Err("its token is not base64url".into());
                }
                let answer = Bytes::from(answer.clone());
                self.in_clear.entry(host.into()).or_default().insert(token.as_str().into(), answer);
            }
            Proof::Tls { certificate, key } => {
                let config = proving(certificate, key.reveal())?;
                self.over_tls.insert(host.into(), config);
            }
        }
        Ok(())
    }
}

/// Whether a handshake is an authority's look for a proof (RFC 8737, section 3): it offers that protocol, and no other.
pub fn offers_only_proof(hello: &ClientHello<'_>) -> bool {
    hello.alpn().is_some_and(|mut offered| offered.next() == Some(PROTOCOL) && offered.next().is_none())
}

fn proving(certificate: &str, key: &str) -> Result<Arc<ServerConfig>, String> {
    let said = |error: &dyn std::error::Error| error.to_string();
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).map_err(|error| said(&error))?;
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|error| said(&error))?;
    let key = any_supported_type(&key).map_err(|error| said(&error))?;
    // Not made from the DER, which is checked as a server's: its critical extension is nothing that such a check knows.
    let shown = SingleCertAndKey::from(CertifiedKey::new(vec![certificate], key));
    let shown: Arc<dyn ResolvesServerCert> = Arc::new(shown);
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12]);
    let mut config = config.map_err(|error| said(&error))?.with_no_client_auth().with_cert_resolver(shown);
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}
