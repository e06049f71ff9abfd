//! Opening the database.

use crate::error::{Failure, StoreError};
use crate::tx::Tx;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, Connection, Executor};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone)]
pub struct Store {
    pub(crate) pool: AnyPool,
    pub(crate) path: Arc<PathBuf>,
}

/// Readers are not held up by the writer (WAL), and an acknowledged write is on the disk (FULL).
const PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                       PRAGMA busy_timeout = 5000; PRAGMA secure_delete = ON;";

impl Store {
    /// Opens the SQLite database of this file, making it where there is none, and brings its schema up to date.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let open = |source| StoreError::Open { path: path.into(), source };
        let options = AnyConnectOptions::from_str(&url(path)).map_err(open)?;
        probe(&options).await.map_err(|error| unusable(error, path))?;
        let pool = AnyPoolOptions::new()
            .max_connections(8)
            .acquire_timeout(Duration::from_secs(5))
            .after_connect(|connection, _| {
                Box::pin(async move {
                    connection.execute(PRAGMAS).await?;
                    Ok(())
                })
            })
            .connect_with(options)
            .await
            .map_err(open)?;
        sqlx::migrate!().run(&pool).await.map_err(|source| StoreError::Migrate { path: path.into(), source })?;
        private(path).map_err(|error| open(sqlx::Error::Io(error)))?;
        Ok(Self { pool, path: Arc::new(path.into()) })
    }

    /// Begins a write. SQLite lets one at a time in; taking its turn at the beginning means that no transaction
    /// fails in the middle because another one wrote.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let tx = self.pool.begin_with("BEGIN IMMEDIATE").await;
        Ok(Tx { inner: self.seen(tx.map_err(Failure::from))?, path: self.path.clone() })
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let ping = async { self.pool.acquire().await?.ping().await };
        self.seen(ping.await.map_err(Failure::from))
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }

    pub(crate) fn seen<T>(&self, result: Result<T, Failure>) -> Result<T, StoreError> {
        result.map_err(|failure| failure.at(&self.path))
    }
}

/// The first connection, outside of the pool: the pool would try again until its time is up and hide the reason.
async fn probe(options: &AnyConnectOptions) -> Result<(), sqlx::Error> {
    let mut connection = AnyConnection::connect_with(options).await?;
    connection.execute(PRAGMAS).await?;
    connection.execute("PRAGMA schema_version").await?;
    connection.close().await
}

fn unusable(source: sqlx::Error, path: &Path) -> StoreError {
    let text = source.to_string();
    if text.contains("not a database") || text.contains("malformed") {
        return StoreError::Damaged { path: path.into(), source };
    }
    match Failure::Sql(source).at(path) {
        StoreError::Database { path, source } => StoreError::Open { path, source },
        other => other,
    }
}

/// Password hashes and other people's settings are in it: only the product's own user reads the database.
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

fn url(path: &Path) -> String {
    let mut url = String::from("sqlite://");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => url.push(char::from(*byte)),
            other => url.push_str(&format!("%{other:02X}")),
        }
    }
    url + "?mode=rwc"
}
