//! Hosts and the tokens by which they join.

use super::sample::now;
use crate::{JoinTokenRow, Store, StoreError};
use chrono::TimeDelta;
use domain::host::{Host, HostDoors, HostDraft, Member};
use domain::id::{AgentId, EngineId, HostId, RANDOM_LEN, UserId};
use domain::secret::Digest256;

fn host(n: u8, member: bool) -> Host {
    let member = member.then(|| Member {
        engine_id: EngineId::from_random([n; RANDOM_LEN]),
        agent_id: AgentId::from_random([n; RANDOM_LEN]),
        fingerprint: Digest256::of(&[n]),
        public: HostDoors { http: vec![([10, 0, 0, n], 80).into()], ..HostDoors::default() },
    });
    Host {
        id: HostId::from_random([n; RANDOM_LEN]),
        name: format!("gpu-{n}"),
        zone: "local-a".into(),
        member,
        draining: false,
        removed: false,
        revision: 1,
    }
}

pub(super) async fn hosts_are_read_as_they_were_written(store: Store) {
    assert_eq!(store.own_host().await.expect("reads"), None);
    let (own, mut other) = (host(1, false), host(2, true));
    let mut tx = store.begin().await.expect("begins");
    tx.insert_host(&own, now()).await.expect("writes");
    tx.insert_host(&other, now()).await.expect("writes");
    tx.commit().await.expect("commits");
    assert_eq!(store.own_host().await.expect("reads"), Some(own.id.clone()));

    let again = Host { id: host(3, true).id, ..host(2, true) };
    let mut tx = store.begin().await.expect("begins");
    assert!(tx.insert_host(&again, now()).await.is_err(), "a certificate is one host's");
    drop(tx);

    (other.draining, other.zone, other.revision) = (true, "local-b".into(), 2);
    let mut tx = store.begin().await.expect("begins");
    tx.update_host(&other, 1).await.expect("writes");
    assert!(matches!(tx.update_host(&other, 1).await, Err(StoreError::Conflict { current: 2 })));
    tx.commit().await.expect("commits");
    let all = store.everything().await.expect("reads").hosts;
    assert_eq!(all.into_values().collect::<Vec<_>>(), [own, other]);
}

pub(super) async fn a_host_joins_by_a_token_once(store: Store) {
    let row = |n: u8, minutes| JoinTokenRow {
        digest: Digest256::of(&[n]),
        host: HostDraft { name: format!("gpu-{n}"), zone: "local-a".into() },
        created_by: UserId::from_random([1; RANDOM_LEN]),
        created_at: now(),
        expires_at: now() + TimeDelta::minutes(minutes),
    };
    let mut tx = store.begin().await.expect("begins");
    for row in [row(1, 60), row(2, 1), row(3, 60)] {
        tx.insert_join_token(&row).await.expect("writes");
    }
    assert!(tx.delete_join_token(&row(3, 60).digest).await.expect("writes"));
    assert!(!tx.delete_join_token(&row(3, 60).digest).await.expect("writes"), "it is gone");
    tx.commit().await.expect("commits");
    let later = now() + TimeDelta::minutes(1);
    assert_eq!(store.join_tokens(now()).await.expect("reads").len(), 2);
    assert_eq!(store.join_tokens(later).await.expect("reads"), [row(1, 60)]);

    let mut tx = store.begin().await.expect("begins");
    assert_eq!(tx.use_join_token(&row(1, 60).digest, later).await.expect("writes"), Some(row(1, 60)));
    for n in 1..=4 {
        assert_eq!(tx.use_join_token(&row(n, 60).digest, later).await.expect("writes"), None, "{n}");
    }
    tx.commit().await.expect("commits");
    assert_eq!(store.join_tokens(now()).await.expect("reads"), [row(2, 1)]);
}
