//! What costs by time.

use crate::error::{Failure, StoreError};
use crate::row::{Columns, micros};
use crate::{Store, Tx};
use chrono::{DateTime, Utc};
use domain::billing::{Item, Run, Span};
use domain::gateway::Gateway;
use domain::id::GatewayId;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;
use std::collections::BTreeMap;

/// A span that goes on, under its own number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSpan {
    pub number: i64,
    pub gateway_id: GatewayId,
    pub run: Run,
    pub from: DateTime<Utc>,
}

pub(super) fn run(row: &AnyRow) -> Result<Run, Failure> {
    Ok(Run {
        item: Item::parse(&row.text("item")?).map_err(|_| Failure::Unreadable("spans.item".into()))?,
        detail: row.text("detail")?,
        quantity: row.number("quantity")?.unsigned_abs(),
    })
}

/// Of this gateway, or of all where it is none.
async fn open(connection: &mut AnyConnection, gateway: &str) -> Result<Vec<OpenSpan>, Failure> {
    let rows =
        sqlx::query("SELECT * FROM spans WHERE until_at IS NULL AND ($1 = '' OR gateway_id = $1) ORDER BY number")
            .bind(gateway)
            .fetch_all(connection)
            .await?;
    let read = |row: &AnyRow| {
        Ok(OpenSpan {
            number: row.number("number")?,
            gateway_id: row.parsed("gateway_id")?,
            run: run(row)?,
            from: row.time("from_at")?,
        })
    };
    rows.iter().map(read).collect()
}

impl Store {
    /// Of all gateways.
    pub async fn open_spans(&self) -> Result<Vec<OpenSpan>, StoreError> {
        let read = async { open(&mut *self.pool.acquire().await?, "").await };
        self.seen(read.await)
    }

    /// Every gateway that is or was billed, with its last name.
    pub async fn billed_gateways(&self) -> Result<BTreeMap<GatewayId, String>, StoreError> {
        let read = async {
            let rows = sqlx::query("SELECT gateway_id, name FROM billed_gateways").fetch_all(&self.pool).await?;
            rows.iter().map(|row| Ok((row.parsed("gateway_id")?, row.text("name")?))).collect()
        };
        self.seen(read.await)
    }
}

impl Tx {
    /// What its lines are called from now on.
    pub async fn name_billed(&mut self, gateway: &Gateway) -> Result<(), StoreError> {
        let upsert = sqlx::query(
            "INSERT INTO billed_gateways (gateway_id, account_id, workspace_id, name) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (gateway_id) DO UPDATE SET name = excluded.name",
        )
        .bind(gateway.id.as_str())
        .bind(gateway.account_id.as_str())
        .bind(gateway.workspace_id.as_str())
        .bind(gateway.name.as_str())
        .execute(self.connection())
        .await;
        self.seen(upsert).map(|_| ())
    }

    pub async fn open_spans(&mut self, gateway: &GatewayId) -> Result<Vec<OpenSpan>, StoreError> {
        let read = open(self.connection(), gateway.as_str()).await;
        self.seen(read)
    }

    /// Whose gateway it is must be known: see [`Tx::name_billed`].
    pub async fn insert_span(&mut self, span: &Span) -> Result<(), StoreError> {
        let number = self.next("span").await?;
        let insert = sqlx::query(
            "INSERT INTO spans (number, gateway_id, account_id, workspace_id, item, detail, quantity, from_at, until_at) \
             SELECT $1, gateway_id, account_id, workspace_id, $3, $4, $5, $6, $7 FROM billed_gateways WHERE gateway_id = $2",
        )
        .bind(number)
        .bind(span.gateway_id.as_str())
        .bind(span.run.item.as_str())
        .bind(span.run.detail.as_str())
        .bind(span.run.quantity as i64)
        .bind(micros(span.from))
        .bind(span.until.map(micros))
        .execute(self.connection())
        .await;
        self.seen(insert).map(|_| ())
    }

    /// A clock that went back does not make it end before it began.
    pub async fn close_span(&mut self, span: &OpenSpan, until: DateTime<Utc>) -> Result<(), StoreError> {
        let update = sqlx::query("UPDATE spans SET until_at = $1 WHERE number = $2 AND until_at IS NULL")
            .bind(micros(until.max(span.from)))
            .bind(span.number)
            .execute(self.connection())
            .await;
        self.seen(update).map(|_| ())
    }

    /// When this ended last, if it was there before: it must not be billed twice.
    pub async fn span_ended(&mut self, gateway: &GatewayId, run: &Run) -> Result<Option<DateTime<Utc>>, StoreError> {
        let read = async {
            let row = sqlx::query(
                "SELECT MAX(until_at) AS until_at FROM spans WHERE gateway_id = $1 AND item = $2 AND detail = $3",
            )
            .bind(gateway.as_str())
            .bind(run.item.as_str())
            .bind(run.detail.as_str())
            .fetch_one(self.connection())
            .await?;
            row.time_or_null("until_at")
        };
        let read = read.await;
        self.seen(read)
    }
}
