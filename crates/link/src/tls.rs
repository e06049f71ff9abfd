//! How the link uses TLS: version 1.3 alone, HTTP/2 inside, and one name for every console.

use crate::{Authority, LinkError};
use domain::secret::Secret;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::version::TLS13;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use std::sync::Arc;

/// The token or the identity says who a console is, not where it stands: its address may change.
pub const CONSOLE: &str = "console.link.inference-gateway.internal";
const ALPN: &[u8] = b"h2";

pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(default_provider())
}

pub fn console_name() -> Result<ServerName<'static>, LinkError> {
    ServerName::try_from(CONSOLE).map_err(|_| LinkError::Pem { what: "the console's name" })
}

/// The first certificate of a PEM text.
pub fn certificate(pem: &str, what: &'static str) -> Result<CertificateDer<'static>, LinkError> {
    CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| LinkError::Pem { what })
}

pub fn private_key(pem: &Secret, what: &'static str) -> Result<PrivateKeyDer<'static>, LinkError> {
    PrivateKeyDer::from_pem_slice(pem.reveal().as_bytes()).map_err(|_| LinkError::Pem { what })
}

pub fn roots(authority: CertificateDer<'static>) -> Result<Arc<RootCertStore>, LinkError> {
    let mut roots = RootCertStore::empty();
    roots.add(authority)?;
    Ok(Arc::new(roots))
}

/// Of the console. Who joins has no certificate yet, so none is demanded; one that is shown must be the authority's.
pub fn accepting(authority: &Authority) -> Result<ServerConfig, LinkError> {
    let identity = authority.console()?;
    let trusted = roots(authority.certificate().clone())?;
    let clients = WebPkiClientVerifier::builder_with_provider(trusted, provider()).allow_unauthenticated().build();
    let clients = clients.map_err(|error| LinkError::Tls(rustls::Error::General(error.to_string())))?;
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(clients)
        .with_single_cert(vec![identity.certificate, authority.certificate().clone()], identity.key)?;
    config.alpn_protocols = vec![ALPN.to_vec()];
    // Tickets would let a session go on without the certificate being looked at again.
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// Of who calls: a host with its certificate, or one that has none yet.
pub fn calling(
    verifier: Arc<dyn ServerCertVerifier>,
    own: Option<(CertificateDer<'static>, PrivateKeyDer<'static>)>,
) -> Result<ClientConfig, LinkError> {
    let config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match own {
        Some((certificate, key)) => config.with_client_auth_cert(vec![certificate], key)?,
        None => config.with_no_client_auth(),
    };
    config.alpn_protocols = vec![ALPN.to_vec()];
    Ok(config)
}
