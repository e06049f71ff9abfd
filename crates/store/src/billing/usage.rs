//! What engines counted: added by the hour, together with how far their totals were taken.

use crate::error::{Failure, StoreError};
use crate::row::{Columns, micros};
use crate::{Store, Tx};
use chrono::{DateTime, Utc};
use domain::billing::UsageOf;
use domain::id::{EngineId, GatewayId, VpcId};

/// One total that an engine counts from its start on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MeterKey {
    pub engine_id: EngineId,
    pub started_at: DateTime<Utc>,
    pub gateway_id: GatewayId,
    /// `None`: the public side.
    pub vpc: Option<VpcId>,
}

/// How much of it was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meter {
    pub key: MeterKey,
    pub bytes: u64,
}

fn side(key: &MeterKey) -> &str {
    key.vpc.as_ref().map_or("", VpcId::as_str)
}

impl Store {
    pub async fn meters(&self) -> Result<Vec<Meter>, StoreError> {
        let read = async {
            let rows = sqlx::query("SELECT * FROM meters").fetch_all(&self.pool).await?;
            let meter = |row: &sqlx::any::AnyRow| {
                let vpc = Some(row.text("side")?).filter(|side| !side.is_empty());
                let key = MeterKey {
                    engine_id: row.parsed("engine_id")?,
                    started_at: row.time("started_at")?,
                    gateway_id: row.parsed("gateway_id")?,
                    vpc: vpc
                        .map(|side| side.parse().map_err(|_| Failure::Unreadable("meters.side".into())))
                        .transpose()?,
                };
                Ok(Meter { key, bytes: row.number("bytes")?.unsigned_abs() })
            };
            rows.iter().map(meter).collect()
        };
        self.seen(read.await)
    }
}

impl Tx {
    /// Adds to the hour. Of a gateway that was never billed nothing is kept.
    pub async fn add_usage(&mut self, usage: &UsageOf) -> Result<(), StoreError> {
        let add = sqlx::query(
            "INSERT INTO usage_hours (gateway_id, account_id, workspace_id, item, detail, since, quantity) \
             SELECT gateway_id, account_id, workspace_id, $2, $3, $4, $5 FROM billed_gateways WHERE gateway_id = $1 \
             ON CONFLICT (gateway_id, item, detail, since) DO UPDATE SET quantity = usage_hours.quantity + excluded.quantity",
        )
        .bind(usage.gateway_id.as_str())
        .bind(usage.item.as_str())
        .bind(usage.detail.as_str())
        .bind(micros(usage.since))
        .bind(i64::try_from(usage.quantity).unwrap_or(i64::MAX))
        .execute(self.connection())
        .await;
        self.seen(add).map(|_| ())
    }

    pub async fn set_meter(&mut self, meter: &Meter) -> Result<(), StoreError> {
        let set = sqlx::query(
            "INSERT INTO meters (engine_id, started_at, gateway_id, side, bytes) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (engine_id, started_at, gateway_id, side) DO UPDATE SET bytes = excluded.bytes",
        )
        .bind(meter.key.engine_id.as_str())
        .bind(micros(meter.key.started_at))
        .bind(meter.key.gateway_id.as_str())
        .bind(side(&meter.key))
        .bind(i64::try_from(meter.bytes).unwrap_or(i64::MAX))
        .execute(self.connection())
        .await;
        self.seen(set).map(|_| ())
    }

    /// Of an engine's start that nothing is heard of any more.
    pub async fn forget_meters(&mut self, engine: &EngineId, started_at: DateTime<Utc>) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM meters WHERE engine_id = $1 AND started_at = $2")
            .bind(engine.as_str())
            .bind(micros(started_at))
            .execute(self.connection())
            .await;
        self.seen(delete).map(|_| ())
    }
}
