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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desired::Touched;
    use crate::names::Held;
    use domain::certificate::{AcmeFailure, AcmeOrder, ChallengeKind, IssueFailure};
    use domain::id::{AccountId, AcmeAccountId, RANDOM_LEN, WorkspaceId};
    use std::sync::Arc;
    use store::AcmeAccountRow;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000, 0).expect("a time")
    }

    fn id(n: u8) -> CertificateId {
        CertificateId::from_random([n; RANDOM_LEN])
    }

    /// With the server of this number; `wait` is what it said last about this order.
    fn order(desired: &mut Desired, n: u8, server: u8, next: Option<DateTime<Utc>>, wait: Option<u64>) {
        let account = AcmeAccountRow {
            id: AcmeAccountId::from_random([n; RANDOM_LEN]),
            account_id: AccountId::from_random([1; RANDOM_LEN]),
            workspace_id: WorkspaceId::from_random([n; RANDOM_LEN]),
            directory: format!("https://{server}.example/dir"),
            name: String::new(),
            contact: Vec::new(),
            sealed_credentials: String::new(),
            revision: 1,
            created_at: now(),
        };
        let limited = |seconds| IssueFailure::RateLimited { detail: String::new(), retry_after: Some(seconds) };
        let row = CertificateRow {
            id: id(n),
            account_id: account.account_id.clone(),
            workspace_id: account.workspace_id.clone(),
            name: "c".into(),
            chain: String::new(),
            sealed_key: String::new(),
            facts: None,
            acme: Some(AcmeOrder {
                account_id: account.id.clone(),
                names: Vec::new(),
                challenge: ChallengeKind::Http01,
                next_attempt: next,
                failed: 0,
                last: wait.map(|seconds| AcmeFailure { failure: limited(seconds), at: now() }),
            }),
            revision: 1,
            created_at: now(),
            updated_at: now(),
        };
        desired.apply(&Touched::AcmeAccount(account.id.clone(), Some(Arc::new(account))));
        desired.apply(&Touched::Certificate(id(n), Some(Arc::new(Held { key: None, row }))));
    }

    #[test]
    fn a_server_that_wants_to_be_left_alone_is() {
        let mut desired = Desired::default();
        let week = 7 * 24 * 60 * 60;
        order(&mut desired, 1, 1, Some(now()), Some(week));
        order(&mut desired, 2, 1, Some(now()), None);
        order(&mut desired, 3, 2, Some(now()), None);
        order(&mut desired, 4, 2, None, None);
        order(&mut desired, 5, 1, Some(now() + TimeDelta::days(1)), None);
        let times = times(&desired);
        assert_eq!(times.get(&id(1)), Some(&(now() + TimeDelta::days(7))), "what it said of this order");
        assert_eq!(times.get(&id(2)), Some(&(now() + OTHERS_WAIT)), "others wait too, also another workspace's");
        assert_eq!(times.get(&id(3)), Some(&now()), "another server said nothing");
        assert_eq!(times.get(&id(4)), None, "not before somebody changes something");
        assert_eq!(times.get(&id(5)), Some(&(now() + TimeDelta::days(1))));
    }
}
