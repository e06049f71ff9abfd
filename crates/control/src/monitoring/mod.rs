//! What was measured over time: heard from engines and agents, written every few seconds, read for pages.
//!
//! Nothing here waits for the store of the configuration, and nothing there waits for this. Without a file of series
//! (in tests, before it is opened) nothing is kept.

mod flush;
mod heard;
mod service;

use crate::{Control, ControlError};
use chrono::{DateTime, Utc};
use heard::Heard;
use observe::{Series, Taken, TotalsKey};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

#[derive(Debug, Default)]
pub(crate) struct Watch {
    kept: OnceLock<Kept>,
    heard: Mutex<Heard>,
}

#[derive(Debug)]
struct Kept {
    series: Series,
    /// One at a time writes.
    stored: tokio::sync::Mutex<Stored>,
}

/// What is in the file.
#[derive(Debug)]
struct Stored {
    born_at: DateTime<Utc>,
    written_at: Option<DateTime<Utc>>,
    totals: HashMap<TotalsKey, Taken>,
}

impl Stored {
    async fn read(series: &Series, now: DateTime<Utc>) -> Result<Self, ControlError> {
        Ok(Self {
            born_at: series.born_at().await?.unwrap_or(now),
            written_at: series.written_at().await?,
            totals: series.totals().await?,
        })
    }
}

impl Watch {
    fn with_heard<T>(&self, change: impl FnOnce(&mut Heard) -> T) -> T {
        change(&mut self.heard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Control {
    /// From now on what engines and agents measure is kept in this file. What was opened first stays.
    pub async fn open_series(&self, path: &Path) -> Result<(), ControlError> {
        let series = Series::open(path, self.now()).await?;
        let stored = tokio::sync::Mutex::new(Stored::read(&series, self.now()).await?);
        let _ = self.inner.watch.kept.set(Kept { series, stored });
        Ok(())
    }

    /// After the last write.
    pub async fn close_series(&self) {
        if let Some(kept) = self.inner.watch.kept.get() {
            kept.series.close().await;
        }
    }
}
