//! VPCs that reach gateways. They are part of their gateway: read with it and written whole under its revision.

use crate::Tx;
use crate::error::{Failure, StoreError};
use crate::row::{Columns, json, micros};
use domain::gateway::Gateway;
use domain::id::{GatewayId, VpcId};
use domain::network::{LinkedVSwitch, VpcLink};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;
use std::collections::HashMap;

fn link(row: &AnyRow) -> Result<(GatewayId, VpcLink), Failure> {
    let link = VpcLink {
        vpc_id: row.parsed("vpc_id")?,
        vswitches: Vec::new(),
        whitelist: row.json("whitelist")?,
        authoritative_dns: row.flag("authoritative_dns")?,
        peers: Vec::new(),
        linked_at: row.time("linked_at")?,
    };
    Ok((row.parsed("gateway_id")?, link))
}

/// Of this gateway, or of all; in the order in which they were linked, vSwitches in that of their ids.
pub(crate) async fn of(
    connection: &mut AnyConnection,
    gateway: Option<&GatewayId>,
) -> Result<HashMap<GatewayId, Vec<VpcLink>>, Failure> {
    // An empty text is no gateway's id.
    let only = gateway.map_or("", GatewayId::as_str);
    let rows = sqlx::query("SELECT * FROM gateway_vpcs WHERE $1 = '' OR gateway_id = $1 ORDER BY linked_at, vpc_id")
        .bind(only)
        .fetch_all(&mut *connection)
        .await?;
    let mut links: HashMap<GatewayId, Vec<VpcLink>> = HashMap::new();
    for row in &rows {
        let (gateway, link) = link(row)?;
        links.entry(gateway).or_default().push(link);
    }
    let rows = sqlx::query("SELECT * FROM gateway_vswitches WHERE $1 = '' OR gateway_id = $1 ORDER BY vswitch_id")
        .bind(only)
        .fetch_all(&mut *connection)
        .await?;
    for row in &rows {
        let vpc = row.parsed("vpc_id")?;
        let mut of_gateway = links.get_mut(&row.parsed("gateway_id")?).into_iter().flatten();
        if let Some(link) = of_gateway.find(|link| link.vpc_id == vpc) {
            link.vswitches
                .push(LinkedVSwitch { vswitch_id: row.parsed("vswitch_id")?, address: row.parsed("address")? });
        }
    }
    let rows = sqlx::query("SELECT * FROM gateway_vpc_peers WHERE $1 = '' OR gateway_id = $1 ORDER BY peer_vpc_id")
        .bind(only)
        .fetch_all(connection)
        .await?;
    for row in &rows {
        let vpc = row.parsed("vpc_id")?;
        let mut of_gateway = links.get_mut(&row.parsed("gateway_id")?).into_iter().flatten();
        if let Some(link) = of_gateway.find(|link| link.vpc_id == vpc) {
            link.peers.push(row.parsed("peer_vpc_id")?);
        }
    }
    Ok(links)
}

impl Tx {
    /// Replaces what is there by the gateway's own.
    pub(crate) async fn write_links(&mut self, gateway: &Gateway) -> Result<(), StoreError> {
        for statement in [
            "DELETE FROM gateway_vpc_peers WHERE gateway_id = $1",
            "DELETE FROM gateway_vswitches WHERE gateway_id = $1",
            "DELETE FROM gateway_vpcs WHERE gateway_id = $1",
        ] {
            let delete = sqlx::query(statement).bind(gateway.id.as_str()).execute(self.connection()).await;
            self.seen(delete)?;
        }
        for link in &gateway.vpcs {
            let insert = sqlx::query(
                "INSERT INTO gateway_vpcs (gateway_id, vpc_id, account_id, workspace_id, whitelist, authoritative_dns, \
                 linked_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(gateway.id.as_str())
            .bind(link.vpc_id.as_str())
            .bind(gateway.account_id.as_str())
            .bind(gateway.workspace_id.as_str())
            .bind(json(&link.whitelist))
            .bind(i64::from(link.authoritative_dns))
            .bind(micros(link.linked_at))
            .execute(self.connection())
            .await;
            self.seen(insert)?;
            for vswitch in &link.vswitches {
                self.insert_linked_vswitch(gateway, link, vswitch).await?;
            }
            for peer in &link.peers {
                self.insert_peer(gateway, link, peer).await?;
            }
        }
        Ok(())
    }

    async fn insert_peer(&mut self, gateway: &Gateway, link: &VpcLink, peer: &VpcId) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO gateway_vpc_peers (gateway_id, vpc_id, peer_vpc_id, account_id, workspace_id) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(gateway.id.as_str())
        .bind(link.vpc_id.as_str())
        .bind(peer.as_str())
        .bind(gateway.account_id.as_str())
        .bind(gateway.workspace_id.as_str())
        .execute(self.connection())
        .await;
        self.seen(insert).map(|_| ())
    }

    async fn insert_linked_vswitch(
        &mut self,
        gateway: &Gateway,
        link: &VpcLink,
        vswitch: &LinkedVSwitch,
    ) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO gateway_vswitches (gateway_id, vpc_id, vswitch_id, account_id, workspace_id, address) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(gateway.id.as_str())
        .bind(link.vpc_id.as_str())
        .bind(vswitch.vswitch_id.as_str())
        .bind(gateway.account_id.as_str())
        .bind(gateway.workspace_id.as_str())
        .bind(vswitch.address.to_string())
        .execute(self.connection())
        .await;
        self.seen(insert).map(|_| ())
    }
}
