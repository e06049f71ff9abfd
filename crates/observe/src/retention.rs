//! What is forgotten: by age, and by size where age is not enough.

use crate::{STEPS, Series, SeriesError};
use chrono::{DateTime, TimeDelta, Utc};

/// What the file may hold, bytes. Many services with many replicas keep less of the past for it.
pub const LARGEST: u64 = 1024 * 1024 * 1024;

/// Totals of engines that said nothing for so long are of no use: they were started anew, or are gone.
const SILENT: TimeDelta = TimeDelta::days(31);

/// Cells that are forgotten at a time, so that nobody waits long for the one writer.
const AT_ONCE: i64 = 5_000;

impl Series {
    /// Forgets what is too old, and of the finest cells the oldest while more than `largest` bytes are in use.
    pub async fn forget(&self, now: DateTime<Utc>, largest: u64) -> Result<(), SeriesError> {
        for step in STEPS {
            while self.forget_cells(step.seconds, step.begin(now - step.kept)).await? >= AT_ONCE as u64 {}
        }
        let old = sqlx::query("DELETE FROM totals WHERE at < $1").bind((now - SILENT).timestamp());
        old.execute(&self.pool).await.map_err(|source| self.failed(source))?;
        // The newest hour stays whatever it takes: it is what people look at.
        for step in STEPS {
            let newest = (now - TimeDelta::hours(1)).timestamp();
            while self.used_bytes().await? > largest {
                if self.forget_cells(step.seconds, newest).await? == 0 {
                    break;
                }
            }
        }
        let unused = "DELETE FROM subjects WHERE NOT EXISTS (SELECT 1 FROM cells WHERE cells.subject = subjects.id)";
        sqlx::query(unused).execute(&self.pool).await.map_err(|source| self.failed(source))?;
        Ok(())
    }

    /// The oldest of this length that begin before; how many it were.
    async fn forget_cells(&self, seconds: i64, before: i64) -> Result<u64, SeriesError> {
        let oldest = "DELETE FROM cells WHERE rowid IN \
                      (SELECT rowid FROM cells WHERE step = $1 AND at < $2 ORDER BY at LIMIT $3)";
        let done = sqlx::query(oldest).bind(seconds).bind(before).bind(AT_ONCE).execute(&self.pool).await;
        Ok(done.map_err(|source| self.failed(source))?.rows_affected())
    }

    /// Pages that were given back are used again before the file grows.
    pub async fn used_bytes(&self) -> Result<u64, SeriesError> {
        let used = "SELECT (SELECT page_count FROM pragma_page_count()) * (SELECT page_size FROM pragma_page_size()) \
                    - (SELECT freelist_count FROM pragma_freelist_count()) * (SELECT page_size FROM pragma_page_size())";
        let used = sqlx::query_scalar::<_, i64>(used).fetch_one(&self.pool).await;
        Ok(used.map_err(|source| self.failed(source))?.unsigned_abs())
    }
}
