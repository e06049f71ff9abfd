//! A write: all of it or nothing.

use crate::error::{Failure, StoreError};
use sqlx::{Any, AnyConnection, Transaction};
use std::path::PathBuf;
use std::sync::Arc;

/// Dropped without [`Tx::commit`], it never happened.
pub struct Tx {
    pub(crate) inner: Transaction<'static, Any>,
    pub(crate) path: Arc<PathBuf>,
}

impl Tx {
    /// Returns when the write is on the disk.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.inner.commit().await.map_err(|error| Failure::from(error).at(&self.path))
    }

    pub(crate) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }

    pub(crate) fn seen<T>(&self, result: Result<T, impl Into<Failure>>) -> Result<T, StoreError> {
        result.map_err(|error| error.into().at(&self.path))
    }

    /// The next number of a counter. Numbers have no gaps, since a rolled back transaction returns its own.
    pub(crate) async fn next(&mut self, counter: &str) -> Result<i64, StoreError> {
        let next = sqlx::query_scalar("UPDATE counters SET value = value + 1 WHERE name = $1 RETURNING value")
            .bind(counter)
            .fetch_one(self.connection())
            .await;
        self.seen(next)
    }

    /// For statements with `WHERE id = … AND revision = …`: no row means that somebody was faster, or that it is
    /// gone. `find` selects the revision by id.
    pub(crate) async fn expect_one(&mut self, changed: u64, find: &'static str, id: &str) -> Result<(), StoreError> {
        if changed == 1 {
            return Ok(());
        }
        let current = sqlx::query_scalar(find).bind(id).fetch_optional(self.connection()).await;
        match self.seen(current)? {
            Some(current) => Err(StoreError::Conflict { current }),
            None => Err(StoreError::NotFound),
        }
    }
}
