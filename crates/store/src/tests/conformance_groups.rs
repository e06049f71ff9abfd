//! Groups of services.

use super::sample;
use crate::{Constraint, GroupRow, GroupToken, Store, StoreError};
use domain::id::{GroupId, RANDOM_LEN, TokenId};
use domain::name::ServiceName;
use domain::secret::Secret;
use domain::service::{CanaryHeader, Group, Place, Service, Weights};

pub(super) async fn groups_are_read_as_they_were_written(store: Store) {
    let tenant = sample::tenant(&store).await;
    let gateway = sample::gateway(&tenant, 1);
    let token = GroupToken {
        id: TokenId::from_random([4; RANDOM_LEN]),
        digest: Secret::new("secret").digest(),
        sealed: "sealed".into(),
        created_at: sample::now(),
        expires_at: Some(sample::now()),
    };
    let group = Group {
        id: GroupId::from_random([7; RANDOM_LEN]),
        account_id: tenant.account.clone(),
        workspace_id: tenant.workspace.clone(),
        name: ServiceName::parse("all").expect("valid"),
        gateway_id: gateway.id.clone(),
        weights: Weights::Fixed,
        revision: 1,
        created_at: sample::now(),
        updated_at: sample::now(),
    };
    let mut row = GroupRow { group, tokens: vec![token] };
    let header = CanaryHeader::parse("x-canary: 1").expect("valid");
    let place = Place { header, standalone: true, ..Place::new(row.group.id.clone()) };
    let service = Service { place: Some(place), ..sample::service(&tenant, &gateway, 3) };
    let mut tx = store.begin().await.expect("begins");
    tx.insert_gateway(&gateway).await.expect("writes");
    tx.insert_group(&row).await.expect("writes");
    tx.insert_service(&service).await.expect("writes");
    tx.commit().await.expect("commits");
    let all = store.everything().await.expect("reads");
    assert_eq!((all.groups, all.services), (vec![row.clone()], vec![service.clone()]));

    (row.group.weights, row.group.revision) = (Weights::Automatic, 2);
    let mut tx = store.begin().await.expect("begins");
    tx.update_group(&row, 1).await.expect("writes");
    let stale = tx.update_group(&row, 1).await;
    assert!(matches!(stale, Err(StoreError::Conflict { current: 2 })), "{stale:?}");
    tx.commit().await.expect("commits");
    assert_eq!(store.everything().await.expect("reads").groups, [row.clone()]);

    let twin = Group { id: GroupId::from_random([8; RANDOM_LEN]), ..row.group.clone() };
    let mut tx = store.begin().await.expect("begins");
    let taken = tx.insert_group(&GroupRow { group: twin, tokens: Vec::new() }).await;
    assert!(matches!(taken, Err(StoreError::Taken { constraint: Constraint::GroupName })), "{taken:?}");
    drop(tx);
    let mut tx = store.begin().await.expect("begins");
    let held = tx.delete_group(&row.group.id).await;
    assert!(matches!(held, Err(StoreError::InUse)), "{held:?}");
    drop(tx);
    let mut tx = store.begin().await.expect("begins");
    tx.update_service(&Service { place: None, revision: 2, ..service }, 1).await.expect("writes");
    tx.delete_group(&row.group.id).await.expect("nobody is in it");
    tx.commit().await.expect("commits");
    assert!(store.everything().await.expect("reads").groups.is_empty());
}
