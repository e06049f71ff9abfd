//! Services.

use crate::error::{Failure, StoreError};
use crate::row::{Columns, json, micros};
use crate::{Store, Tx};
use domain::id::{GatewayId, ServiceId, VpcId};
use domain::name::ServiceName;
use domain::service::Service;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

const REVISION: &str = "SELECT revision FROM services WHERE id = $1";

fn read(row: &AnyRow) -> Result<Service, Failure> {
    Ok(Service {
        id: row.parsed("id")?,
        account_id: row.parsed("account_id")?,
        workspace_id: row.parsed("workspace_id")?,
        name: ServiceName::parse(&row.text("name")?).map_err(|_| Failure::Unreadable("services.name".into()))?,
        gateway_id: row.parsed("gateway_id")?,
        vpc_id: row.parsed_or_null("vpc_id")?,
        workload: row.json("workload")?,
        running: row.flag("running")?,
        revision: row.number("revision")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

pub(crate) async fn all(connection: &mut AnyConnection) -> Result<Vec<Service>, Failure> {
    sqlx::query("SELECT * FROM services ORDER BY id").fetch_all(connection).await?.iter().map(read).collect()
}

async fn one(connection: &mut AnyConnection, id: &ServiceId) -> Result<Option<Service>, Failure> {
    let row = sqlx::query("SELECT * FROM services WHERE id = $1").bind(id.as_str()).fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()
}

impl Store {
    pub async fn service(&self, id: &ServiceId) -> Result<Option<Service>, StoreError> {
        let read = async { one(&mut *self.pool.acquire().await?, id).await };
        self.seen(read.await)
    }
}

impl Tx {
    pub async fn service(&mut self, id: &ServiceId) -> Result<Option<Service>, StoreError> {
        let read = one(self.connection(), id).await;
        self.seen(read)
    }

    pub async fn services_of(&mut self, gateway: &GatewayId) -> Result<Vec<Service>, StoreError> {
        let rows = sqlx::query("SELECT * FROM services WHERE gateway_id = $1 ORDER BY name")
            .bind(gateway.as_str())
            .fetch_all(self.connection())
            .await;
        let rows = self.seen(rows)?;
        self.seen(rows.iter().map(read).collect::<Result<Vec<_>, Failure>>())
    }

    pub async fn insert_service(&mut self, service: &Service) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO services (id, account_id, workspace_id, name, gateway_id, workload, running, revision, \
             created_at, updated_at, vpc_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(service.id.as_str())
        .bind(service.account_id.as_str())
        .bind(service.workspace_id.as_str())
        .bind(service.name.as_str())
        .bind(service.gateway_id.as_str())
        .bind(json(&service.workload))
        .bind(i64::from(service.running))
        .bind(service.revision)
        .bind(micros(service.created_at))
        .bind(micros(service.updated_at))
        .bind(service.vpc_id.as_ref().map(VpcId::as_str))
        .execute(self.connection())
        .await;
        self.seen(insert).map(|_| ())
    }

    /// Writes the service if it is still at revision `seen`. Its name never changes: it is part of the endpoint.
    pub async fn update_service(&mut self, service: &Service, seen: i64) -> Result<(), StoreError> {
        let update = sqlx::query(
            "UPDATE services SET gateway_id = $1, workload = $2, running = $3, revision = $4, updated_at = $5, \
             vpc_id = $6 WHERE id = $7 AND revision = $8",
        )
        .bind(service.gateway_id.as_str())
        .bind(json(&service.workload))
        .bind(i64::from(service.running))
        .bind(service.revision)
        .bind(micros(service.updated_at))
        .bind(service.vpc_id.as_ref().map(VpcId::as_str))
        .bind(service.id.as_str())
        .bind(seen)
        .execute(self.connection())
        .await;
        let changed = self.seen(update)?.rows_affected();
        self.expect_one(changed, REVISION, service.id.as_str()).await
    }

    /// Its tokens go with it.
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
