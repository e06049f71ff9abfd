//! The one place that reads the time.

use chrono::{DateTime, Utc};
use std::time::{SystemTime, UNIX_EPOCH};

/// In microseconds, as the store keeps it, so that what was written equals what is read.
pub fn now() -> DateTime<Utc> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let micros = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}
