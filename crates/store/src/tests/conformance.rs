//! The tests of [`super::conformance`].

pub(super) use super::conformance_acme::{
    a_lease_has_one_holder, accounts_are_edited_and_deleted_by_who_saw_them,
    ordered_certificates_are_read_as_they_were_written,
};
pub(super) use super::conformance_alb::a_service_holds_its_vpc;
pub(super) use super::conformance_alb::an_alb_holds_its_networks_and_goes_with_its_gateway;
pub(super) use super::conformance_billing::{
    usage_adds_up_and_prices_and_months_are_read_as_written, what_ran_is_kept_when_its_gateway_is_gone,
};
pub(super) use super::conformance_groups::groups_are_read_as_they_were_written;
pub(super) use super::conformance_hosts::{a_host_joins_by_a_token_once, hosts_are_read_as_they_were_written};
pub(super) use super::conformance_orders::orders_are_read_oldest_first_and_outlive_their_gateway;
pub(super) use super::conformance_services::{
    the_same_of_a_replica_again_is_one_event, versions_are_kept_as_long_as_they_are_used,
};
pub(super) use super::conformance_tokens::tokens_are_edited_by_who_saw_them;
use super::sample::{self, now};
use crate::{AuditEntry, ChangeKind, Constraint, InvitationRow, SessionRow, Store, StoreError, UserRow};
use chrono::TimeDelta;
use domain::cidr::Cidr;
use domain::id::{AccountId, InvitationId, RANDOM_LEN, SessionId, UserId, VSwitchId, VpcId};
use domain::name::{GatewayName, UserName};
use domain::network::{LinkedVSwitch, Region, VSwitch, Vpc, VpcLink, Zone};
use domain::role::Role;
use domain::secret::Secret;
use domain::whitelist::Whitelist;

pub(super) async fn a_gateway_is_read_as_it_was_written(store: Store) {
    let tenant = sample::tenant(&store).await;
    let gateway = sample::gateway(&tenant, 1);
    let mut tx = store.begin().await.expect("begins");
    tx.insert_gateway(&gateway).await.expect("writes");
    tx.commit().await.expect("commits");
    assert_eq!(store.gateway(&gateway.id).await.expect("reads"), Some(gateway.clone()));
    let all = store.everything().await.expect("reads");
    assert_eq!(all.gateways, [gateway]);
}

pub(super) async fn a_stale_edit_conflicts_and_changes_nothing(store: Store) {
    let tenant = sample::tenant(&store).await;
    let mut gateway = sample::gateway(&tenant, 1);
    let mut tx = store.begin().await.expect("begins");
    tx.insert_gateway(&gateway).await.expect("writes");
    gateway.revision = 2;
    tx.update_gateway(&gateway, 1).await.expect("the revision fits");
    tx.commit().await.expect("commits");

    let mut stale = gateway.clone();
    stale.internet.enabled = false;
    let mut tx = store.begin().await.expect("begins");
    let refused = tx.update_gateway(&stale, 1).await;
    assert!(matches!(refused, Err(StoreError::Conflict { current: 2 })), "{refused:?}");
    assert!(matches!(tx.delete_gateway(&gateway.id, 1).await, Err(StoreError::Conflict { current: 2 })));
    drop(tx);
    assert_eq!(store.gateway(&gateway.id).await.expect("reads"), Some(gateway.clone()));

    let mut tx = store.begin().await.expect("begins");
    tx.delete_gateway(&gateway.id, 2).await.expect("deletes");
    assert!(matches!(tx.update_gateway(&gateway, 2).await, Err(StoreError::NotFound)));
}

pub(super) async fn names_are_unique_without_regard_to_case(store: Store) {
    let tenant = sample::tenant(&store).await;
    let first = sample::gateway(&tenant, 1);
    let mut second = sample::gateway(&tenant, 2);
    second.name = GatewayName::parse("GATEWAY-1").expect("valid");
    let mut tx = store.begin().await.expect("begins");
    tx.insert_gateway(&first).await.expect("writes");
    let refused = tx.insert_gateway(&second).await;
    assert!(matches!(refused, Err(StoreError::Taken { constraint: Constraint::GatewayName })), "{refused:?}");
    drop(tx);
    second.name = GatewayName::parse("other").expect("valid");
    second.internet.port = first.internet.port;
    let mut tx = store.begin().await.expect("begins");
    tx.insert_gateway(&first).await.expect("writes");
    let refused = tx.insert_gateway(&second).await;
    assert!(matches!(refused, Err(StoreError::Taken { constraint: Constraint::GatewayPort })), "{refused:?}");
}

