//! An ACME server: where it is and what it says of itself.

use super::http::{Http, host};
use ::http::{Request, Uri};
use domain::certificate::{IssueFailure, tame};
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use serde::Deserialize;

/// A server by the URL of its directory. Trusts the public roots, and those that were given.
#[derive(Clone)]
pub struct Server {
    pub(super) url: String,
    pub(super) host: String,
    pub(super) http: Http,
}

/// What its operator says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// There are terms of service, to be agreed to before an account is registered.
    pub has_terms: bool,
    /// Where to read them, if that is a link which a page can show (`http` or `https`).
    pub terms: Option<String>,
    pub external_account_required: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Directory {
    /// Only their presence counts here.
    #[serde(rename = "newNonce")]
    _new_nonce: String,
    #[serde(rename = "newOrder")]
    _new_order: String,
    #[serde(default)]
    meta: Meta,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    terms_of_service: Option<String>,
    #[serde(default)]
    external_account_required: bool,
}

impl Server {
    /// `roots` is PEM of what the server's own TLS certificate is checked against, besides the public roots; empty for
    /// none. Connects to nobody.
    pub fn new(directory: &str, roots: &str) -> Result<Self, IssueFailure> {
        let url = directory.trim().to_owned();
        let bad = || IssueFailure::DirectoryUrl { url: tame(directory.trim()) };
        let uri: Uri = url.parse().map_err(|_| bad())?;
        // Credentials in a URL would end up in logs.
        let named = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
        if uri.scheme_str() != Some("https") || !named || uri.host().is_none_or(str::is_empty) {
            return Err(match uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
                true => IssueFailure::DirectoryUrl { url: "a URL with a user name".into() },
                false => bad(),
            });
        }
        let mut store = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let mut given = 0;
        for root in CertificateDer::pem_slice_iter(roots.as_bytes()) {
            store.add(root.map_err(|_| IssueFailure::Root)?).map_err(|_| IssueFailure::Root)?;
            given += 1;
        }
        if given == 0 && !roots.trim().is_empty() {
            return Err(IssueFailure::Root);
        }
        Ok(Self { url, host: host(&uri), http: Http::new(store).map_err(|_| IssueFailure::Root)? })
    }

    /// Asks the server, once.
    pub async fn about(&self) -> Result<About, IssueFailure> {
        let request = Request::get(&self.url).body(Default::default());
        let request = request.map_err(|_| IssueFailure::DirectoryUrl { url: tame(&self.url) })?;
        let (parts, body) = self.http.send(request).await?;
        let directory: Directory = serde_json::from_slice(&body)
            .map_err(|_| IssueFailure::NotAcme { host: self.host.clone(), status: parts.status.as_u16() })?;
        let is_link = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        Ok(About {
            has_terms: directory.meta.terms_of_service.is_some(),
            terms: directory.meta.terms_of_service.filter(is_link).map(|url| tame(&url)),
            external_account_required: directory.meta.external_account_required,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_with_a_host() {
        assert!(Server::new(" https://acme.example.com:14000/dir ", "").is_ok());
        for url in
            ["", "acme.example.com", "http://acme.example.com/dir", "https://", "https:///dir", "file:///etc", "\0"]
        {
            assert!(matches!(Server::new(url, ""), Err(IssueFailure::DirectoryUrl { .. })), "{url:?}");
        }
        let Err(failure) = Server::new("https://user:secret@acme.example.com/dir", "") else { panic!("accepted") };
        assert!(!failure.to_string().contains("secret"));
    }

    #[test]
    fn roots_are_read_or_refused() {
        let bad = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for roots in ["hello", bad] {
            assert!(matches!(Server::new("https://a.example.com", roots), Err(IssueFailure::Root)));
        }
    }
}
