//! One order at a time for each certificate, however many consoles there are: who orders holds a lease in the store, and
//! prolongs it while it does. A console that dies in the middle prolongs it no more, and another one goes on.

use crate::{Control, ControlError};
use chrono::TimeDelta;
use domain::id::CertificateId;
use std::time::Duration;
use store::CertificateRow;

/// After a console died an order waits so long.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(20);
const PROLONG: Duration = Duration::from_secs(5);

impl Control {
    /// The certificate as it is stored, if it is to be ordered and nobody else is about to; then it is this `holder`'s
    /// turn. Memory follows where another console wrote meanwhile.
    pub(super) async fn take_turn(
        &self,
        id: &CertificateId,
        holder: &str,
    ) -> Result<Option<CertificateRow>, ControlError> {
        let mut compiler = self.inner.writing.clone().lock_owned().await;
        let mut tx = self.inner.store.begin().await?;
        let now = self.now();
        let stored = tx.certificate(id).await?;
        let known = self.desired().names.certificates.get(id).map(|held| held.row.clone());
        if stored != known {
            self.catch_up(&mut compiler).await;
        }
        let is_due =
            |row: &CertificateRow| row.acme.as_ref().and_then(|order| order.next_attempt).is_some_and(|at| at <= now);
        let Some(row) = stored.filter(is_due) else { return Ok(None) };
        if !tx.take_lease(id.as_str(), holder, now, now + LEASE).await? {
            return Ok(None);
        }
        tx.commit().await?;
        Ok(Some(row))
    }

    /// Ends when the lease is lost, or cannot be prolonged before it ends.
    pub(super) async fn hold(&self, id: &CertificateId, holder: &str) {
        let mut ends = self.now() + LEASE;
        loop {
            tokio::time::sleep(PROLONG).await;
            match self.prolong(id, holder).await {
                Ok(true) => ends = self.now() + LEASE,
                Ok(false) => return,
                Err(error) => {
                    tracing::warn!(certificate = %id, %error, "the lease of an order could not be prolonged");
                    if self.now() >= ends {
                        return;
                    }
                }
            }
        }
    }

    async fn prolong(&self, id: &CertificateId, holder: &str) -> Result<bool, ControlError> {
        let mut tx = self.inner.store.begin().await?;
        let now = self.now();
        let is_ours = tx.take_lease(id.as_str(), holder, now, now + LEASE).await?;
        tx.commit().await?;
        Ok(is_ours)
    }
}
