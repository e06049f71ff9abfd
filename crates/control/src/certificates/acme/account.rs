//! Accounts with ACME servers. A workspace has one with each server.

use crate::{Control, ControlError, Missing};
use certs::acme::{About, Account, ExternalAccount, Registration, Server};
use domain::certificate::{AccountDraft, IssueFailure, PUBLIC_DIRECTORIES};
use domain::custom_domain::DomainSide;
use domain::error::{FieldErrors, Invalid};
use domain::id::AcmeAccountId;
use domain::role::Permission;
use domain::secret::Secret;
use domain::view::{AcmeAccountView, AcmeServerView, AcmeStart};
use identity::{Principal, authorize, entropy};
use std::sync::Arc;
use std::time::Duration;
use store::AcmeAccountRow;

/// Somebody waits for the page.
const PATIENCE: Duration = Duration::from_secs(40);
/// Bytes; what is longer is none of these.
const LONGEST: usize = 320;
const MOST_CONTACTS: usize = 5;

impl Control {
    /// The workspace's accounts, in the order of their directories, and names that need a certificate. The server of
    /// `directory` is asked now, if the workspace has no account with it; empty for none.
    pub async fn acme_start(&self, principal: &Principal, directory: &str) -> Result<AcmeStart, ControlError> {
        authorize(principal, Permission::Read)?;
        let desired = self.desired();
        let own = desired.acme_accounts.values().filter(|row| row.workspace_id == principal.workspace_id);
        let mut accounts: Vec<AcmeAccountView> = own.map(|row| view(row)).collect();
        accounts.sort_by(|a, b| a.directory.cmp(&b.directory));
        let bare = desired.names.domains.values().filter(|domain| {
            let is_open = domain.side == DomainSide::Public && domain.certificate_id.is_none();
            is_open && !domain.is_wildcard() && domain.workspace_id == principal.workspace_id
        });
        let mut domains: Vec<String> = bare.map(|domain| domain.host.clone()).collect();
        domains.sort();
        let directory = directory.trim();
        if directory.is_empty() || accounts.iter().any(|account| account.directory == directory) {
            return Ok(AcmeStart { accounts, domains, server: None, failure: None });
        }
        // Whoever may not use the answer may not make this host connect to others.
        authorize(principal, Permission::ManageGateways)?;
        self.check_directory(principal, directory)?;
        let about = async { self.acme_directory(directory)?.about().await };
        let (server, failure) = match about.await {
            Ok(about) => (Some(server_view(about)), None),
            Err(failure) => (None, Some(failure)),
        };
        Ok(AcmeStart { accounts, domains, server, failure })
    }

    /// The one that the workspace has already, where it has one with this server.
    pub async fn register_acme(
        &self,
        principal: &Principal,
        draft: &AccountDraft,
    ) -> Result<AcmeAccountId, ControlError> {
        authorize(principal, Permission::ManageGateways)?;
        let directory = draft.directory.trim();
        let own = |desired: &crate::Desired| {
            let mut rows = desired.acme_accounts.values();
            rows.find(|row| row.workspace_id == principal.workspace_id && row.directory == directory).cloned()
        };
        if let Some(row) = own(&self.desired()) {
            return Ok(row.id.clone());
        }
        self.check_directory(principal, directory)?;
        let mut errors = FieldErrors::default();
        let server = errors.take("directory", self.acme_directory(directory).map_err(Invalid::from));
        let contact = errors.take("contact", contacts(&draft.contact));
        let (Some(server), Some(contact)) = (server, contact) else { return Err(errors.into()) };
        let registration = Registration {
            contact: contact.clone(),
            terms_agreed: draft.terms_agreed,
            external: (!draft.key_id.trim().is_empty() || !draft.hmac_key.trim().is_empty()).then(|| ExternalAccount {
                key_id: draft.key_id.trim().into(),
                hmac_key: Secret::new(draft.hmac_key.trim()),
            }),
        };
        let registered = Account::register(&server, &registration, PATIENCE).await;
        let (_, credentials) = registered.map_err(|failure| FieldErrors::one(field(&failure), failure.into()))?;
        let id = AcmeAccountId::from_random(entropy::id());
        let sealed_credentials = self.inner.key.seal(&credentials, id.as_str()).ok_or(ControlError::Sealed)?;
        let mut write = self.write(principal).await?;
        // Two may have registered at the same time; one account is enough, and the server forgets none of them.
        if let Some(row) = own(&self.desired()) {
            return Ok(row.id.clone());
        }
        let row = AcmeAccountRow {
            account_id: principal.account_id.clone(),
            workspace_id: principal.workspace_id.clone(),
            directory: directory.into(),
            name: String::new(),
            contact,
            sealed_credentials,
            revision: 1,
            created_at: write.now,
            id,
        };
        write.tx.insert_acme_account(&row).await?;
        write.acme_account("acme_account.register", None, Some(&row)).await?;
        write.commit().await?;
        Ok(row.id)
    }

