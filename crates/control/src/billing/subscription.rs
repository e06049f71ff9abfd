//! Whether a pre-paid gateway's months go on, and where they are.

use super::runs::is_pre_paid;
use crate::{Control, ControlError};
use domain::billing::Period;
use domain::id::GatewayId;
use domain::role::Permission;
use domain::view::SubscriptionView;
use identity::{Principal, authorize};

impl Control {
    /// `None` for a gateway that is not paid in advance.
    pub async fn subscription(
        &self,
        principal: &Principal,
        id: &GatewayId,
    ) -> Result<Option<SubscriptionView>, ControlError> {
        authorize(principal, Permission::Read)?;
        self.find_gateway(principal, id)?;
        let found = self.store().subscription(id).await?;
        Ok(found.map(|(period, renews)| SubscriptionView {
            from: period.from,
            until: period.until,
            renews,
            expired: period.until <= self.now(),
        }))
    }

    /// Months follow by themselves from now on, or no more. Of one that has expired a new month begins now. Returns
    /// whether that is a change.
    pub async fn set_renewal(
        &self,
        principal: &Principal,
        id: &GatewayId,
        seen: i64,
        on: bool,
    ) -> Result<bool, ControlError> {
        let mut edit = self.edit_gateway(principal, id, seen).await?;
        if !is_pre_paid(&edit.after) {
            return Err(ControlError::NotSubscribed);
        }
        let before = edit.write.tx.renews(id).await?;
        if before == on {
            return Ok(false);
        }
        let now = edit.write.now;
        edit.write.tx.set_renewal(id, on).await?;
        let newest = edit.write.tx.newest_period(id).await?;
        if on && newest.is_none_or(|newest| newest.until <= now) {
            edit.write.tx.insert_period(&Period::first(id.clone(), now)).await?;
        }
        edit.write.audit("gateway.renewal", "gateway", id.as_str(), Some(&before), Some(&on)).await?;
        edit.write.commit().await?;
        self.notify();
        Ok(true)
    }

    /// Adds the months that have begun meanwhile, also those of a time in which no console ran.
    pub(crate) async fn renew_subscriptions(&self) -> Result<(), ControlError> {
        let now = self.now();
        if self.store().due_renewals(now).await?.is_empty() {
            return Ok(());
        }
        let _writing = self.inner.writing.lock().await;
        let mut tx = self.store().begin().await?;
        // Read again, for nobody changes anything now.
        for mut period in self.store().due_renewals(now).await? {
            while period.until <= now {
                period = period.renewed();
                tx.insert_period(&period).await?;
            }
        }
        tx.commit().await?;
        self.notify();
        Ok(())
    }
}
