//! Changing an account with an ACME server, and forgetting it.

use super::account::{contacts, view};
use crate::error::{Missing, of_store};
use crate::{Control, ControlError};
use certs::acme::Account;
use domain::certificate::{AccountEdit, IssueFailure};
use domain::error::FieldErrors;
use domain::id::AcmeAccountId;
use domain::role::Permission;
use domain::view::AcmeAccountView;
use identity::{Principal, authorize};
use std::time::Duration;
use store::AcmeAccountRow;

/// Somebody waits for the page.
const PATIENCE: Duration = Duration::from_secs(40);

impl Control {
    pub fn acme_account(&self, principal: &Principal, id: &AcmeAccountId) -> Result<AcmeAccountView, ControlError> {
        authorize(principal, Permission::Read)?;
        let row = self.find_acme_account(principal, id)?;
        Ok(AcmeAccountView { used_by: self.ordered_with(id), ..view(&row) })
    }

    /// Another name for it, and other mail addresses, which its server is told first: what it does not take is not
    /// stored.
    pub async fn edit_acme_account(
        &self,
        principal: &Principal,
        id: &AcmeAccountId,
        seen: i64,
        draft: &AccountEdit,
    ) -> Result<(), ControlError> {
        authorize(principal, Permission::ManageGateways)?;
        let row = self.find_acme_account(principal, id)?;
        current(&row, seen)?;
        let mut errors = FieldErrors::default();
        let name = errors.take("name", draft.name());
        let contact = errors.take("contact", contacts(&draft.contact));
        let (name, contact) = errors.finish(name.zip(contact))?;
        if (&name, &contact) == (&row.name, &row.contact) {
            return Ok(());
        }
        if contact != row.contact {
            let told = self.tell_contact(&row, &contact).await;
            told.map_err(|failure| FieldErrors::one("contact", failure.into()))?;
        }
        let mut write = self.write(principal).await?;
        let before = self.find_acme_account(principal, id)?;
        current(&before, seen)?;
        let after = AcmeAccountRow { name, contact, revision: seen + 1, ..AcmeAccountRow::clone(&before) };
        write.tx.update_acme_account(&after, seen).await.map_err(of)?;
        write.acme_account("acme_account.edit", Some(&before), Some(&after)).await?;
        write.commit().await
    }

    /// Refused while certificates are ordered with it. Its server keeps the account; nobody has its key any more.
    pub async fn delete_acme_account(
        &self,
        principal: &Principal,
        id: &AcmeAccountId,
        seen: i64,
    ) -> Result<(), ControlError> {
        authorize(principal, Permission::ManageGateways)?;
        let mut write = self.write(principal).await?;
        let before = self.find_acme_account(principal, id)?;
        current(&before, seen)?;
        let names = self.ordered_with(id);
        if !names.is_empty() {
            return Err(ControlError::AcmeAccountInUse { names });
        }
        write.tx.delete_acme_account(id, seen).await.map_err(of)?;
        write.acme_account("acme_account.delete", Some(&before), None).await?;
        write.commit().await
    }

    async fn tell_contact(&self, row: &AcmeAccountRow, contact: &[String]) -> Result<(), IssueFailure> {
        let credentials = self.inner.key.open(&row.sealed_credentials, row.id.as_str());
        let server = self.acme_directory(&row.directory)?;
        let account = Account::open(&server, &credentials.ok_or(IssueFailure::Account)?, PATIENCE).await?;
        account.set_contact(contact, PATIENCE).await
    }

    /// Names of the certificates that are ordered with it.
    fn ordered_with(&self, id: &AcmeAccountId) -> Vec<String> {
        let desired = self.desired();
        let held = desired.names.certificates.values();
        let mut names: Vec<String> = held
            .filter(|held| held.row.acme.as_ref().is_some_and(|order| order.account_id == *id))
            .map(|held| held.row.name.clone())
            .collect();
        names.sort();
        names
    }
}

fn current(row: &AcmeAccountRow, seen: i64) -> Result<(), ControlError> {
    if row.revision == seen { Ok(()) } else { Err(ControlError::Conflict { current: row.revision }) }
}

fn of(error: store::StoreError) -> ControlError {
    of_store(error, Missing::AcmeAccount, "")
}