    /// A server that is asked is connected to from here. So other accounts use those that everybody knows, and those that
    /// the operator uses.
    fn check_directory(&self, principal: &Principal, directory: &str) -> Result<(), FieldErrors> {
        let desired = self.desired();
        let operator = &self.first_workspace().account_id;
        let mut used = desired.acme_accounts.values().filter(|row| row.account_id == *operator);
        let is_known =
            PUBLIC_DIRECTORIES.iter().any(|(_, url)| *url == directory) || used.any(|row| row.directory == directory);
        if is_known || self.operates(principal) {
            return Ok(());
        }
        Err(FieldErrors::one("directory", Invalid::UnknownDirectory))
    }

    pub(super) fn acme_directory(&self, directory: &str) -> Result<Server, IssueFailure> {
        Server::new(directory, &self.installation().acme_roots)
    }

    /// One of the workspace.
    pub(super) fn find_acme_account(
        &self,
        principal: &Principal,
        id: &AcmeAccountId,
    ) -> Result<Arc<AcmeAccountRow>, ControlError> {
        let found = self.desired().acme_accounts.get(id).cloned();
        let own = found.filter(|row| row.workspace_id == principal.workspace_id);
        own.ok_or(ControlError::NotFound { what: Missing::AcmeAccount })
    }
}

fn server_view(about: About) -> AcmeServerView {
    AcmeServerView {
        has_terms: about.has_terms,
        terms: about.terms,
        external_account_required: about.external_account_required,
    }
}

pub(super) fn view(row: &AcmeAccountRow) -> AcmeAccountView {
    AcmeAccountView {
        id: row.id.clone(),
        directory: row.directory.clone(),
        name: row.name.clone(),
        contact: row.contact.clone(),
        used_by: Vec::new(),
        revision: row.revision,
        created_at: row.created_at,
    }
}

/// Whether mail arrives there only the server finds out.
pub(super) fn contacts(typed: &str) -> Result<Vec<String>, Invalid> {
    let each = typed.split([' ', ',', ';', '\n', '\r', '\t']).filter(|each| !each.is_empty());
    let all: Vec<String> = each.map(str::to_owned).collect();
    let is_address = |each: &String| {
        let parts = each.split_once('@');
        let is_plain = each.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | '?' | '%' | '&'));
        each.len() <= LONGEST && is_plain && parts.is_some_and(|(who, host)| !who.is_empty() && host.contains('.'))
    };
    if all.len() <= MOST_CONTACTS && all.iter().all(is_address) { Ok(all) } else { Err(Invalid::MailAddress) }
}

/// Where it is to be mended.
fn field(failure: &IssueFailure) -> &'static str {
    match failure {
        IssueFailure::TermsNotAgreed { .. } => "terms_agreed",
        IssueFailure::ExternalAccountRequired => "key_id",
        IssueFailure::ExternalAccountKey => "hmac_key",
        IssueFailure::Refused { kind, .. } if kind.ends_with("Contact") => "contact",
        _ => "directory",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_addresses() {
        assert_eq!(contacts(""), Ok(Vec::new()));
        let two = vec!["ops@example.com".to_owned(), "b+c@example.org".to_owned()];
        assert_eq!(contacts(" ops@example.com, b+c@example.org\n"), Ok(two));
        for typed in ["ops", "@example.com", "ops@example", "a@b.c?bcc=x@y.z", "<a@b.c>", "ä@example.com"] {
            assert_eq!(contacts(typed), Err(Invalid::MailAddress), "{typed}");
        }
        assert!(contacts(&"a@b.c ".repeat(6)).is_err() && contacts(&format!("a@b.{}", "c".repeat(400))).is_err());
    }
}
