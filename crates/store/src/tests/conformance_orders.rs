//! Orders.

use super::sample::{self, now};
use crate::Store;
use chrono::TimeDelta;
use domain::gateway::ChargeType;
use domain::id::{OrderId, RANDOM_LEN, UserId};
use domain::order::Order;
use domain::spec::Spec;

pub(super) async fn orders_are_read_oldest_first_and_outlive_their_gateway(store: Store) {
    let tenant = sample::tenant(&store).await;
    let (gateway, other) = (sample::gateway(&tenant, 1), sample::gateway(&tenant, 2));
    let order = |n: u8, of: &domain::gateway::Gateway| Order {
        id: OrderId::from_random([n; RANDOM_LEN]),
        gateway_id: of.id.clone(),
        spec: Spec::C8G16,
        nodes: u32::from(n),
        charge: ChargeType::PrePaid,
        ordered_by: UserId::from_random([1; RANDOM_LEN]),
        ordered_at: now() - TimeDelta::seconds(i64::from(n)),
    };
    let (newer, older, others) = (order(1, &gateway), order(2, &gateway), order(3, &other));
    let mut tx = store.begin().await.expect("begins");
    tx.insert_gateway(&gateway).await.expect("writes");
    for order in [&newer, &older, &others] {
        tx.insert_order(order, &tenant.account, &tenant.workspace).await.expect("writes");
    }
    tx.delete_gateway(&gateway.id, 1).await.expect("deletes");
    tx.commit().await.expect("commits");
    assert_eq!(store.orders_of(&gateway.id).await.expect("reads"), [older, newer]);
    assert_eq!(store.orders_of(&other.id).await.expect("reads"), [others]);
}
