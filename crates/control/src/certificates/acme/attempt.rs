//! One attempt to have a certificate issued, from the lease to what is stored about it.

use super::in_place::InPlace;
use crate::Control;
use certs::Certificate;
use certs::acme::{Account, Wanted};
use domain::certificate::{AcmeOrder, IssueFailure};
use domain::id::CertificateId;
use std::time::Duration;
use store::CertificateRow;

/// Reading a server's directory.
const OPENING: Duration = Duration::from_secs(60);
/// All of an order, the server's work included.
const ORDERING: Duration = Duration::from_secs(300);

impl Control {
    /// Tells whether something came of it; if not, it was another console's turn, or the store did not answer.
    pub(super) async fn attempt(&self, id: &CertificateId, holder: &str) -> bool {
        let row = match self.take_turn(id, holder).await {
            Ok(Some(row)) => row,
            Ok(None) => return false,
            Err(error) => {
                tracing::warn!(certificate = %id, %error, "an order could not be begun");
                return false;
            }
        };
        let Some(order) = row.acme.clone() else { return false };
        self.observe(|observed| _ = observed.ordering.insert(id.clone()));
        let done = self.ordered(&row, &order, holder).await;
        self.observe(|observed| _ = observed.ordering.remove(id));
        done
    }

    async fn ordered(&self, row: &CertificateRow, order: &AcmeOrder, holder: &str) -> bool {
        tracing::info!(certificate = %row.id, names = order.names.join(","), challenge = %order.challenge, "ordering");
        let in_place = InPlace::new(self.clone());
        let result = tokio::select! {
            result = self.issue(row, order, &in_place) => Some(result),
            () = self.hold(&row.id, holder) => None,
        };
        // Also what an order left that was broken off.
        in_place.clear().await;
        let Some(result) = result else {
            tracing::warn!(certificate = %row.id, "another console orders it; this order is given up");
            return false;
        };
        match &result {
            Ok(issued) => tracing::info!(certificate = %row.id, until = %issued.facts.not_after, "issued"),
            Err(failure) => tracing::warn!(certificate = %row.id, code = failure.code(), %failure, "not issued"),
        }
        match self.settle(row, order, holder, result).await {
            Ok(()) => true,
            Err(error) => {
                tracing::error!(certificate = %row.id, %error, "what came of an order could not be stored");
                false
            }
        }
    }

    async fn issue(
        &self,
        ordered: &CertificateRow,
        order: &AcmeOrder,
        in_place: &InPlace,
    ) -> Result<Certificate, IssueFailure> {
        // It may have been given to somebody since it was typed.
        if let Some(name) = order.names.iter().find(|name| self.is_anothers(&ordered.workspace_id, name)) {
            return Err(IssueFailure::Name { name: name.clone() });
        }
        let row = self.desired().acme_accounts.get(&order.account_id).cloned().ok_or(IssueFailure::Account)?;
        let credentials = self.inner.key.open(&row.sealed_credentials, row.id.as_str());
        let server = self.acme_directory(&row.directory)?;
        let account = Account::open(&server, &credentials.ok_or(IssueFailure::Account)?, OPENING).await?;
        let wanted = Wanted { names: order.names.clone(), challenge: order.challenge, deadline: ORDERING };
        account.issue(&wanted, in_place, self.now()).await
    }
}
