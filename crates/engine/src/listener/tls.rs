//! TLS of the shared listeners: one configuration for all of them; which certificate is shown is looked up in the
//! table for each handshake, so that a new one needs nothing opened, closed or waited for.

use crate::config::Table;
use crate::error::EngineError;
use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::sync::Arc;

/// Those open tickets that resume a session: the server's own, renewed every six hours.
pub fn config(table: Arc<ArcSwap<Table>>) -> Result<Arc<ServerConfig>, EngineError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(FromTable(table)));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
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
