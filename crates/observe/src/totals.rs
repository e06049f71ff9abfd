//! How much of the engines' totals is in cells.

use crate::series::decoded;
use crate::{Counted, Series, SeriesError};
use chrono::{DateTime, Utc};
use domain::id::{EngineId, ServiceId};
use std::collections::HashMap;

pub type TotalsKey = (EngineId, ServiceId);

/// An engine's totals of a service, as they were when its cells were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Start of the engine that counted.
    pub started_at: DateTime<Utc>,
    pub counted: Counted,
}

impl Series {
    pub async fn totals(&self) -> Result<HashMap<TotalsKey, Taken>, SeriesError> {
        let rows =
            sqlx::query_as::<_, (String, String, i64, Vec<u8>)>("SELECT engine, subject, started_at, data FROM totals");
        let rows = rows.fetch_all(&self.pool).await.map_err(|source| self.failed(source))?;
        let read = |(engine, subject, started_at, data): (String, String, i64, Vec<u8>)| {
            let key = (engine.parse().ok()?, subject.parse().ok()?);
            let started_at = DateTime::from_timestamp_micros(started_at)?;
            Some((key, Taken { started_at, counted: decoded(&data)? }))
        };
        Ok(rows.into_iter().filter_map(read).collect())
    }
}
