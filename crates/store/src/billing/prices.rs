//! Price lists. They are added, never changed.

use crate::error::{Failure, StoreError};
use crate::row::{Columns, json, micros};
use crate::{Store, Tx};
use chrono::{DateTime, Utc};
use domain::billing::PriceList;
use domain::id::{AccountId, UserId, WorkspaceId};
use sqlx::AnyConnection;

/// A list, and who set it when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceListRow {
    pub list: PriceList,
    pub set_by: UserId,
    pub set_at: DateTime<Utc>,
}

pub(super) async fn all(connection: &mut AnyConnection) -> Result<Vec<PriceListRow>, Failure> {
    let rows = sqlx::query("SELECT * FROM price_lists ORDER BY number").fetch_all(connection).await?;
    let read = |row: &sqlx::any::AnyRow| {
        Ok(PriceListRow {
            list: PriceList {
                number: row.number("number")?,
                valid_from: row.time("valid_from")?,
                prices: row.json("prices")?,
            },
            set_by: row.parsed("set_by")?,
            set_at: row.time("set_at")?,
        })
    };
    rows.iter().map(read).collect()
}

impl Store {
    /// In the order in which they were set.
    pub async fn price_lists(&self) -> Result<Vec<PriceListRow>, StoreError> {
        let read = async { all(&mut *self.pool.acquire().await?).await };
        self.seen(read.await)
    }
}

impl Tx {
    pub async fn price_lists(&mut self) -> Result<Vec<PriceListRow>, StoreError> {
        let read = all(self.connection()).await;
        self.seen(read)
    }

    /// Its number is the next one, whatever `list` says; returns it.
    pub async fn insert_price_list(
        &mut self,
        row: &PriceListRow,
        account: &AccountId,
        workspace: &WorkspaceId,
    ) -> Result<i64, StoreError> {
        let number = self.next("price_list").await?;
        let insert = sqlx::query(
            "INSERT INTO price_lists (number, account_id, workspace_id, valid_from, prices, set_by, set_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(number)
        .bind(account.as_str())
        .bind(workspace.as_str())
        .bind(micros(row.list.valid_from))
        .bind(json(&row.list.prices))
        .bind(row.set_by.as_str())
        .bind(micros(row.set_at))
        .execute(self.connection())
        .await;
        self.seen(insert).map(|_| number)
    }
}
