//! Hosts, and the one-time tokens by which they join.

use crate::error::{Failure, StoreError};
use crate::row::{Columns, json, micros};
use crate::{Store, Tx};
use chrono::{DateTime, Utc};
use domain::host::{Host, HostDraft, Hosts, Member};
use domain::id::{HostId, UserId};
use domain::secret::Digest256;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

const REVISION: &str = "SELECT revision FROM hosts WHERE id = $1";

/// What a token is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinTokenRow {
    pub digest: Digest256,
    pub host: HostDraft,
    pub created_by: UserId,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

fn host(row: &AnyRow) -> Result<Host, Failure> {
    let member = match row.text_or_null("fingerprint")? {
        None => None,
        Some(_) => Some(Member {
            engine_id: row.parsed("engine_id")?,
            agent_id: row.parsed("agent_id")?,
            fingerprint: row.parsed("fingerprint")?,
            public: row.json("public")?,
        }),
    };
    Ok(Host {
        id: row.parsed("id")?,
        name: row.text("name")?,
        zone: row.text("zone")?,
        member,
        draining: row.flag("draining")?,
        removed: row.flag("removed")?,
        revision: row.number("revision")?,
    })
}

fn token(row: &AnyRow) -> Result<JoinTokenRow, Failure> {
    Ok(JoinTokenRow {
        digest: row.parsed("digest")?,
        host: HostDraft { name: row.text("name")?, zone: row.text("zone")? },
        created_by: row.parsed("created_by")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
    })
}

pub(crate) async fn all(connection: &mut AnyConnection) -> Result<Hosts, Failure> {
    let rows = sqlx::query("SELECT * FROM hosts ORDER BY id").fetch_all(connection).await?;
    rows.iter().map(|row| host(row).map(|host| (host.id.clone(), host))).collect()
}

impl Store {
    /// The console's own; `None` before the first start.
    pub async fn own_host(&self) -> Result<Option<HostId>, StoreError> {
        let read = async { all(&mut *self.pool.acquire().await?).await };
        let hosts = self.seen(read.await)?;
        Ok(hosts.into_values().find(|host| host.member.is_none()).map(|host| host.id))
    }

    /// Those that were neither used nor have run out, the oldest first.
    pub async fn join_tokens(&self, now: DateTime<Utc>) -> Result<Vec<JoinTokenRow>, StoreError> {
        let read = async {
            let rows = sqlx::query("SELECT * FROM join_tokens WHERE expires_at > $1 ORDER BY created_at, digest")
                .bind(micros(now))
                .fetch_all(&self.pool)
                .await?;
            rows.iter().map(token).collect()
        };
        self.seen(read.await)
    }
}

impl Tx {
    pub async fn hosts(&mut self) -> Result<Hosts, StoreError> {
        let read = all(self.connection()).await;
        self.seen(read)
    }

    pub async fn insert_host(&mut self, host: &Host, now: DateTime<Utc>) -> Result<(), StoreError> {
        let member = host.member.as_ref();
        let insert = sqlx::query(
            "INSERT INTO hosts (id, name, zone, engine_id, agent_id, fingerprint, public, draining, removed, \
             created_at, revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(host.id.as_str())
        .bind(host.name.as_str())
        .bind(host.zone.as_str())
        .bind(member.map(|member| member.engine_id.to_string()))
        .bind(member.map(|member| member.agent_id.to_string()))
        .bind(member.map(|member| member.fingerprint.to_string()))
        .bind(member.map(|member| json(&member.public)))
        .bind(i64::from(host.draining))
        .bind(i64::from(host.removed))
        .bind(micros(now))
        .bind(host.revision)
        .execute(self.connection())
        .await;
        self.seen(insert).map(|_| ())
    }

    /// If it is still at revision `seen`; its own `revision` is the new one. Whose it is stays.
    pub async fn update_host(&mut self, host: &Host, seen: i64) -> Result<(), StoreError> {
        let public = host.member.as_ref().map(|member| json(&member.public));
        let update = sqlx::query(
            "UPDATE hosts SET name = $1, zone = $2, public = $3, draining = $4, removed = $5, revision = $6 \
             WHERE id = $7 AND revision = $8",
        )
        .bind(host.name.as_str())
        .bind(host.zone.as_str())
        .bind(public)
        .bind(i64::from(host.draining))
        .bind(i64::from(host.removed))
        .bind(host.revision)
        .bind(host.id.as_str())
        .bind(seen)
        .execute(self.connection())
        .await;
        let changed = self.seen(update)?.rows_affected();
        self.expect_one(changed, REVISION, host.id.as_str()).await
    }

    /// Those that have run out go.
    pub async fn insert_join_token(&mut self, row: &JoinTokenRow) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM join_tokens WHERE expires_at <= $1")
            .bind(micros(row.created_at))
            .execute(self.connection())
            .await;
        self.seen(delete)?;
        let insert = sqlx::query(
            "INSERT INTO join_tokens (digest, name, zone, created_by, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(row.digest.to_string())
        .bind(row.host.name.as_str())
        .bind(row.host.zone.as_str())
        .bind(row.created_by.as_str())
        .bind(micros(row.created_at))
        .bind(micros(row.expires_at))
        .execute(self.connection())
        .await;
        self.seen(insert).map(|_| ())
    }

    /// Takes it away, so that it works once; `None` where it is not there (any more).
    pub async fn use_join_token(
        &mut self,
        digest: &Digest256,
        now: DateTime<Utc>,
    ) -> Result<Option<JoinTokenRow>, StoreError> {
        let row = sqlx::query("DELETE FROM join_tokens WHERE digest = $1 AND expires_at > $2 RETURNING *")
            .bind(digest.to_string())
            .bind(micros(now))
            .fetch_optional(self.connection())
            .await;
        let row = self.seen(row)?;
        self.seen(row.as_ref().map(token).transpose())
    }

    /// Whoever has it joins no more. Tells whether it was there.
    pub async fn delete_join_token(&mut self, digest: &Digest256) -> Result<bool, StoreError> {
        let delete = sqlx::query("DELETE FROM join_tokens WHERE digest = $1")
            .bind(digest.to_string())
            .execute(self.connection());
        let deleted = delete.await;
        Ok(self.seen(deleted)?.rows_affected() == 1)
    }
}
