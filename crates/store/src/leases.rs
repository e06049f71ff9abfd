//! Who does alone, for a while, what several consoles could begin.

use crate::Tx;
use crate::error::StoreError;
use crate::row::micros;
use chrono::{DateTime, Utc};

impl Tx {
    /// Takes the lease if nobody else holds it at `now`, or prolongs it. Tells whether `holder` has it until `until`.
    pub async fn take_lease(
        &mut self,
        name: &str,
        holder: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let take = sqlx::query(
            "INSERT INTO leases (name, holder, ends_at) VALUES ($1, $2, $3) \
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, ends_at = excluded.ends_at \
             WHERE leases.ends_at <= $4 OR leases.holder = excluded.holder",
        )
        .bind(name)
        .bind(holder)
        .bind(micros(until))
        .bind(micros(now))
        .execute(self.connection())
        .await;
        Ok(self.seen(take)?.rows_affected() == 1)
    }

    /// Others may take it at once. Nothing happens where somebody else has it.
    pub async fn release_lease(&mut self, name: &str, holder: &str) -> Result<(), StoreError> {
        let release = sqlx::query("DELETE FROM leases WHERE name = $1 AND holder = $2")
            .bind(name)
            .bind(holder)
            .execute(self.connection())
            .await;
        self.seen(release).map(|_| ())
    }
}
