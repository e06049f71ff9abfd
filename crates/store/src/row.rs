//! From columns to the domain's types and back.

use crate::error::Failure;
use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::Row;
use sqlx::any::AnyRow;
use std::str::FromStr;

pub(crate) fn micros(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros()
}

/// What is stored keeps microseconds; so must what is returned from a write.
pub(crate) fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

pub(crate) trait Columns {
    fn text(&self, column: &str) -> Result<String, Failure>;
    fn number(&self, column: &str) -> Result<i64, Failure>;
    fn number_or_null(&self, column: &str) -> Result<Option<i64>, Failure>;
    fn text_or_null(&self, column: &str) -> Result<Option<String>, Failure>;

    fn parsed<T: FromStr>(&self, column: &str) -> Result<T, Failure> {
        self.text(column)?.parse().map_err(|_| Failure::Unreadable(column.into()))
    }

    fn parsed_or_null<T: FromStr>(&self, column: &str) -> Result<Option<T>, Failure> {
        let parsed = |text: String| text.parse().map_err(|_| Failure::Unreadable(column.into()));
        self.text_or_null(column)?.map(parsed).transpose()
    }

    fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, Failure> {
        serde_json::from_str(&self.text(column)?).map_err(|_| Failure::Unreadable(column.into()))
    }

    fn flag(&self, column: &str) -> Result<bool, Failure> {
        Ok(self.number(column)? != 0)
    }

    fn time(&self, column: &str) -> Result<DateTime<Utc>, Failure> {
        instant(self.number(column)?, column)
    }

    fn time_or_null(&self, column: &str) -> Result<Option<DateTime<Utc>>, Failure> {
        self.number_or_null(column)?.map(|micros| instant(micros, column)).transpose()
    }
}

fn instant(micros: i64, column: &str) -> Result<DateTime<Utc>, Failure> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| Failure::Unreadable(column.into()))
}

impl Columns for AnyRow {
    fn text(&self, column: &str) -> Result<String, Failure> {
        Ok(self.try_get(column)?)
    }

    fn number(&self, column: &str) -> Result<i64, Failure> {
        Ok(self.try_get(column)?)
    }

    fn number_or_null(&self, column: &str) -> Result<Option<i64>, Failure> {
        Ok(self.try_get(column)?)
    }

    fn text_or_null(&self, column: &str) -> Result<Option<String>, Failure> {
        Ok(self.try_get(column)?)
    }
}
