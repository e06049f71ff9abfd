//! All that a month's cost follows from, as of one moment.

use super::{prices, spans, subscriptions};
use crate::Store;
use crate::error::{Failure, StoreError};
use crate::row::{Columns, micros};
use chrono::{DateTime, Utc};
use domain::billing::{Item, Ledger, Prices, Span, UsageOf};
use domain::id::{GatewayId, WorkspaceId};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Connection};
use std::collections::BTreeMap;

/// From when to when, and whose; one gateway's, or an empty text for all of them.
struct Asked<'a> {
    from: i64,
    until: i64,
    workspace: &'a str,
    gateway: &'a str,
}

impl Store {
    /// What touches this time, and what the gateways in it are or were called.
    pub async fn ledger(
        &self,
        workspace: &WorkspaceId,
        gateway: Option<&GatewayId>,
        (from, until): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<(Ledger, BTreeMap<GatewayId, String>), StoreError> {
        let asked = Asked {
            from: micros(from),
            until: micros(until),
            workspace: workspace.as_str(),
            gateway: gateway.map_or("", GatewayId::as_str),
        };
        let read = async {
            let mut connection = self.pool.acquire().await?;
            // One read transaction: rows of the same moment.
            let mut tx = connection.begin().await?;
            let lists = prices::all(&mut tx).await?;
            let periods = "SELECT * FROM subscription_periods WHERE workspace_id = $1 AND ($2 = '' OR gateway_id = $2) \
                           AND until_at >= $3 AND from_at < $4";
            let ledger = Ledger {
                prices: Prices::new(lists.into_iter().map(|row| row.list).collect()),
                spans: spans_in(&mut tx, &asked).await?,
                periods: asked
                    .rows(&mut tx, periods)
                    .await?
                    .iter()
                    .map(subscriptions::period)
                    .collect::<Result<_, _>>()?,
                usage: usage_in(&mut tx, &asked).await?,
            };
            let names = "SELECT * FROM billed_gateways WHERE workspace_id = $1 AND ($2 = '' OR gateway_id = $2) \
                         AND $3 <= $4";
            let name = |row: &AnyRow| Ok((row.parsed("gateway_id")?, row.text("name")?));
            let names = asked.rows(&mut tx, names).await?.iter().map(name).collect::<Result<_, Failure>>()?;
            tx.rollback().await?;
            Ok((ledger, names))
        };
        self.seen(read.await)
    }
}

impl Asked<'_> {
    async fn rows(&self, connection: &mut AnyConnection, sql: &'static str) -> Result<Vec<AnyRow>, Failure> {
        let query = sqlx::query(sql).bind(self.workspace).bind(self.gateway).bind(self.from).bind(self.until);
        Ok(query.fetch_all(connection).await?)
    }
}

async fn spans_in(connection: &mut AnyConnection, asked: &Asked<'_>) -> Result<Vec<Span>, Failure> {
    let sql = "SELECT * FROM spans WHERE workspace_id = $1 AND ($2 = '' OR gateway_id = $2) \
               AND (until_at IS NULL OR until_at >= $3) AND from_at < $4 ORDER BY number";
    let span = |row: &AnyRow| {
        Ok(Span {
            gateway_id: row.parsed("gateway_id")?,
            run: spans::run(row)?,
            from: row.time("from_at")?,
            until: row.time_or_null("until_at")?,
        })
    };
    asked.rows(connection, sql).await?.iter().map(span).collect()
}

async fn usage_in(connection: &mut AnyConnection, asked: &Asked<'_>) -> Result<Vec<UsageOf>, Failure> {
    let sql = "SELECT * FROM usage_hours WHERE workspace_id = $1 AND ($2 = '' OR gateway_id = $2) \
               AND since >= $3 AND since < $4";
    let usage = |row: &AnyRow| {
        Ok(UsageOf {
            gateway_id: row.parsed("gateway_id")?,
            item: Item::parse(&row.text("item")?).map_err(|_| Failure::Unreadable("usage_hours.item".into()))?,
            detail: row.text("detail")?,
            since: row.time("since")?,
            quantity: row.number("quantity")?.unsigned_abs(),
        })
    };
    asked.rows(connection, sql).await?.iter().map(usage).collect()
}
