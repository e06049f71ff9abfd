//! TLS of the listeners: one configuration for all of them; which certificate is shown is looked up in the table for
//! each handshake, so that a new one needs nothing opened, closed or waited for.

use crate::config::Table;
use crate::limit::capacity::Nameless;
use arc_swap::ArcSwap;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{RootCertStore, ServerConfig};
use std::sync::Arc;

pub struct Tls {
    /// For gateways that ask their clients for nothing.
    pub plain: Arc<ServerConfig>,
    /// For gateways that take no more handshakes: the client is told that there is no certificate.
    pub refusing: Arc<ServerConfig>,
    pub nameless: Nameless,
    certificates: Arc<FromTable>,
}

/// Why nobody can be asked for a certificate.
#[derive(Debug, thiserror::Error)]
pub enum ClientAuthError {
    #[error("{0}")]
    Pem(#[from] rustls::pki_types::pem::Error),
    #[error("{0}")]
    Verifier(#[from] rustls::server::VerifierBuilderError),
    #[error("{0}")]
    Tls(#[from] rustls::Error),
}

impl Tls {
    pub fn new(table: Arc<ArcSwap<Table>>) -> Result<Self, rustls::Error> {
        let certificates = Arc::new(FromTable(table));
        let plain = config(WebPkiClientVerifier::no_client_auth(), certificates.clone())?;
        let refusing = config(WebPkiClientVerifier::no_client_auth(), Arc::new(Nothing))?;
        Ok(Self { plain, refusing, nameless: Nameless::default(), certificates })
    }

    /// For a gateway whose clients show a certificate signed by one of these authorities (PEM). It has tickets of its
    /// own: a session of another gateway must not be resumed here, where nobody asked for a certificate.
    pub fn asking(&self, authorities: &str) -> Result<Arc<ServerConfig>, ClientAuthError> {
        let mut roots = RootCertStore::empty();
        for authority in CertificateDer::pem_slice_iter(authorities.as_bytes()) {
            roots.add(authority?)?;
        }
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build()?;
        Ok(config(verifier, self.certificates.clone())?)
    }
}

fn config(
    clients: Arc<dyn ClientCertVerifier>,
    certificates: Arc<dyn ResolvesServerCert>,
) -> Result<Arc<ServerConfig>, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_client_cert_verifier(clients)
        .with_cert_resolver(certificates);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    // What opens tickets is the server's own, renewed every six hours.
    config.ticketer = ring::Ticketer::new()?;
    Ok(Arc::new(config))
}

struct FromTable(Arc<ArcSwap<Table>>);

impl std::fmt::Debug for FromTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FromTable")
    }
}

impl ResolvesServerCert for FromTable {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        // rustls has made the name lower case.
        self.0.load().certificates.find(hello.server_name())
    }
}

#[derive(Debug)]
struct Nothing;

impl ResolvesServerCert for Nothing {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        None
    }
}
