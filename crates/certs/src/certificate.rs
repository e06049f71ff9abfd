//! A certificate that a server can present.

use domain::certificate::CertificateFacts;
use domain::secret::Secret;

/// Read and found good: the chain is in order, the key is the first certificate's, the engine can sign with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// PEM: the server's certificate first, then each one's issuer.
    pub chain_pem: String,
    /// PEM, not encrypted: PKCS#8, PKCS#1 or SEC1, as it came.
    pub key: Secret,
    pub facts: CertificateFacts,
}

impl Certificate {
    /// See `domain::certificate::CertificateFacts::covers`.
    pub fn covers(&self, name: &str) -> bool {
        self.facts.covers(name)
    }
}
