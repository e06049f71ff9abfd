//! ALB instances. They are part of their gateway: read with it and written whole under its revision.

use crate::Tx;
use crate::error::{Failure, StoreError};
use crate::row::{Columns, micros};
use domain::alb::{AlbInstance, PublicZones};
use domain::gateway::Gateway;
use domain::id::{AlbId, GatewayId, VSwitchId};
use sqlx::AnyConnection;
use std::collections::HashMap;

/// Of this gateway, or of all.
pub(crate) async fn of(
    connection: &mut AnyConnection,
    gateway: Option<&GatewayId>,
) -> Result<HashMap<GatewayId, AlbInstance>, Failure> {
    // An empty text is no gateway's id.
    let only = gateway.map_or("", GatewayId::as_str);
    let mut zones: HashMap<AlbId, Vec<VSwitchId>> = HashMap::new();
    let rows = sqlx::query(
        "SELECT alb_vswitches.* FROM alb_vswitches JOIN albs ON albs.id = alb_vswitches.alb_id \
         WHERE $1 = '' OR albs.gateway_id = $1 ORDER BY alb_vswitches.vswitch_id",
    )
    .bind(only)
    .fetch_all(&mut *connection)
    .await?;
    for row in &rows {
        zones.entry(row.parsed("alb_id")?).or_default().push(row.parsed("vswitch_id")?);
    }
    let rows =
        sqlx::query("SELECT * FROM albs WHERE $1 = '' OR gateway_id = $1").bind(only).fetch_all(connection).await?;
    let mut found = HashMap::new();
    for row in &rows {
        let id: AlbId = row.parsed("id")?;
        let vpc = row.parsed_or_null("public_vpc_id")?;
        let vswitches = zones.remove(&id).unwrap_or_default();
        let public = vpc.map(|vpc_id| PublicZones { vpc_id, vswitches });
        found.insert(row.parsed("gateway_id")?, AlbInstance { id, public, created_at: row.time("created_at")? });
    }
    Ok(found)
}

impl Tx {
    /// Replaces what is there by the gateway's own.
    pub(crate) async fn write_alb(&mut self, gateway: &Gateway) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM albs WHERE gateway_id = $1")
            .bind(gateway.id.as_str())
            .execute(self.connection())
            .await;
        self.seen(delete)?;
        let Some(alb) = &gateway.alb else { return Ok(()) };
        let insert = sqlx::query(
            "INSERT INTO albs (id, gateway_id, account_id, workspace_id, public_vpc_id, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(alb.id.as_str())
        .bind(gateway.id.as_str())
        .bind(gateway.account_id.as_str())
        .bind(gateway.workspace_id.as_str())
        .bind(alb.public.as_ref().map(|zones| zones.vpc_id.as_str()))
        .bind(micros(alb.created_at))
        .execute(self.connection())
        .await;
        self.seen(insert)?;
        for vswitch in alb.public.iter().flat_map(|zones| &zones.vswitches) {
            let insert = sqlx::query(
                "INSERT INTO alb_vswitches (alb_id, vswitch_id, account_id, workspace_id) VALUES ($1, $2, $3, $4)",
            )
            .bind(alb.id.as_str())
            .bind(vswitch.as_str())
            .bind(gateway.account_id.as_str())
            .bind(gateway.workspace_id.as_str())
            .execute(self.connection())
            .await;
            self.seen(insert)?;
        }
        Ok(())
    }
}
