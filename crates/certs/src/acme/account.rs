//! An account with an ACME server: registered once, kept by the caller, used for every order.

use super::answer::failure;
use super::nonce::renewed;
use super::server::Server;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::certificate::IssueFailure;
use domain::secret::Secret;
use instant_acme::{AccountCredentials, ExternalAccountKey, NewAccount};
use std::time::Duration;

/// What a new account is asked for.
#[derive(Clone, Debug, Default)]
pub struct Registration {
    /// Addresses that the server may write to, without `mailto:`. May be empty.
    pub contact: Vec<String>,
    /// To the terms that `Server::about` names, by a person who could read them.
    pub terms_agreed: bool,
    pub external: Option<ExternalAccount>,
}

/// An account that exists elsewhere with the server's operator (RFC 8555, section 7.3.4).
#[derive(Clone, Debug)]
pub struct ExternalAccount {
    pub key_id: String,
    /// base64url, as operators hand it out.
    pub hmac_key: Secret,
}

impl ExternalAccount {
    fn key(&self) -> Result<ExternalAccountKey, IssueFailure> {
        let text = self.hmac_key.reveal().trim().trim_end_matches('=');
        match URL_SAFE_NO_PAD.decode(text) {
            Ok(key) if !key.is_empty() => Ok(ExternalAccountKey::new(self.key_id.trim().into(), &key)),
            _ => Err(IssueFailure::ExternalAccountKey),
        }
    }
}

/// Cheap to clone; orders may run at the same time.
#[derive(Clone)]
pub struct Account {
    pub(super) inner: instant_acme::Account,
    pub(super) server: Server,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("id", &self.id()).finish_non_exhaustive()
    }
}

impl Account {
    /// Makes a key and an account for it. Keep the secret: it is all that `open` needs.
    pub async fn register(
        server: &Server,
        registration: &Registration,
        deadline: Duration,
    ) -> Result<(Self, Secret), IssueFailure> {
        let late = |_| IssueFailure::Deadline { seconds: deadline.as_secs() };
        tokio::time::timeout(deadline, create(server, registration, deadline)).await.map_err(late)?
    }

    /// An account that was registered before. Reads the server's directory, nothing else.
    pub async fn open(server: &Server, credentials: &Secret, deadline: Duration) -> Result<Self, IssueFailure> {
        let kept: serde_json::Value = serde_json::from_str(credentials.reveal()).map_err(|_| IssueFailure::Account)?;
        if kept.get("directory").and_then(serde_json::Value::as_str) != Some(&server.url) {
            return Err(IssueFailure::Account);
        }
        let kept: AccountCredentials = serde_json::from_value(kept).map_err(|_| IssueFailure::Account)?;
        let open = instant_acme::Account::builder_with_http(Box::new(server.http.clone())).from_credentials(kept);
        let late = |_| IssueFailure::Deadline { seconds: deadline.as_secs() };
        let inner = tokio::time::timeout(deadline, open).await.map_err(late)?;
        let inner = inner.map_err(|error| failure(error, &server.host, deadline))?;
        Ok(Self { inner, server: server.clone() })
    }

    /// Tells the server where it may write to, as in [`Registration::contact`]; empty: nowhere.
    pub async fn set_contact(&self, contact: &[String], deadline: Duration) -> Result<(), IssueFailure> {
        let contact: Vec<String> = mailto(contact);
        let contact: Vec<&str> = contact.iter().map(String::as_str).collect();
        let late = |_| IssueFailure::Deadline { seconds: deadline.as_secs() };
        let told = async { renewed!(self.inner.update_contacts(&contact)) };
        let told = tokio::time::timeout(deadline, told).await.map_err(late)?;
        told.map_err(|error| failure(error, &self.server.host, deadline))
    }

    /// The account's URL with its server: a name for it that is no secret.
    pub fn id(&self) -> &str {
        self.inner.id()
    }
}

fn mailto(contact: &[String]) -> Vec<String> {
    contact.iter().map(|address| format!("mailto:{}", address.trim())).collect()
}

async fn create(
    server: &Server,
    registration: &Registration,
    deadline: Duration,
) -> Result<(Account, Secret), IssueFailure> {
    let about = server.about().await?;
    if about.has_terms && !registration.terms_agreed {
        return Err(IssueFailure::TermsNotAgreed { terms: about.terms });
    }
    if about.external_account_required && registration.external.is_none() {
        return Err(IssueFailure::ExternalAccountRequired);
    }
    let external = registration.external.as_ref().map(ExternalAccount::key).transpose()?;
    let contact = mailto(&registration.contact);
    let contact: Vec<&str> = contact.iter().map(String::as_str).collect();
    let new = NewAccount {
        contact: &contact,
        terms_of_service_agreed: registration.terms_agreed,
        only_return_existing: false,
    };
    let builder = || instant_acme::Account::builder_with_http(Box::new(server.http.clone()));
    let created = renewed!(builder().create(&new, server.url.clone(), external.as_ref()));
    let (inner, credentials) = created.map_err(|error| failure(error, &server.host, deadline))?;
    let credentials = serde_json::to_string(&credentials).map_err(|_| IssueFailure::Account)?;
    Ok((Account { inner, server: server.clone() }, Secret::new(credentials)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_external_key_is_base64url_padded_or_not() {
        let of = |text: &str| ExternalAccount { key_id: "k".into(), hmac_key: Secret::new(text) }.key().is_ok();
        assert!(of("b10lLJs8l1GPIzsLP0s6pMt8O0XVGnfTaCeROxQM0BI") && of(" _-8= "));
        assert!(!of("") && !of("not base64!") && !of("a+b/"));
        let shown = format!("{:?}", ExternalAccount { key_id: "k".into(), hmac_key: Secret::new("c2VjcmV0") });
        assert!(!shown.contains("c2Vj"));
    }
}
