//! Versions and events of services.

use super::sample::{self, now};
use crate::Store;
use chrono::TimeDelta;
use domain::id::{RANDOM_LEN, ReplicaId};
use domain::service::{EventKind, MAX_EVENTS, Service, ServiceEvent, Version, Why};

async fn service(store: &Store) -> Service<String> {
    let tenant = sample::tenant(store).await;
    let gateway = sample::gateway(&tenant, 1);
    let service = sample::service(&tenant, &gateway, 1);
    let mut tx = store.begin().await.expect("begins");
    tx.insert_gateway(&gateway).await.expect("writes");
    tx.insert_service(&service).await.expect("writes");
    tx.commit().await.expect("commits");
    service
}

pub(super) async fn versions_are_kept_as_long_as_they_are_used(store: Store) {
    let service = service(&store).await;
    let version = |number: u32| Version {
        service_id: service.id.clone(),
        number,
        replica_version: number.div_ceil(2),
        spec: format!("sealed {number}"),
        why: Why::Update,
        created_by: "console".into(),
        created_at: now() + TimeDelta::seconds(i64::from(number)),
    };
    let mut tx = store.begin().await.expect("begins");
    assert_eq!(tx.newest_version(&service.id).await.expect("reads"), 0);
    for number in 1..=6 {
        tx.insert_version(&version(number)).await.expect("writes");
    }
    assert!(tx.insert_version(&version(6)).await.is_err(), "a version never changes");
    tx.commit().await.expect("commits");
    let mut tx = store.begin().await.expect("begins");
    assert_eq!(tx.version(&service.id, 4).await.expect("reads"), Some(version(4)));
    assert_eq!(tx.version(&service.id, 7).await.expect("reads"), None);
    tx.forget_versions(&service.id, 3, &[1]).await.expect("forgets");
    assert_eq!(tx.newest_version(&service.id).await.expect("reads"), 6);
    tx.commit().await.expect("commits");
    assert_eq!(store.versions_of(&service.id).await.expect("reads"), [6, 5, 4, 1].map(version));
    // Those that replicas may be of are read with everything else, while there is a rollout.
    let all = store.everything().await.expect("reads");
    assert_eq!(all.services, std::slice::from_ref(&service));
    assert_eq!(all.versions, [version(1)]);
    let mut tx = store.begin().await.expect("begins");
    let over = Service { rollout: None, revision: 2, ..service.clone() };
    tx.update_service(&over, 1).await.expect("writes");
    tx.commit().await.expect("commits");
    assert_eq!(store.service(&service.id).await.expect("reads"), Some(over));
    assert!(store.everything().await.expect("reads").versions.is_empty());
    let mut tx = store.begin().await.expect("begins");
    tx.delete_service(&service.id, 2).await.expect("deletes");
    tx.commit().await.expect("commits");
    assert!(store.versions_of(&service.id).await.expect("reads").is_empty());
}

pub(super) async fn the_same_of_a_replica_again_is_one_event(store: Store) {
    let service = service(&store).await;
    let event = |seconds: i64, kind, replica: Option<u8>, detail: &str| ServiceEvent {
        first_at: now() + TimeDelta::seconds(seconds),
        at: now() + TimeDelta::seconds(seconds),
        count: 1,
        kind,
        replica: replica.map(|n| ReplicaId::from_random([n; RANDOM_LEN])),
        detail: Some(detail.into()),
    };
    let failed = EventKind::ReplicaFailed;
    let mut tx = store.begin().await.expect("begins");
    for each in [
        event(0, EventKind::Deployed, None, "1"),
        event(1, failed, Some(1), "first"),
        event(2, failed, Some(2), "another"),
        event(3, failed, Some(1), "again'); DROP TABLE services; --"),
        event(4, EventKind::Deployed, None, "1"),
        // Long after, it is news.
        event(9_000, failed, Some(1), "later"),
    ] {
        tx.service_event(&service.id, &each).await.expect("writes");
    }
    tx.commit().await.expect("commits");
    let (events, total) = store.service_events(&service.id, (0, 10)).await.expect("reads");
    let again = ServiceEvent {
        first_at: now() + TimeDelta::seconds(1),
        count: 2,
        ..event(3, failed, Some(1), "again'); DROP TABLE services; --")
    };
    let deployed = |seconds| event(seconds, EventKind::Deployed, None, "1");
    let expected =
        [event(9_000, failed, Some(1), "later"), deployed(4), again, event(2, failed, Some(2), "another"), deployed(0)];
    assert_eq!((events.as_slice(), total), (&expected[..], 5));
    assert_eq!(store.service_events(&service.id, (1, 1)).await.expect("reads").0, expected[1..2]);
    let mut tx = store.begin().await.expect("begins");
    for n in 0..i64::from(MAX_EVENTS) + 20 {
        tx.service_event(&service.id, &event(10_000 + n, EventKind::Scaled, None, "2")).await.expect("writes");
    }
    tx.commit().await.expect("commits");
    let (_, total) = store.service_events(&service.id, (0, 1)).await.expect("reads");
    assert_eq!(total, u64::from(MAX_EVENTS));
}