pub(super) async fn a_gateway_with_services_stays(store: Store) {
    let tenant = sample::tenant(&store).await;
    let gateway = sample::gateway(&tenant, 1);
    let service = sample::service(&tenant, &gateway, 3);
    let mut tx = store.begin().await.expect("begins");
    tx.insert_gateway(&gateway).await.expect("writes");
    tx.insert_service(&service).await.expect("writes");
    let refused = tx.insert_service(&sample::service(&tenant, &gateway, 3)).await;
    assert!(refused.is_err(), "the same id twice");
    drop(tx);
    let mut tx = store.begin().await.expect("begins");
    tx.insert_gateway(&gateway).await.expect("writes");
    tx.insert_service(&service).await.expect("writes");
    assert_eq!(tx.services_of(&gateway.id).await.expect("reads"), [service]);
    let refused = tx.delete_gateway(&gateway.id, 1).await;
    assert!(matches!(refused, Err(StoreError::InUse)), "{refused:?}");
}

pub(super) async fn tokens_go_with_their_service(store: Store) {
    let tenant = sample::tenant(&store).await;
    let gateway = sample::gateway(&tenant, 1);
    let service = sample::service(&tenant, &gateway, 3);
    let token = sample::token(&service);
    let mut tx = store.begin().await.expect("begins");
    tx.insert_gateway(&gateway).await.expect("writes");
    tx.insert_service(&service).await.expect("writes");
    tx.insert_token(&token).await.expect("writes");
    tx.commit().await.expect("commits");
    assert_eq!(store.tokens_of(&service.id).await.expect("reads"), [token]);
    let mut tx = store.begin().await.expect("begins");
    tx.delete_service(&service.id, 1).await.expect("deletes");
    tx.commit().await.expect("commits");
    assert!(store.everything().await.expect("reads").tokens.is_empty());
}

pub(super) async fn a_dropped_write_never_happened(store: Store) {
    let tenant = sample::tenant(&store).await;
    let before = store.everything().await.expect("reads").seq;
    let mut tx = store.begin().await.expect("begins");
    tx.insert_gateway(&sample::gateway(&tenant, 1)).await.expect("writes");
    tx.changed(ChangeKind::Gateway, "gw-x").await.expect("notes");
    drop(tx);
    let all = store.everything().await.expect("reads");
    assert!(all.gateways.is_empty() && all.seq == before);
    assert!(store.changes_since(before).await.expect("reads").is_empty());
}

pub(super) async fn changes_are_numbered_in_order_of_commits(store: Store) {
    let writers: Vec<_> = (0..20)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut tx = store.begin().await.expect("begins");
                let seq = tx.changed(ChangeKind::Service, &format!("svc-{n}")).await.expect("notes");
                tx.commit().await.expect("commits");
                seq
            })
        })
        .collect();
    let mut numbers = Vec::new();
    for writer in writers {
        numbers.push(writer.await.expect("writes"));
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=20).collect::<Vec<u64>>());
    let seen: Vec<u64> = store.changes_since(5).await.expect("reads").iter().map(|change| change.seq).collect();
    assert_eq!(seen, (6..=20).collect::<Vec<u64>>());
    store.forget_changes_before(20).await.expect("forgets");
    assert_eq!(store.changes_since(0).await.expect("reads").len(), 1);
}

fn user(tenant: &sample::Tenant) -> UserRow {
    UserRow {
        id: UserId::from_random([4; RANDOM_LEN]),
        account_id: tenant.account.clone(),
        workspace_id: tenant.workspace.clone(),
        name: UserName::parse("Ada").expect("valid"),
        password_hash: "hash".into(),
        role: Role::Administrator,
        revision: 1,
        created_at: now(),
    }
}

pub(super) async fn an_invitation_works_once(store: Store) {
    let tenant = sample::tenant(&store).await;
    let token = Secret::new("link").digest();
    let invitation = InvitationRow {
        id: InvitationId::from_random([5; RANDOM_LEN]),
        account_id: tenant.account.clone(),
        workspace_id: tenant.workspace.clone(),
        role: Role::Administrator,
        token_digest: token,
        created_by: None,
        created_at: now(),
        expires_at: now() + TimeDelta::hours(1),
        used_at: None,
    };
    let mut tx = store.begin().await.expect("begins");
    tx.insert_invitation(&invitation).await.expect("writes");
    assert_eq!(tx.use_invitation(&token, now() + TimeDelta::hours(2)).await.expect("asks"), None, "expired");
    assert!(tx.use_invitation(&token, now()).await.expect("asks").is_some());
    assert_eq!(tx.use_invitation(&token, now()).await.expect("asks"), None, "used");
    tx.insert_user(&user(&tenant)).await.expect("writes");
    tx.commit().await.expect("commits");
    assert_eq!(store.user_by_name(&UserName::parse("ADA").expect("valid")).await.expect("reads"), Some(user(&tenant)));
    assert!(store.has_users().await.expect("reads"));
    let mut tx = store.begin().await.expect("begins");
    let mut twin = user(&tenant);
    twin.id = UserId::from_random([8; RANDOM_LEN]);
    assert!(matches!(tx.insert_user(&twin).await, Err(StoreError::Taken { constraint: Constraint::UserName })));
}

