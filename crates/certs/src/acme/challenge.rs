//! What an ACME server looks for, and who puts it there.

use crate::request::AlpnCertificate;
use std::future::Future;

/// One answer to put in place. Nothing in it but the key of `TlsAlpn` is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// `GET http://{domain}/.well-known/acme-challenge/{token}` on port 80 answers 200 with `key_authorization` as its
    /// body. The token is base64url: it can be compared, and never leads out of a folder.
    Http { domain: String, token: String, key_authorization: String },
    /// A TLS connection to port 443 with SNI `domain` and the protocol `acme-tls/1` gets this certificate.
    TlsAlpn { domain: String, answer: Box<AlpnCertificate> },
    /// A TXT record at `name` (`_acme-challenge.` and the domain, no final dot) with this value. A domain and its
    /// wildcard have the same name and two values, both at once.
    Dns { domain: String, name: String, value: String },
}

impl Challenge {
    pub fn domain(&self) -> &str {
        match self {
            Self::Http { domain, .. } | Self::TlsAlpn { domain, .. } | Self::Dns { domain, .. } => domain,
        }
    }
}

/// Puts answers where an ACME server finds them.
pub trait Solver: Sync {
    /// Logged; the order then fails with `IssueFailure::NotPresented`.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Returns when the answer is served everywhere: the server looks right afterwards, and only once.
    fn present(&self, challenge: &Challenge) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Called once for every challenge for which `present` was, also where that failed or was not finished, however the
    /// order ended. Not called if the order's future is dropped.
    fn clean(&self, challenge: &Challenge) -> impl Future<Output = ()> + Send;
}
