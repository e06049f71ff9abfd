//! Writing what came since the last time: all of it or nothing.

use crate::series::{decoded, encoded};
use crate::{Cell, STEPS, Series, SeriesError, ServiceCell, Step, Subject, Taken, TotalsKey, Watched};
use chrono::{DateTime, Utc};
use domain::id::ServiceId;
use sqlx::SqliteConnection;
use std::collections::BTreeMap;

/// What came since the last one.
#[derive(Clone, Debug, Default)]
pub struct Flush {
    /// The cells that it goes into.
    pub at: DateTime<Utc>,
    pub now: DateTime<Utc>,
    pub watched: Watched,
    pub services: BTreeMap<ServiceId, ServiceCell>,
    /// The totals that it was taken from.
    pub totals: Vec<(TotalsKey, Taken)>,
}

impl Series {
    /// One transaction of a few statements for each service that something came of.
    pub async fn write(&self, flush: &Flush) -> Result<(), SeriesError> {
        let failed = |source| self.failed(source);
        // The turn is taken at the beginning: cells are read before they are written.
        let mut tx = self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
        if flush.watched.millis > 0 {
            self.add(&mut tx, &Subject::Engines, flush.at, &flush.watched).await?;
        }
        for (id, cell) in &flush.services {
            self.add(&mut tx, &Subject::Service(id.clone()), flush.at, cell).await?;
        }
        for ((engine, service), taken) in &flush.totals {
            let put = sqlx::query(
                "INSERT INTO totals (engine, subject, started_at, at, data) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (engine, subject) DO UPDATE SET \
                 started_at = excluded.started_at, at = excluded.at, data = excluded.data",
            );
            let put = put.bind(engine.to_string()).bind(service.to_string()).bind(taken.started_at.timestamp_micros());
            let put = put.bind(flush.now.timestamp()).bind(encoded(&taken.counted)?);
            put.execute(&mut *tx).await.map_err(failed)?;
        }
        let written = sqlx::query(
            "INSERT INTO moments (name, at) VALUES ('written', $1) ON CONFLICT (name) DO UPDATE SET at = excluded.at",
        );
        written.bind(flush.now.timestamp_micros()).execute(&mut *tx).await.map_err(failed)?;
        tx.commit().await.map_err(failed)
    }

    /// To the cell of each length.
    async fn add<C: Cell>(
        &self,
        connection: &mut SqliteConnection,
        subject: &Subject,
        at: DateTime<Utc>,
        news: &C,
    ) -> Result<(), SeriesError> {
        let id = self.subject(connection, subject).await?;
        for step in STEPS {
            self.add_to(connection, id, (step, step.begin(at)), news).await?;
        }
        Ok(())
    }

    async fn add_to<C: Cell>(
        &self,
        connection: &mut SqliteConnection,
        subject: i64,
        (step, at): (Step, i64),
        news: &C,
    ) -> Result<(), SeriesError> {
        let known =
            sqlx::query_scalar::<_, Vec<u8>>("SELECT data FROM cells WHERE subject = $1 AND step = $2 AND at = $3");
        let known = known.bind(subject).bind(step.seconds).bind(at).fetch_optional(&mut *connection).await;
        let known = known.map_err(|source| self.failed(source))?;
        let mut cell = known.and_then(|data| decoded::<C>(&data)).unwrap_or_default();
        cell.add(news);
        let put = sqlx::query(
            "INSERT INTO cells (subject, step, at, data) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (subject, step, at) DO UPDATE SET data = excluded.data",
        );
        let put = put.bind(subject).bind(step.seconds).bind(at).bind(encoded(&cell)?);
        put.execute(connection).await.map_err(|source| self.failed(source))?;
        Ok(())
    }

    async fn subject(&self, connection: &mut SqliteConnection, subject: &Subject) -> Result<i64, SeriesError> {
        let key = subject.key();
        let make = sqlx::query("INSERT INTO subjects (key) VALUES ($1) ON CONFLICT (key) DO NOTHING").bind(&key);
        make.execute(&mut *connection).await.map_err(|source| self.failed(source))?;
        let id = sqlx::query_scalar("SELECT id FROM subjects WHERE key = $1").bind(&key).fetch_one(connection).await;
        id.map_err(|source| self.failed(source))
    }
}
