//! The file that series are in, and reading them.

use crate::{Cell, SeriesError, Step, Subject};
use chrono::{DateTime, Utc};
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Series {
    pub(crate) pool: SqlitePool,
    pub(crate) path: Arc<PathBuf>,
}

impl Series {
    /// Opens this file, making it where there is none. A damaged one is moved out of the way, for figures of the past are
    /// no reason to be without a console.
    pub async fn open(path: &Path, now: DateTime<Utc>) -> Result<Self, SeriesError> {
        match Self::try_open(path, now).await {
            Err(SeriesError::Open { source, .. } | SeriesError::Database { source, .. }) if is_damaged(&source) => {
                let aside = move_aside(path).map_err(|source| SeriesError::Stuck { path: path.into(), source })?;
                tracing::error!(error = %source, kept = %aside.display(), "the series are damaged; new ones are begun");
                Self::try_open(path, now).await
            }
            other => other,
        }
    }

    async fn try_open(path: &Path, now: DateTime<Utc>) -> Result<Self, SeriesError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // What was committed outlives this process, though perhaps not a power cut; configuration has its own file.
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(5))
            .pragma("journal_size_limit", "16777216");
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(options)
            .await
            .map_err(|source| SeriesError::Open { path: path.into(), source })?;
        let series = Self { pool, path: Arc::new(path.into()) };
        if let Err(source) = sqlx::migrate!().run(&series.pool).await {
            series.close().await;
            return Err(match source {
                sqlx::migrate::MigrateError::Execute(source) => series.failed(source),
                source => SeriesError::Migrate { path: path.into(), source },
            });
        }
        private(path).map_err(|error| SeriesError::Open { path: path.into(), source: sqlx::Error::Io(error) })?;
        let born = "INSERT INTO moments (name, at) VALUES ('born', $1) ON CONFLICT (name) DO NOTHING";
        let born = sqlx::query(born).bind(now.timestamp_micros()).execute(&series.pool).await;
        born.map_err(|source| series.failed(source))?;
        Ok(series)
    }

    /// When this file was begun.
    pub async fn born_at(&self) -> Result<Option<DateTime<Utc>>, SeriesError> {
        self.moment("born").await
    }

    /// When it was written last.
    pub async fn written_at(&self) -> Result<Option<DateTime<Utc>>, SeriesError> {
        self.moment("written").await
    }

    async fn moment(&self, name: &str) -> Result<Option<DateTime<Utc>>, SeriesError> {
        let found = sqlx::query_scalar::<_, i64>("SELECT at FROM moments WHERE name = $1").bind(name);
        let found = found.fetch_optional(&self.pool).await.map_err(|source| self.failed(source))?;
        Ok(found.and_then(DateTime::from_timestamp_micros))
    }

    /// Cells of this length that begin at or after `from` and before `to` (seconds of the calendar), oldest first, with
    /// their beginnings. What cannot be read is passed over: another version wrote it.
    pub async fn read<C: Cell>(
        &self,
        subject: &Subject,
        step: Step,
        (from, to): (i64, i64),
    ) -> Result<Vec<(i64, C)>, SeriesError> {
        let rows = sqlx::query_as::<_, (i64, Vec<u8>)>(
            "SELECT at, data FROM cells WHERE subject = (SELECT id FROM subjects WHERE key = $1) \
             AND step = $2 AND at >= $3 AND at < $4 ORDER BY at",
        );
        let rows = rows.bind(subject.key()).bind(step.seconds).bind(from).bind(to);
        let rows = rows.fetch_all(&self.pool).await.map_err(|source| self.failed(source))?;
        Ok(rows.into_iter().filter_map(|(at, data)| Some((at, decoded(&data)?))).collect())
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }

    pub(crate) fn failed(&self, source: sqlx::Error) -> SeriesError {
        SeriesError::Database { path: self.path.to_path_buf(), source }
    }
}

pub(crate) fn decoded<T: serde::de::DeserializeOwned>(data: &[u8]) -> Option<T> {
    rmp_serde::from_slice(data).ok()
}

pub(crate) fn encoded<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, SeriesError> {
    // With names: fields that come later read as their defaults.
    rmp_serde::to_vec_named(value).map_err(|source| SeriesError::Encode { source })
}

fn is_damaged(error: &sqlx::Error) -> bool {
    let text = error.to_string();
    ["not a database", "malformed"].iter().any(|sign| text.contains(sign))
}

/// One is kept; an older one makes room for it.
fn move_aside(path: &Path) -> std::io::Result<PathBuf> {
    let with = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    // They belong to the damaged file and would be taken for the new one's.
    for suffix in ["-wal", "-shm"] {
        match std::fs::remove_file(with(suffix)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    let aside = with(".damaged");
    std::fs::rename(path, &aside)?;
    Ok(aside)
}

/// Which services there are, and how busy, is nobody else's business.
fn private(path: &Path) -> std::io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match std::fs::set_permissions(&name, std::fs::Permissions::from_mode(0o600)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