pub(super) async fn sessions_end(store: Store) {
    let tenant = sample::tenant(&store).await;
    let user = user(&tenant);
    let session = |n: u8| SessionRow {
        id: SessionId::from_random([n; RANDOM_LEN]),
        user_id: user.id.clone(),
        account_id: tenant.account.clone(),
        workspace_id: tenant.workspace.clone(),
        token_digest: Secret::new(n.to_string()).digest(),
        user_agent: "curl".into(),
        address: "127.0.0.1".into(),
        created_at: now(),
        last_seen_at: now(),
        expires_at: now() + TimeDelta::hours(i64::from(n)),
    };
    let mut tx = store.begin().await.expect("begins");
    tx.insert_user(&user).await.expect("writes");
    for n in 1..=4 {
        tx.insert_session(&session(n)).await.expect("writes");
    }
    tx.commit().await.expect("commits");
    assert_eq!(store.session(&session(2).token_digest).await.expect("reads"), Some(session(2)));
    let mut tx = store.begin().await.expect("begins");
    assert_eq!(tx.delete_sessions_expired(now() + TimeDelta::minutes(90)).await.expect("deletes"), 1);
    let stranger = UserId::from_random([77; RANDOM_LEN]);
    assert!(!tx.delete_session(&stranger, &session(2).id).await.expect("asks"), "not a stranger's to end");
    assert_eq!(tx.delete_sessions_of(&user.id, Some(&session(3).id)).await.expect("deletes"), 2);
    tx.commit().await.expect("commits");
    assert_eq!(store.sessions_of(&user.id).await.expect("reads"), [session(3)]);
}

pub(super) async fn hostile_text_is_inert(store: Store) {
    let tenant = sample::tenant(&store).await;
    let gateway = sample::gateway(&tenant, 1);
    let mut service = sample::service(&tenant, &gateway, 3);
    let hostile = "'); DROP TABLE gateways; -- </textarea><script> \u{202e} 😀 $1 ?1";
    service.spec = hostile.repeat(100);
    let mut tx = store.begin().await.expect("begins");
    tx.insert_gateway(&gateway).await.expect("writes");
    tx.insert_service(&service).await.expect("writes");
    tx.commit().await.expect("commits");
    assert_eq!(store.service(&service.id).await.expect("reads"), Some(service));
}

pub(super) async fn audit_is_read_newest_first(store: Store) {
    let tenant = sample::tenant(&store).await;
    let mut tx = store.begin().await.expect("begins");
    for n in 1..=5 {
        tx.audit(AuditEntry {
            at: now(),
            account_id: &tenant.account,
            workspace_id: &tenant.workspace,
            actor: "usr-x",
            action: "gateway.create",
            object_kind: "gateway",
            object_id: &format!("gw-{n}"),
            before: None,
            after: Some(serde_json::json!({ "n": n })),
        })
        .await
        .expect("writes");
    }
    tx.commit().await.expect("commits");
    let page = store.audit(&tenant.workspace, None, 2).await.expect("reads");
    assert_eq!(page.iter().map(|row| row.object_id.as_str()).collect::<Vec<_>>(), ["gw-5", "gw-4"]);
    let next = store.audit(&tenant.workspace, Some(page[1].seq), 10).await.expect("reads");
    assert_eq!(next.len(), 3);
    assert_eq!(next[0].after, Some(serde_json::json!({ "n": 3 })));
}

