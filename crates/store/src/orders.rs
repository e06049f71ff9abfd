//! Orders of gateways.

use crate::error::{Failure, StoreError};
use crate::row::{Columns, micros};
use crate::{Store, Tx};
use domain::gateway::ChargeType;
use domain::id::{AccountId, GatewayId, WorkspaceId};
use domain::order::Order;
use domain::spec::Spec;
use sqlx::any::AnyRow;

fn read(row: &AnyRow) -> Result<Order, Failure> {
    let unreadable = |column: &str| Failure::Unreadable(format!("orders.{column}"));
    Ok(Order {
        id: row.parsed("id")?,
        gateway_id: row.parsed("gateway_id")?,
        spec: Spec::parse(&row.text("spec")?).map_err(|_| unreadable("spec"))?,
        nodes: u32::try_from(row.number("nodes")?).map_err(|_| unreadable("nodes"))?,
        charge: ChargeType::parse(&row.text("charge")?).map_err(|_| unreadable("charge"))?,
        ordered_by: row.parsed("ordered_by")?,
        ordered_at: row.time("ordered_at")?,
    })
}

impl Store {
    /// Of one gateway, also of one that is gone; oldest first.
    pub async fn orders_of(&self, gateway: &GatewayId) -> Result<Vec<Order>, StoreError> {
        let read = async {
            let rows = sqlx::query("SELECT * FROM orders WHERE gateway_id = $1 ORDER BY ordered_at, id")
                .bind(gateway.as_str())
                .fetch_all(&self.pool)
                .await?;
            rows.iter().map(read).collect::<Result<Vec<_>, Failure>>()
        };
        self.seen(read.await)
    }
}

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
