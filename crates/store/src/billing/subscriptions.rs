//! Months that are paid in advance, and whether they go on by themselves.

use crate::error::{Failure, StoreError};
use crate::row::{Columns, micros};
use crate::{Store, Tx};
use chrono::{DateTime, Utc};
use domain::billing::Period;
use domain::id::GatewayId;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

pub(super) fn period(row: &AnyRow) -> Result<Period, Failure> {
    Ok(Period {
        gateway_id: row.parsed("gateway_id")?,
        anchor: row.time("anchor")?,
        number: u32::try_from(row.number("number")?)
            .map_err(|_| Failure::Unreadable("subscription_periods.number".into()))?,
        from: row.time("from_at")?,
        until: row.time("until_at")?,
    })
}

async fn newest(connection: &mut AnyConnection, gateway: &GatewayId) -> Result<Option<Period>, Failure> {
    let row = sqlx::query("SELECT * FROM subscription_periods WHERE gateway_id = $1 ORDER BY from_at DESC LIMIT 1")
        .bind(gateway.as_str())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(period).transpose()
}

async fn renews(connection: &mut AnyConnection, gateway: &GatewayId) -> Result<bool, Failure> {
    let found: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM renewals WHERE gateway_id = $1")
        .bind(gateway.as_str())
        .fetch_one(connection)
        .await?;
    Ok(found > 0)
}

impl Store {
    /// Its newest month, and whether another one follows by itself; `None` for a gateway without.
    pub async fn subscription(&self, gateway: &GatewayId) -> Result<Option<(Period, bool)>, StoreError> {
        let read = async {
            let mut connection = self.pool.acquire().await?;
            let Some(period) = newest(&mut connection, gateway).await? else { return Ok(None) };
            Ok(Some((period, renews(&mut connection, gateway).await?)))
        };
        self.seen(read.await)
    }

    /// Subscriptions that shall go on and have ended: the newest month of each.
    pub async fn due_renewals(&self, now: DateTime<Utc>) -> Result<Vec<Period>, StoreError> {
        let read = async {
            let rows = sqlx::query(
                "SELECT p.* FROM renewals r JOIN subscription_periods p ON p.gateway_id = r.gateway_id \
                 WHERE p.from_at = (SELECT MAX(q.from_at) FROM subscription_periods q WHERE q.gateway_id = r.gateway_id) \
                 AND p.until_at <= $1 ORDER BY p.gateway_id",
            )
            .bind(micros(now))
            .fetch_all(&self.pool)
            .await?;
            rows.iter().map(period).collect()
        };
        self.seen(read.await)
    }
}

impl Tx {
    pub async fn newest_period(&mut self, gateway: &GatewayId) -> Result<Option<Period>, StoreError> {
        let read = newest(self.connection(), gateway).await;
        self.seen(read)
    }

    pub async fn renews(&mut self, gateway: &GatewayId) -> Result<bool, StoreError> {
        let read = renews(self.connection(), gateway).await;
        self.seen(read)
    }

    /// One that is there already stays as it is.
    pub async fn insert_period(&mut self, period: &Period) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO subscription_periods (gateway_id, account_id, workspace_id, anchor, number, from_at, until_at) \
             SELECT gateway_id, account_id, workspace_id, $2, $3, $4, $5 FROM billed_gateways WHERE gateway_id = $1 \
             ON CONFLICT (gateway_id, from_at) DO NOTHING",
        )
        .bind(period.gateway_id.as_str())
        .bind(micros(period.anchor))
        .bind(i64::from(period.number))
        .bind(micros(period.from))
        .bind(micros(period.until))
        .execute(self.connection())
        .await;
        self.seen(insert).map(|_| ())
    }

    pub async fn set_renewal(&mut self, gateway: &GatewayId, on: bool) -> Result<(), StoreError> {
        let sql = if on {
            "INSERT INTO renewals (gateway_id, account_id, workspace_id) \
             SELECT gateway_id, account_id, workspace_id FROM billed_gateways WHERE gateway_id = $1 \
             ON CONFLICT (gateway_id) DO NOTHING"
        } else {
            "DELETE FROM renewals WHERE gateway_id = $1"
        };
        let set = sqlx::query(sql).bind(gateway.as_str()).execute(self.connection()).await;
        self.seen(set).map(|_| ())
    }
}