pub(super) async fn networks_are_read_as_they_were_written(store: Store) {
    let tenant = sample::tenant(&store).await;
    let region = Region { id: "local".into(), zones: vec![Zone { id: "local-a".into(), supported: true }] };
    let block = |text: &str| Cidr::parse(text).expect("valid");
    let vpc = Vpc {
        id: VpcId::from_random([1; RANDOM_LEN]),
        account_id: tenant.account.clone(),
        region: "local".into(),
        name: "loopback".into(),
        blocks: vec![block("127.88.0.0/16")],
        revision: 1,
    };
    let vswitch = VSwitch {
        id: VSwitchId::from_random([1; RANDOM_LEN]),
        vpc_id: vpc.id.clone(),
        zone: "local-a".into(),
        name: "a".into(),
        block: block("127.88.1.0/24"),
        revision: 1,
    };
    let mut tx = store.begin().await.expect("begins");
    tx.insert_region(&region).await.expect("writes");
    tx.insert_vpc(&vpc, &tenant.workspace).await.expect("writes");
    tx.insert_vswitch(&vswitch, &vpc, &tenant.workspace).await.expect("writes");
    tx.commit().await.expect("commits");
    let all = store.inventory().await.expect("reads");
    assert_eq!(all.zones.into_values().collect::<Vec<_>>(), [(region.id, region.zones[0].clone())]);
    assert_eq!(all.vpcs.values().collect::<Vec<_>>(), [&vpc]);
    assert_eq!(all.vswitches.values().collect::<Vec<_>>(), [&vswitch]);

    // Another account may link it as long as it is granted.
    let (other, by) = (AccountId::from_random([9; RANDOM_LEN]), UserId::from_random([9; RANDOM_LEN]));
    let mut tx = store.begin().await.expect("begins");
    tx.insert_account(&other, "other", now()).await.expect("writes");
    assert!(tx.inventory().await.expect("reads").grants.is_empty());
    for _ in 0..2 {
        tx.grant_vpc(&vpc.id, &other, &tenant.workspace, &by, now()).await.expect("writes");
    }
    assert!(tx.inventory().await.expect("reads").may_link(&vpc.id, &other));
    tx.revoke_vpc(&vpc.id, &other).await.expect("writes");
    let peer = Vpc { id: VpcId::from_random([3; RANDOM_LEN]), blocks: vec![block("10.9.0.0/16")], ..vpc.clone() };
    tx.insert_vpc(&peer, &tenant.workspace).await.expect("writes");
    tx.commit().await.expect("commits");
    let accounts = store.accounts().await.expect("reads");
    let named: Vec<_> = accounts.iter().map(|row| (row.account.name.as_str(), row.users)).collect();
    assert_eq!(named, [("default", 0), ("other", 0)]);
    let all = store.inventory().await.expect("reads");
    assert!(!all.may_link(&vpc.id, &other) && all.accounts.len() == 2);

    // A gateway's links are written and read with it, and hold their network.
    let mut gateway = sample::gateway(&tenant, 1);
    gateway.vpcs.push(VpcLink {
        vpc_id: vpc.id.clone(),
        vswitches: vec![LinkedVSwitch { vswitch_id: vswitch.id.clone(), address: [127, 88, 1, 10].into() }],
        whitelist: Whitelist::everyone_v4(),
        authoritative_dns: true,
        peers: vec![peer.id.clone()],
        linked_at: now(),
    });
    let mut tx = store.begin().await.expect("begins");
    tx.insert_gateway(&gateway).await.expect("writes");
    tx.commit().await.expect("commits");
    assert_eq!(store.gateway(&gateway.id).await.expect("reads"), Some(gateway.clone()));
    assert_eq!(store.everything().await.expect("reads").gateways, [gateway.clone()]);
    let mut tx = store.begin().await.expect("begins");
    assert!(matches!(tx.delete_vswitch(&vswitch.id, 1).await, Err(StoreError::InUse)));
    drop(tx);
    let mut tx = store.begin().await.expect("begins");
    assert!(matches!(tx.delete_vpc(&vpc.id, 1).await, Err(StoreError::InUse)));
    drop(tx);
    let mut tx = store.begin().await.expect("begins");
    assert!(matches!(tx.delete_vpc(&peer.id, 1).await, Err(StoreError::InUse)));
    drop(tx);
    gateway.vpcs[0].whitelist = Whitelist::default();
    gateway.revision = 2;
    let mut tx = store.begin().await.expect("begins");
    tx.update_gateway(&gateway, 1).await.expect("writes");
    tx.commit().await.expect("commits");
    assert_eq!(store.gateway(&gateway.id).await.expect("reads"), Some(gateway.clone()));
    gateway.vpcs.clear();
    gateway.revision = 3;
    let mut tx = store.begin().await.expect("begins");
    tx.update_gateway(&gateway, 2).await.expect("writes");
    assert!(matches!(tx.delete_vpc(&vpc.id, 7).await, Err(StoreError::Conflict { current: 1 })));
    tx.delete_vpc(&vpc.id, 1).await.expect("nothing holds it");
    tx.commit().await.expect("commits");
    assert!(store.inventory().await.expect("reads").vswitches.is_empty());
}
