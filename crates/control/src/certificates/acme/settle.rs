//! What came of an order, into the store: with the lease checked in the same transaction, so that of two consoles that
//! believe it is their turn one is heard.

use super::lease::LEASE;
use crate::names::Held;
use crate::{Control, ControlError};
use certs::acme::next_attempt;
use certs::{Certificate, renew_at};
use chrono::{DateTime, TimeDelta, Utc};
use domain::certificate::{AcmeFailure, AcmeOrder, IssueFailure};
use domain::id::CertificateId;
use domain::secret::Digest256;
use store::CertificateRow;

impl Control {
    pub(super) async fn settle(
        &self,
        row: &CertificateRow,
        ordered: &AcmeOrder,
        holder: &str,
        result: Result<Certificate, IssueFailure>,
    ) -> Result<(), ControlError> {
        let id = &row.id;
        let mut write = self.write_unasked(&row.account_id, &row.workspace_id).await?;
        let now = write.now;
        if !write.tx.take_lease(id.as_str(), holder, now, now + LEASE).await? {
            tracing::warn!(certificate = %id, "another console has ordered it meanwhile; this outcome is dropped");
            return Ok(());
        }
        write.tx.release_lease(id.as_str(), holder).await?;
        // Deleted, uploaded or changed meanwhile: what was ordered is not what is wanted now.
        let before = write.tx.certificate(id).await?;
        let is_wanted = |row: &CertificateRow| {
            row.acme.as_ref().is_some_and(|now| now.names == ordered.names && now.challenge == ordered.challenge)
        };
        let Some(before) = before.filter(is_wanted) else { return write.commit().await };
        let order = before.acme.clone().unwrap_or_else(|| ordered.clone());
        match result {
            Ok(issued) => {
                let next_attempt = Some(renew_at(&issued.facts, seed(id)));
                let mut row = CertificateRow {
                    sealed_key: self.inner.key.seal(&issued.key, id.as_str()).ok_or(ControlError::Sealed)?,
                    chain: issued.chain_pem,
                    facts: Some(issued.facts),
                    acme: Some(AcmeOrder { next_attempt, failed: 0, last: None, ..order }),
                    updated_at: now,
                    ..before.clone()
                };
                row.revision += 1;
                write.tx.update_certificate(&row, before.revision).await?;
                let after = Held { key: Some(issued.key), row };
                write.certificate("certificate.issue", Some(&before), Some(&after)).await?;
            }
            Err(failure) => {
                let order = failed(order, failure, seed(id), now);
                write.tx.note_acme(id, &order).await?;
                let row = CertificateRow { acme: Some(order), ..before };
                let key = self.desired().names.certificates.get(id).and_then(|held| held.key.clone());
                write.noted(&Held { key, row }).await?;
            }
        }
        write.commit().await
    }
}

fn failed(order: AcmeOrder, failure: IssueFailure, seed: u64, now: DateTime<Utc>) -> AcmeOrder {
    let failed = order.failed.saturating_add(1);
    let wait = next_attempt(&failure, failed, seed).and_then(|wait| TimeDelta::from_std(wait).ok());
    AcmeOrder {
        next_attempt: wait.map(|wait| now + wait),
        failed,
        last: Some(AcmeFailure { failure, at: now }),
        ..order
    }
}

/// Another one for each certificate, and always the same for it.
fn seed(id: &CertificateId) -> u64 {
    Digest256::of(id.as_str().as_bytes()).0.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}
