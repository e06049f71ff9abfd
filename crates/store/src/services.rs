//! Services. What their version says is sealed text here, which this crate does not look into.

use crate::error::{Failure, StoreError};
use crate::row::{Columns, json, micros};
use crate::{Store, Tx};
use domain::id::{GatewayId, ServiceId, VpcId};
use domain::name::ServiceName;
use domain::service::Service;
use serde::de::DeserializeOwned;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

const REVISION: &str = "SELECT revision FROM services WHERE id = $1";

fn read(row: &AnyRow) -> Result<Service<String>, Failure> {
    Ok(Service {
        id: row.parsed("id")?,
        account_id: row.parsed("account_id")?,
        workspace_id: row.parsed("workspace_id")?,
        name: ServiceName::parse(&row.text("name")?).map_err(|_| Failure::Unreadable("services.name".into()))?,
        gateway_id: row.parsed("gateway_id")?,
        vpc_id: row.parsed_or_null("vpc_id")?,
        labels: row.json("labels")?,
        place: row.text_or_null("place")?.map(|text| parsed("place", &text)).transpose()?,
        version: count(row, "version")?,
        replica_version: count(row, "replica_version")?,
        rollout: row.text_or_null("rollout")?.map(|text| parsed("rollout", &text)).transpose()?,
        spec: row.text("spec")?,
        replicas: count(row, "replicas")?,
        scaling: row.text_or_null("scaling")?.map(|text| parsed("scaling", &text)).transpose()?,
        owner: row.text("owner")?,
        running: row.flag("running")?,
        revision: row.number("revision")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

fn count(row: &AnyRow, column: &str) -> Result<u32, Failure> {
    u32::try_from(row.number(column)?).map_err(|_| Failure::Unreadable(column.into()))
}

fn parsed<T: DeserializeOwned>(column: &str, text: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|_| Failure::Unreadable(column.into()))
}

pub(crate) async fn all(connection: &mut AnyConnection) -> Result<Vec<Service<String>>, Failure> {
    sqlx::query("SELECT * FROM services ORDER BY id").fetch_all(connection).await?.iter().map(read).collect()
}

async fn one(connection: &mut AnyConnection, id: &ServiceId) -> Result<Option<Service<String>>, Failure> {
    let row = sqlx::query("SELECT * FROM services WHERE id = $1").bind(id.as_str()).fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()
}

impl Store {
    pub async fn service(&self, id: &ServiceId) -> Result<Option<Service<String>>, StoreError> {
        let read = async { one(&mut *self.pool.acquire().await?, id).await };
        self.seen(read.await)
    }
}

impl Tx {
    pub async fn service(&mut self, id: &ServiceId) -> Result<Option<Service<String>>, StoreError> {
        let read = one(self.connection(), id).await;
        self.seen(read)
    }

    pub async fn services_of(&mut self, gateway: &GatewayId) -> Result<Vec<Service<String>>, StoreError> {
        let rows = sqlx::query("SELECT * FROM services WHERE gateway_id = $1 ORDER BY name")
            .bind(gateway.as_str())
            .fetch_all(self.connection())
            .await;
        let rows = self.seen(rows)?;
        self.seen(rows.iter().map(read).collect::<Result<Vec<_>, Failure>>())
    }

    pub async fn insert_service(&mut self, service: &Service<String>) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO services (id, account_id, workspace_id, name, gateway_id, spec, running, revision, \
             created_at, updated_at, vpc_id, version, replicas, labels, scaling, replica_version, rollout, \
             group_id, place, owner) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
        )
        .bind(service.id.as_str())
        .bind(service.account_id.as_str())
        .bind(service.workspace_id.as_str())
        .bind(service.name.as_str())
        .bind(service.gateway_id.as_str())
        .bind(service.spec.as_str())
        .bind(i64::from(service.running))
        .bind(service.revision)
        .bind(micros(service.created_at))
        .bind(micros(service.updated_at))
        .bind(service.vpc_id.as_ref().map(VpcId::as_str))
        .bind(i64::from(service.version))
        .bind(i64::from(service.replicas))
        .bind(json(&service.labels))
        .bind(service.scaling.as_ref().map(json))
        .bind(i64::from(service.replica_version))
        .bind(service.rollout.as_ref().map(json))
        .bind(service.place.as_ref().map(|place| place.group_id.as_str()))
        .bind(service.place.as_ref().map(json))
        .bind(service.owner.as_str())
        .execute(self.connection())
        .await;
        self.seen(insert).map(|_| ())
    }

    /// Writes the service if it is still at revision `seen`. Its name never changes: it is part of the endpoint.
    pub async fn update_service(&mut self, service: &Service<String>, seen: i64) -> Result<(), StoreError> {
        let update = sqlx::query(
            "UPDATE services SET gateway_id = $1, spec = $2, running = $3, revision = $4, updated_at = $5, \
             vpc_id = $6, version = $7, replicas = $8, labels = $9, scaling = $10, replica_version = $11, \
             rollout = $12, group_id = $13, place = $14 \
             WHERE id = $15 AND revision = $16",
        )
        .bind(service.gateway_id.as_str())
        .bind(service.spec.as_str())
        .bind(i64::from(service.running))
        .bind(service.revision)
        .bind(micros(service.updated_at))
        .bind(service.vpc_id.as_ref().map(VpcId::as_str))
        .bind(i64::from(service.version))
        .bind(i64::from(service.replicas))
        .bind(json(&service.labels))
        .bind(service.scaling.as_ref().map(json))
        .bind(i64::from(service.replica_version))
        .bind(service.rollout.as_ref().map(json))
        .bind(service.place.as_ref().map(|place| place.group_id.as_str()))
        .bind(service.place.as_ref().map(json))
        .bind(service.id.as_str())
        .bind(seen)
        .execute(self.connection())
        .await;
        let changed = self.seen(update)?.rows_affected();
        self.expect_one(changed, REVISION, service.id.as_str()).await
    }

    /// Its tokens, versions and events go with it.
    pub async fn delete_service(&mut self, id: &ServiceId, seen: i64) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM services WHERE id = $1 AND revision = $2")
            .bind(id.as_str())
            .bind(seen)
            .execute(self.connection())
            .await;
        let changed = self.seen(delete)?.rows_affected();
        self.expect_one(changed, REVISION, id.as_str()).await
    }
}
