//! Tokens after they were made.

use super::sample::{self, now};
use crate::{Store, StoreError, TokenRow};
use chrono::TimeDelta;

pub(super) async fn tokens_are_edited_by_who_saw_them(store: Store) {
    let tenant = sample::tenant(&store).await;
    let gateway = sample::gateway(&tenant, 1);
    let service = sample::service(&tenant, &gateway, 3);
    let token = sample::token(&service);
    let mut tx = store.begin().await.expect("begins");
    tx.insert_gateway(&gateway).await.expect("writes");
    tx.insert_service(&service).await.expect("writes");
    tx.insert_token(&token).await.expect("writes");
    let edited = TokenRow { label: "推".into(), expires_at: Some(now()), revision: 2, ..token.clone() };
    tx.update_token(&edited, 1).await.expect("writes");
    let stale = tx.update_token(&edited, 1).await;
    assert!(matches!(stale, Err(StoreError::Conflict { current: 2 })), "{stale:?}");
    let earlier = now() - TimeDelta::hours(1);
    for at in [now(), earlier] {
        tx.note_token_use(&token.id, at).await.expect("writes");
    }
    tx.commit().await.expect("commits");
    assert_eq!(store.tokens_of(&service.id).await.expect("reads"), [edited]);
    assert_eq!(store.token_uses().await.expect("reads"), [(token.id.clone(), now())], "the later use");
    let mut tx = store.begin().await.expect("begins");
    assert!(matches!(tx.delete_token(&token.id, 1).await, Err(StoreError::Conflict { .. })));
    tx.delete_token(&token.id, 2).await.expect("deletes");
    assert!(matches!(tx.delete_token(&token.id, 2).await, Err(StoreError::NotFound)));
    tx.commit().await.expect("commits");
    assert!(store.token_uses().await.expect("reads").is_empty());
}
