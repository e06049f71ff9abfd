//! Which certificates are to be ordered, and when.

use crate::Desired;
use chrono::{DateTime, TimeDelta, Utc};
use domain::id::CertificateId;
use std::collections::BTreeMap;
use store::CertificateRow;

/// What a server asks of one order may be about its names alone; other orders wait with it, but not for days.
const OTHERS_WAIT: TimeDelta = TimeDelta::hours(1);

/// Until when the server of this certificate wants to be asked nothing, as it said last.
pub(super) fn left_alone_until(desired: &Desired, row: &CertificateRow) -> Option<DateTime<Utc>> {
    let order = row.acme.as_ref()?;
    let directory = &desired.acme_accounts.get(&order.account_id)?.directory;
    let asked = desired.names.certificates.values().filter_map(|held| {
        let other = held.row.acme.as_ref()?;
        let last = other.last.as_ref()?;
        let wait = TimeDelta::try_seconds(i64::try_from(last.failure.retry_after()?).ok()?)?;
        let is_same = desired.acme_accounts.get(&other.account_id)?.directory == *directory;
        let wait = if held.row.id == row.id { wait } else { wait.min(OTHERS_WAIT) };
        is_same.then_some(last.at + wait)
    });
    asked.max()
}

/// When each is to be ordered that is to be ordered at all.
pub(super) fn times(desired: &Desired) -> BTreeMap<CertificateId, DateTime<Utc>> {
    let ordered = desired.names.certificates.values().filter_map(|held| {
        let at = held.row.acme.as_ref()?.next_attempt?;
        let at = left_alone_until(desired, &held.row).map_or(at, |until| until.max(at));
        Some((held.row.id.clone(), at))
    });
    ordered.collect()
}
