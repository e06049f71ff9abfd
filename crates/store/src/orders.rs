//! Orders of gateways.

use crate::Tx;
use crate::error::StoreError;
use crate::row::micros;
use domain::id::{AccountId, WorkspaceId};
use domain::order::Order;

impl Tx {
    pub async fn insert_order(
        &mut self,
        order: &Order,
        account: &AccountId,
        workspace: &WorkspaceId,
    ) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO orders (id, account_id, workspace_id, gateway_id, spec, nodes, charge, ordered_by, ordered_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(order.id.as_str())
        .bind(account.as_str())
        .bind(workspace.as_str())
        .bind(order.gateway_id.as_str())
        .bind(order.spec.as_str())
        .bind(i64::from(order.nodes))
        .bind(order.charge.as_str())
        .bind(order.ordered_by.as_str())
        .bind(micros(order.ordered_at))
        .execute(self.connection())
        .await;
        self.seen(insert).map(|_| ())
    }
}
