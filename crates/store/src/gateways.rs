//! Gateways.

use crate::error::{Failure, StoreError};
use crate::row::{Columns, json, micros};
use crate::{Store, Tx, albs, links};
use domain::alb::AlbInstance;
use domain::gateway::{Gateway, InternetAccess};
use domain::id::{GatewayId, WorkspaceId};
use domain::name::GatewayName;
use domain::network::VpcLink;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

const REVISION: &str = "SELECT revision FROM gateways WHERE id = $1";

fn read(row: &AnyRow, vpcs: Vec<VpcLink>, alb: Option<AlbInstance>) -> Result<Gateway, Failure> {
    let port = row.number_or_null("port")?;
    Ok(Gateway {
        id: row.parsed("id")?,
        account_id: row.parsed("account_id")?,
        workspace_id: row.parsed("workspace_id")?,
        name: GatewayName::parse(&row.text("name")?).map_err(|_| Failure::Unreadable("gateways.name".into()))?,
        kind: row.json("details")?,
        internet: InternetAccess {
            enabled: row.flag("internet_enabled")?,
            whitelist: row.json("whitelist")?,
            port: port.map(u16::try_from).transpose().map_err(|_| Failure::Unreadable("gateways.port".into()))?,
        },
        vpcs,
        alb,
        tls: row.json("tls")?,
        labels: row.json("labels")?,
        protected: row.flag("protected")?,
        traffic: row.json("traffic")?,
        arrival: row.json("arrival")?,
        is_default: row.flag("is_default")?,
        revision: row.number("revision")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

pub(crate) async fn all(connection: &mut AnyConnection) -> Result<Vec<Gateway>, Failure> {
    let rows = sqlx::query("SELECT * FROM gateways ORDER BY id").fetch_all(&mut *connection).await?;
    let mut links = links::of(&mut *connection, None).await?;
    let mut albs = albs::of(connection, None).await?;
    let with_links = |row: &AnyRow| {
        let id = row.parsed("id")?;
        read(row, links.remove(&id).unwrap_or_default(), albs.remove(&id))
    };
    rows.iter().map(with_links).collect()
}

async fn one(connection: &mut AnyConnection, id: &GatewayId) -> Result<Option<Gateway>, Failure> {
    let find = sqlx::query("SELECT * FROM gateways WHERE id = $1").bind(id.as_str());
    let Some(row) = find.fetch_optional(&mut *connection).await? else { return Ok(None) };
    let links = links::of(&mut *connection, Some(id)).await?.remove(id);
    let alb = albs::of(connection, Some(id)).await?.remove(id);
    read(&row, links.unwrap_or_default(), alb).map(Some)
}

/// Names differ when more than their case does.
fn name_key(gateway: &Gateway) -> String {
    gateway.name.as_str().to_lowercase()
}

impl Store {
    pub async fn gateway(&self, id: &GatewayId) -> Result<Option<Gateway>, StoreError> {
        let read = async { one(&mut *self.pool.acquire().await?, id).await };
        self.seen(read.await)
    }
}

impl Tx {
    pub async fn gateway(&mut self, id: &GatewayId) -> Result<Option<Gateway>, StoreError> {
        let read = one(self.connection(), id).await;
        self.seen(read)
    }

    pub async fn insert_gateway(&mut self, gateway: &Gateway) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO gateways (id, account_id, workspace_id, name, name_key, kind, details, internet_enabled, \
             whitelist, port, is_default, revision, created_at, updated_at, tls, labels, \
             protected, traffic, arrival) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, \
             $16, $17, $18, $19)",
        )
        .bind(gateway.id.as_str())
        .bind(gateway.account_id.as_str())
        .bind(gateway.workspace_id.as_str())
        .bind(gateway.name.as_str())
        .bind(name_key(gateway))
        .bind(gateway.kind.tag())
        .bind(json(&gateway.kind))
        .bind(i64::from(gateway.internet.enabled))
        .bind(json(&gateway.internet.whitelist))
        .bind(gateway.internet.port.map(i64::from))
        .bind(i64::from(gateway.is_default))
        .bind(gateway.revision)
        .bind(micros(gateway.created_at))
        .bind(micros(gateway.updated_at))
        .bind(json(&gateway.tls))
        .bind(json(&gateway.labels))
        .bind(i64::from(gateway.protected))
        .bind(json(&gateway.traffic))
        .bind(json(&gateway.arrival))
        .execute(self.connection())
        .await;
        self.seen(insert)?;
        self.write_links(gateway).await?;
        self.write_alb(gateway).await
    }

    /// Writes the gateway if it is still at revision `seen`; its own `revision` is the new one.
    pub async fn update_gateway(&mut self, gateway: &Gateway, seen: i64) -> Result<(), StoreError> {
        let update = sqlx::query(
            "UPDATE gateways SET name = $1, name_key = $2, kind = $3, details = $4, internet_enabled = $5, \
             whitelist = $6, port = $7, is_default = $8, revision = $9, updated_at = $10, tls = $11, \
             labels = $12, protected = $13, traffic = $14, arrival = $15 WHERE id = $16 AND revision = $17",
        )
        .bind(gateway.name.as_str())
        .bind(name_key(gateway))
        .bind(gateway.kind.tag())
        .bind(json(&gateway.kind))
        .bind(i64::from(gateway.internet.enabled))
        .bind(json(&gateway.internet.whitelist))
        .bind(gateway.internet.port.map(i64::from))
        .bind(i64::from(gateway.is_default))
        .bind(gateway.revision)
        .bind(micros(gateway.updated_at))
        .bind(json(&gateway.tls))
        .bind(json(&gateway.labels))
        .bind(i64::from(gateway.protected))
        .bind(json(&gateway.traffic))
        .bind(json(&gateway.arrival))
        .bind(gateway.id.as_str())
        .bind(seen)
        .execute(self.connection())
        .await;
        let changed = self.seen(update)?.rows_affected();
        self.expect_one(changed, REVISION, gateway.id.as_str()).await?;
        self.write_links(gateway).await?;
        self.write_alb(gateway).await
    }

    /// Fails with [`StoreError::InUse`] while services are bound to it.
    pub async fn delete_gateway(&mut self, id: &GatewayId, seen: i64) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM gateways WHERE id = $1 AND revision = $2")
            .bind(id.as_str())
            .bind(seen)
            .execute(self.connection())
            .await;
        let changed = self.seen(delete)?.rows_affected();
        self.expect_one(changed, REVISION, id.as_str()).await
    }

    /// The workspace's default gateway, if it has one.
    pub async fn default_gateway(&mut self, workspace: &WorkspaceId) -> Result<Option<Gateway>, StoreError> {
        let id = sqlx::query("SELECT id FROM gateways WHERE workspace_id = $1 AND is_default = 1")
            .bind(workspace.as_str())
            .fetch_optional(self.connection())
            .await;
        let Some(row) = self.seen(id)? else { return Ok(None) };
        let id = self.seen(row.parsed("id"))?;
        self.gateway(&id).await
    }

    /// Ports that gateways hold, also those whose portal is off.
    pub async fn gateway_ports(&mut self) -> Result<Vec<u16>, StoreError> {
        let ports: Result<Vec<i64>, sqlx::Error> =
            sqlx::query_scalar("SELECT port FROM gateways WHERE port IS NOT NULL").fetch_all(self.connection()).await;
        Ok(self.seen(ports)?.into_iter().filter_map(|port| u16::try_from(port).ok()).collect())
    }
}
