//! What happened to services.

use crate::error::{Failure, StoreError};
use crate::row::{Columns, micros};
use crate::{Store, Tx};
use chrono::TimeDelta;
use domain::id::{ReplicaId, ServiceId};
use domain::service::{EventKind, MAX_EVENTS, ServiceEvent};
use sqlx::any::AnyRow;

/// The same of the same replica within this time is one event that happened again.
const AGAIN: TimeDelta = TimeDelta::hours(1);

fn read(row: &AnyRow) -> Result<ServiceEvent, Failure> {
    let unreadable = |column: &str| Failure::Unreadable(format!("service_events.{column}"));
    let replica = row.text("replica")?;
    Ok(ServiceEvent {
        first_at: row.time("first_at")?,
        at: row.time("at")?,
        count: u32::try_from(row.number("times")?).map_err(|_| unreadable("times"))?,
        kind: EventKind::parse(&row.text("kind")?).ok_or_else(|| unreadable("kind"))?,
        replica: match replica.as_str() {
            "" => None,
            id => Some(id.parse().map_err(|_| unreadable("replica"))?),
        },
        detail: row.text_or_null("detail")?,
    })
}

impl Store {
    /// Newest first, `limit` of them from the `offset`th on, and how many there are.
    pub async fn service_events(
        &self,
        service: &ServiceId,
        (offset, limit): (u32, u32),
    ) -> Result<(Vec<ServiceEvent>, u64), StoreError> {
        let read = async {
            let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM service_events WHERE service_id = $1")
                .bind(service.as_str())
                .fetch_one(&self.pool)
                .await?;
            let rows = sqlx::query(
                "SELECT * FROM service_events WHERE service_id = $1 ORDER BY at DESC, seq DESC LIMIT $2 OFFSET $3",
            )
            .bind(service.as_str())
            .bind(i64::from(limit))
            .bind(i64::from(offset))
            .fetch_all(&self.pool)
            .await?;
            Ok((rows.iter().map(read).collect::<Result<Vec<_>, Failure>>()?, count.unsigned_abs()))
        };
        self.seen(read.await)
    }
}

impl Tx {
    /// The oldest are forgotten where there are too many. Of a replica the same again is counted.
    pub async fn service_event(&mut self, service: &ServiceId, event: &ServiceEvent) -> Result<(), StoreError> {
        let replica = event.replica.as_ref().map_or("", ReplicaId::as_str);
        if !replica.is_empty() && self.happened_again(service, event, replica).await? {
            return Ok(());
        }
        let seq = self.next("service_event").await?;
        let insert = sqlx::query(
            "INSERT INTO service_events (seq, service_id, first_at, at, times, kind, replica, detail) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(seq)
        .bind(service.as_str())
        .bind(micros(event.first_at))
        .bind(micros(event.at))
        .bind(i64::from(event.count))
        .bind(event.kind.as_str())
        .bind(replica)
        .bind(event.detail.as_deref())
        .execute(self.connection())
        .await;
        self.seen(insert)?;
        let forget = sqlx::query(
            "DELETE FROM service_events WHERE service_id = $1 AND seq <= \
             (SELECT seq FROM service_events WHERE service_id = $1 ORDER BY seq DESC LIMIT 1 OFFSET $2)",
        )
        .bind(service.as_str())
        .bind(i64::from(MAX_EVENTS))
        .execute(self.connection())
        .await;
        self.seen(forget).map(|_| ())
    }

    async fn happened_again(
        &mut self,
        service: &ServiceId,
        event: &ServiceEvent,
        replica: &str,
    ) -> Result<bool, StoreError> {
        let update = sqlx::query(
            "UPDATE service_events SET times = times + 1, at = $1, detail = $2 WHERE seq = \
             (SELECT MAX(seq) FROM service_events WHERE service_id = $3 AND kind = $4 AND replica = $5) AND at >= $6 \
             AND (kind <> $7 OR detail = $2)",
        )
        .bind(micros(event.at))
        .bind(event.detail.as_deref())
        .bind(service.as_str())
        .bind(event.kind.as_str())
        .bind(replica)
        .bind(micros(event.at - AGAIN))
        // What somebody did is not the same as something else that somebody did.
        .bind(EventKind::ReplicaActed.as_str())
        .execute(self.connection())
        .await;
        Ok(self.seen(update)?.rows_affected() > 0)
    }
}
