//! Gateways' own domain names.

use crate::error::{Failure, StoreError};
use crate::row::{Columns, micros};
use crate::{Store, Tx};
use domain::custom_domain::{CustomDomain, DomainSide};
use domain::id::{CertificateId, DomainId};
use sqlx::AnyConnection;
use sqlx::Row;
use sqlx::any::AnyRow;

const REVISION: &str = "SELECT revision FROM domains WHERE id = $1";

fn read(row: &AnyRow) -> Result<CustomDomain, Failure> {
    let certificate: Option<String> = row.try_get("certificate_id")?;
    let unreadable = |what: &str| Failure::Unreadable(what.into());
    Ok(CustomDomain {
        id: row.parsed("id")?,
        account_id: row.parsed("account_id")?,
        workspace_id: row.parsed("workspace_id")?,
        gateway_id: row.parsed("gateway_id")?,
        host: row.text("host")?,
        side: DomainSide::parse(&row.text("side")?).map_err(|_| unreadable("domains.side"))?,
        certificate_id: certificate
            .map(|id| id.parse())
            .transpose()
            .map_err(|_| unreadable("domains.certificate_id"))?,
        revision: row.number("revision")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

pub(crate) async fn all(connection: &mut AnyConnection) -> Result<Vec<CustomDomain>, Failure> {
    sqlx::query("SELECT * FROM domains ORDER BY id").fetch_all(connection).await?.iter().map(read).collect()
}

impl Store {
    pub async fn domains(&self) -> Result<Vec<CustomDomain>, StoreError> {
        let read = async { all(&mut *self.pool.acquire().await?).await };
        self.seen(read.await)
    }
}

impl Tx {
    /// All of them: the rules between names are looked after in one place.
    pub async fn domains(&mut self) -> Result<Vec<CustomDomain>, StoreError> {
        let read = all(self.connection()).await;
        self.seen(read)
    }

    pub async fn insert_domain(&mut self, domain: &CustomDomain) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO domains (id, account_id, workspace_id, gateway_id, host, side, certificate_id, revision, \
             created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(domain.id.as_str())
        .bind(domain.account_id.as_str())
        .bind(domain.workspace_id.as_str())
        .bind(domain.gateway_id.as_str())
        .bind(domain.host.as_str())
        .bind(domain.side.as_str())
        .bind(domain.certificate_id.as_ref().map(CertificateId::as_str))
        .bind(domain.revision)
        .bind(micros(domain.created_at))
        .bind(micros(domain.updated_at))
        .execute(self.connection())
        .await;
        self.seen(insert).map(|_| ())
    }

    /// Its certificate, if it is still at revision `seen`; its own `revision` is the new one.
    pub async fn update_domain(&mut self, domain: &CustomDomain, seen: i64) -> Result<(), StoreError> {
        let update = sqlx::query(
            "UPDATE domains SET certificate_id = $1, revision = $2, updated_at = $3 WHERE id = $4 AND revision = $5",
        )
        .bind(domain.certificate_id.as_ref().map(CertificateId::as_str))
        .bind(domain.revision)
        .bind(micros(domain.updated_at))
        .bind(domain.id.as_str())
        .bind(seen)
        .execute(self.connection())
        .await;
        let changed = self.seen(update)?.rows_affected();
        self.expect_one(changed, REVISION, domain.id.as_str()).await
    }

    pub async fn delete_domain(&mut self, id: &DomainId, seen: i64) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM domains WHERE id = $1 AND revision = $2")
            .bind(id.as_str())
            .bind(seen)
            .execute(self.connection())
            .await;
        let changed = self.seen(delete)?.rows_affected();
        self.expect_one(changed, REVISION, id.as_str()).await
    }
}
