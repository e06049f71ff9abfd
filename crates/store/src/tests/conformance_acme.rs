//! Certificates from ACME servers, and leases.

use super::sample::{self, now};
use crate::{AcmeAccountRow, CertificateRow, Constraint, Store, StoreError};
use chrono::TimeDelta;
use domain::certificate::{AcmeFailure, AcmeOrder, ChallengeKind, IssueFailure};
use domain::id::{AcmeAccountId, CertificateId, RANDOM_LEN};

pub(super) async fn ordered_certificates_are_read_as_they_were_written(store: Store) {
    let tenant = sample::tenant(&store).await;
    let account = AcmeAccountRow {
        id: AcmeAccountId::from_random([1; RANDOM_LEN]),
        account_id: tenant.account.clone(),
        workspace_id: tenant.workspace.clone(),
        directory: "https://acme.example/dir".into(),
        contact: vec!["'; DROP TABLE certificates; --@example.com".into()],
        name: String::new(),
        sealed_credentials: "sealed".into(),
        revision: 1,
        created_at: now(),
    };
    let mut certificate = CertificateRow {
        id: CertificateId::from_random([2; RANDOM_LEN]),
        account_id: tenant.account.clone(),
        workspace_id: tenant.workspace.clone(),
        name: "ordered".into(),
        chain: String::new(),
        sealed_key: String::new(),
        facts: None,
        acme: Some(AcmeOrder {
            account_id: account.id.clone(),
            names: vec!["a.example".into()],
            challenge: ChallengeKind::Http01,
            next_attempt: Some(now()),
            failed: 0,
            last: None,
        }),
        revision: 1,
        created_at: now(),
        updated_at: now(),
    };
    let mut tx = store.begin().await.expect("begins");
    tx.insert_acme_account(&account).await.expect("writes");
    tx.insert_certificate(&certificate).await.expect("writes");
    tx.commit().await.expect("commits");
    assert_eq!(store.acme_accounts().await.expect("reads"), std::slice::from_ref(&account));
    assert_eq!(store.certificates().await.expect("reads"), std::slice::from_ref(&certificate));
    assert_eq!(store.everything().await.expect("reads").acme_accounts, std::slice::from_ref(&account));

    let mut tx = store.begin().await.expect("begins");
    let again = AcmeAccountRow { id: AcmeAccountId::from_random([3; RANDOM_LEN]), ..account };
    let taken = tx.insert_acme_account(&again).await;
    assert!(matches!(taken, Err(StoreError::Taken { constraint: Constraint::AcmeAccount })), "{taken:?}");
    drop(tx);

    // An attempt that failed makes nobody's page stale.
    let order = certificate.acme.as_mut().expect("an order");
    let failure = IssueFailure::RateLimited { detail: "slow \"down\"".into(), retry_after: Some(60) };
    order.last = Some(AcmeFailure { failure, at: now() });
    (order.failed, order.next_attempt) = (1, None);
    let mut tx = store.begin().await.expect("begins");
    tx.note_acme(&certificate.id, order).await.expect("writes");
    tx.commit().await.expect("commits");
    assert_eq!(store.certificates().await.expect("reads"), std::slice::from_ref(&certificate));

    let uploaded = CertificateRow { acme: None, revision: 2, chain: "pem".into(), ..certificate.clone() };
    let mut tx = store.begin().await.expect("begins");
    tx.update_certificate(&uploaded, 1).await.expect("writes");
    tx.commit().await.expect("commits");
    assert_eq!(store.certificates().await.expect("reads"), [uploaded]);
}

pub(super) async fn accounts_are_edited_and_deleted_by_who_saw_them(store: Store) {
    let tenant = sample::tenant(&store).await;
    let mut account = AcmeAccountRow {
        id: AcmeAccountId::from_random([1; RANDOM_LEN]),
        account_id: tenant.account.clone(),
        workspace_id: tenant.workspace.clone(),
        directory: "https://acme.example/dir".into(),
        name: String::new(),
        contact: Vec::new(),
        sealed_credentials: "sealed".into(),
        revision: 1,
        created_at: now(),
    };
    let mut tx = store.begin().await.expect("begins");
    tx.insert_acme_account(&account).await.expect("writes");
    (account.name, account.contact, account.revision) = ("ours \"\u{fc}\"".into(), vec!["a@b.c".into()], 2);
    tx.update_acme_account(&account, 1).await.expect("writes");
    tx.commit().await.expect("commits");
    assert_eq!(store.acme_accounts().await.expect("reads"), std::slice::from_ref(&account));

    let mut tx = store.begin().await.expect("begins");
    let stale = tx.update_acme_account(&account, 1).await;
    assert!(matches!(stale, Err(StoreError::Conflict { current: 2 })), "{stale:?}");
    let stale = tx.delete_acme_account(&account.id, 1).await;
    assert!(matches!(stale, Err(StoreError::Conflict { current: 2 })), "{stale:?}");
    tx.delete_acme_account(&account.id, 2).await.expect("deletes");
    assert!(matches!(tx.delete_acme_account(&account.id, 2).await, Err(StoreError::NotFound)));
    tx.commit().await.expect("commits");
    assert!(store.acme_accounts().await.expect("reads").is_empty());
}

pub(super) async fn a_lease_has_one_holder(store: Store) {
    let later = |seconds| now() + TimeDelta::seconds(seconds);
    let take = async |holder: &str, at: i64| {
        let mut tx = store.begin().await.expect("begins");
        let taken = tx.take_lease("cert-a", holder, later(at), later(at + 30)).await.expect("writes");
        tx.commit().await.expect("commits");
        taken
    };
    assert!(take("one", 0).await);
    assert!(!take("two", 1).await && !take("two", 29).await);
    // Prolonged, it is still held when it would have ended.
    assert!(take("one", 20).await && !take("two", 40).await);
    assert!(take("two", 50).await && !take("one", 51).await, "it ended");
    let mut tx = store.begin().await.expect("begins");
    tx.release_lease("cert-a", "one").await.expect("writes");
    assert!(!tx.take_lease("cert-a", "one", later(52), later(60)).await.expect("writes"), "not one's to give back");
    assert!(tx.take_lease("cert-b", "one", later(52), later(60)).await.expect("writes"), "each is its own");
    tx.release_lease("cert-a", "two").await.expect("writes");
    tx.commit().await.expect("commits");
    assert!(take("one", 53).await);
}
