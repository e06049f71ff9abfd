//! Versions of services: written once, never changed. What they say is sealed text here.

use crate::error::{Failure, StoreError};
use crate::row::{Columns, micros};
use crate::{Store, Tx};
use domain::id::ServiceId;
use domain::service::{Version, Why};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

fn read(row: &AnyRow) -> Result<Version<String>, Failure> {
    let number = |column: &str| u32::try_from(row.number(column)?).map_err(|_| Failure::Unreadable(column.into()));
    Ok(Version {
        service_id: row.parsed("service_id")?,
        number: number("number")?,
        replica_version: number("replica_version")?,
        spec: row.text("spec")?,
        why: Why::parse(&row.text("why")?).ok_or_else(|| Failure::Unreadable("service_versions.why".into()))?,
        created_by: row.text("created_by")?,
        created_at: row.time("created_at")?,
    })
}

/// Of services with a rollout: those that were the first with their replicas. Some of these may still be there.
pub(crate) async fn in_rollouts(connection: &mut AnyConnection) -> Result<Vec<Version<String>>, Failure> {
    sqlx::query(
        "SELECT v.* FROM service_versions v JOIN services s ON s.id = v.service_id \
         WHERE s.rollout IS NOT NULL AND v.number = v.replica_version ORDER BY v.service_id, v.number",
    )
    .fetch_all(connection)
    .await?
    .iter()
    .map(read)
    .collect()
}

impl Store {
    /// Newest first.
    pub async fn versions_of(&self, service: &ServiceId) -> Result<Vec<Version<String>>, StoreError> {
        let read = async {
            sqlx::query("SELECT * FROM service_versions WHERE service_id = $1 ORDER BY number DESC")
                .bind(service.as_str())
                .fetch_all(&self.pool)
                .await?
                .iter()
                .map(read)
                .collect()
        };
        self.seen(read.await)
    }
}

impl Tx {
    pub async fn version(&mut self, service: &ServiceId, number: u32) -> Result<Option<Version<String>>, StoreError> {
        let row = sqlx::query("SELECT * FROM service_versions WHERE service_id = $1 AND number = $2")
            .bind(service.as_str())
            .bind(i64::from(number))
            .fetch_optional(self.connection())
            .await;
        let row = self.seen(row)?;
        self.seen(row.as_ref().map(read).transpose())
    }

    /// The highest number that is kept; 0 where there is none.
    pub async fn newest_version(&mut self, service: &ServiceId) -> Result<u32, StoreError> {
        let newest = sqlx::query_scalar("SELECT COALESCE(MAX(number), 0) FROM service_versions WHERE service_id = $1")
            .bind(service.as_str())
            .fetch_one(self.connection())
            .await;
        let newest: i64 = self.seen(newest)?;
        Ok(u32::try_from(newest).unwrap_or(u32::MAX))
    }

    pub async fn insert_version(&mut self, version: &Version<String>) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO service_versions (service_id, number, replica_version, spec, why, created_by, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(version.service_id.as_str())
        .bind(i64::from(version.number))
        .bind(i64::from(version.replica_version))
        .bind(version.spec.as_str())
        .bind(version.why.as_str())
        .bind(version.created_by.as_str())
        .bind(micros(version.created_at))
        .execute(self.connection())
        .await;
        self.seen(insert).map(|_| ())
    }

    /// Keeps the newest so many, and those `in_use`.
    pub async fn forget_versions(&mut self, service: &ServiceId, keep: u32, in_use: &[u32]) -> Result<(), StoreError> {
        let numbers = sqlx::query_scalar(
            "SELECT number FROM service_versions WHERE service_id = $1 ORDER BY number DESC LIMIT 1000 OFFSET $2",
        )
        .bind(service.as_str())
        .bind(i64::from(keep))
        .fetch_all(self.connection())
        .await;
        let numbers: Vec<i64> = self.seen(numbers)?;
        for number in numbers.into_iter().filter(|number| !in_use.iter().any(|used| i64::from(*used) == *number)) {
            let delete = sqlx::query("DELETE FROM service_versions WHERE service_id = $1 AND number = $2")
                .bind(service.as_str())
                .bind(number)
                .execute(self.connection())
                .await;
            self.seen(delete)?;
        }
        Ok(())
    }
}
