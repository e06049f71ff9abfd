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

/// An order as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRow {
    pub order: Order,
    /// Of the gateway, also of one that is gone.
    pub gateway_name: Option<String>,
    pub user_name: Option<String>,
    /// It made the gateway; the others changed its size.
    pub is_first: bool,
}

fn listed(row: &AnyRow) -> Result<OrderRow, Failure> {
    let name = |column: &str| row.text(column).map(|text| Some(text).filter(|text| !text.is_empty()));
    Ok(OrderRow {
        order: read(row)?,
        gateway_name: name("gateway_name")?,
        user_name: name("user_name")?,
        is_first: row.number("earlier")? == 0,
    })
}

impl Store {
    /// Of a workspace, or of one gateway of it; newest first, `limit` of them from the `offset`th on, and how many
    /// there are.
    pub async fn orders(
        &self,
        workspace: &WorkspaceId,
        gateway: Option<&GatewayId>,
        (offset, limit): (u32, u32),
    ) -> Result<(Vec<OrderRow>, u64), StoreError> {
        // An empty text is no gateway's id.
        let only = gateway.map_or("", GatewayId::as_str);
        let read = async {
            let count = "SELECT COUNT(*) FROM orders WHERE workspace_id = $1 AND ($2 = '' OR gateway_id = $2)";
            let count: i64 =
                sqlx::query_scalar(count).bind(workspace.as_str()).bind(only).fetch_one(&self.pool).await?;
            let rows = sqlx::query(
                "SELECT o.*, COALESCE(g.name, '') AS gateway_name, COALESCE(u.name, '') AS user_name, \
                 (SELECT COUNT(*) FROM orders e WHERE e.gateway_id = o.gateway_id AND e.ordered_at < o.ordered_at) \
                 AS earlier FROM orders o LEFT JOIN billed_gateways g ON g.gateway_id = o.gateway_id \
                 LEFT JOIN users u ON u.id = o.ordered_by \
                 WHERE o.workspace_id = $1 AND ($2 = '' OR o.gateway_id = $2) \
                 ORDER BY o.ordered_at DESC, o.id LIMIT $3 OFFSET $4",
            )
            .bind(workspace.as_str())
            .bind(only)
            .bind(i64::from(limit))
            .bind(i64::from(offset))
            .fetch_all(&self.pool)
            .await?;
            Ok((rows.iter().map(listed).collect::<Result<Vec<_>, Failure>>()?, count.unsigned_abs()))
        };
        self.seen(read.await)
    }

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
