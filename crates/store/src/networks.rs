//! Zones, VPCs and vSwitches.

use crate::error::{Failure, StoreError};
use crate::row::{Columns, json};
use crate::{Store, Tx, accounts};
use domain::cidr::Cidr;
use domain::id::{VSwitchId, VpcId, WorkspaceId};
use domain::network::{Inventory, Region, VSwitch, Vpc, Zone};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

const VPC_REVISION: &str = "SELECT revision FROM vpcs WHERE id = $1";
const VSWITCH_REVISION: &str = "SELECT revision FROM vswitches WHERE id = $1";

fn zone(row: &AnyRow) -> Result<(String, (String, Zone)), Failure> {
    let zone = Zone { id: row.text("id")?, supported: row.flag("supported")? };
    Ok((zone.id.clone(), (row.text("region")?, zone)))
}

fn vpc(row: &AnyRow) -> Result<Vpc, Failure> {
    Ok(Vpc {
        id: row.parsed("id")?,
        account_id: row.parsed("account_id")?,
        region: row.text("region")?,
        name: row.text("name")?,
        blocks: row.json("blocks")?,
        revision: row.number("revision")?,
    })
}

fn vswitch(row: &AnyRow) -> Result<VSwitch, Failure> {
    let block = row.text("block")?;
    Ok(VSwitch {
        id: row.parsed("id")?,
        vpc_id: row.parsed("vpc_id")?,
        zone: row.text("zone")?,
        name: row.text("name")?,
        block: Cidr::parse(&block).map_err(|_| Failure::Unreadable("vswitches.block".into()))?,
        revision: row.number("revision")?,
    })
}

pub(crate) async fn all(connection: &mut AnyConnection) -> Result<Inventory, Failure> {
    let zones = sqlx::query("SELECT * FROM zones ORDER BY region, id").fetch_all(&mut *connection).await?;
    let vpcs = sqlx::query("SELECT * FROM vpcs ORDER BY id").fetch_all(&mut *connection).await?;
    let vswitches = sqlx::query("SELECT * FROM vswitches ORDER BY id").fetch_all(&mut *connection).await?;
    let vpcs = vpcs.iter().map(|row| vpc(row).map(|vpc| (vpc.id.clone(), vpc)));
    let vswitches = vswitches.iter().map(|row| vswitch(row).map(|vswitch| (vswitch.id.clone(), vswitch)));
    Ok(Inventory {
        zones: zones.iter().map(zone).collect::<Result<_, _>>()?,
        vpcs: vpcs.collect::<Result<_, _>>()?,
        vswitches: vswitches.collect::<Result<_, _>>()?,
        accounts: accounts::all(connection).await?,
        grants: accounts::grants(connection).await?,
    })
}

impl Store {
    pub async fn inventory(&self) -> Result<Inventory, StoreError> {
        let read = async { all(&mut *self.pool.acquire().await?).await };
        self.seen(read.await)
    }
}

impl Tx {
    pub async fn inventory(&mut self) -> Result<Inventory, StoreError> {
        let read = all(self.connection()).await;
        self.seen(read)
    }

    pub async fn insert_region(&mut self, region: &Region) -> Result<(), StoreError> {
        for zone in &region.zones {
            self.insert_zone(&region.id, zone).await?;
        }
        Ok(())
    }

    pub async fn insert_zone(&mut self, region: &str, zone: &Zone) -> Result<(), StoreError> {
        let insert = sqlx::query("INSERT INTO zones (id, region, supported) VALUES ($1, $2, $3)")
            .bind(zone.id.as_str())
            .bind(region)
            .bind(i64::from(zone.supported))
            .execute(self.connection())
            .await;
        self.seen(insert).map(|_| ())
    }

    pub async fn support_zone(&mut self, id: &str, supported: bool) -> Result<(), StoreError> {
        let update = sqlx::query("UPDATE zones SET supported = $1 WHERE id = $2")
            .bind(i64::from(supported))
            .bind(id)
            .execute(self.connection())
            .await;
        self.seen(update).map(|_| ())
    }

    /// Fails with [`StoreError::InUse`] while vSwitches are in it.
    pub async fn delete_zone(&mut self, id: &str) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM zones WHERE id = $1").bind(id).execute(self.connection()).await;
        self.seen(delete).map(|_| ())
    }

    pub async fn insert_vpc(&mut self, vpc: &Vpc, workspace: &WorkspaceId) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO vpcs (id, account_id, workspace_id, region, name, blocks, revision) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(vpc.id.as_str())
        .bind(vpc.account_id.as_str())
        .bind(workspace.as_str())
        .bind(vpc.region.as_str())
        .bind(vpc.name.as_str())
        .bind(json(&vpc.blocks))
        .bind(vpc.revision)
        .execute(self.connection())
        .await;
        self.seen(insert).map(|_| ())
    }

    /// If it is still at revision `seen`; its own `revision` is the new one.
    pub async fn update_vpc(&mut self, vpc: &Vpc, seen: i64) -> Result<(), StoreError> {
        let update =
            sqlx::query("UPDATE vpcs SET name = $1, blocks = $2, revision = $3 WHERE id = $4 AND revision = $5")
                .bind(vpc.name.as_str())
                .bind(json(&vpc.blocks))
                .bind(vpc.revision)
                .bind(vpc.id.as_str())
                .bind(seen)
                .execute(self.connection())
                .await;
        let changed = self.seen(update)?.rows_affected();
        self.expect_one(changed, VPC_REVISION, vpc.id.as_str()).await
    }

    /// With its vSwitches. Fails with [`StoreError::InUse`] while gateways have links to it.
    pub async fn delete_vpc(&mut self, id: &VpcId, seen: i64) -> Result<(), StoreError> {
        let vswitches =
            sqlx::query("DELETE FROM vswitches WHERE vpc_id = $1").bind(id.as_str()).execute(self.connection()).await;
        self.seen(vswitches)?;
        let delete = sqlx::query("DELETE FROM vpcs WHERE id = $1 AND revision = $2")
            .bind(id.as_str())
            .bind(seen)
            .execute(self.connection())
            .await;
        let changed = self.seen(delete)?.rows_affected();
        self.expect_one(changed, VPC_REVISION, id.as_str()).await
    }

    pub async fn insert_vswitch(
        &mut self,
        vswitch: &VSwitch,
        vpc: &Vpc,
        workspace: &WorkspaceId,
    ) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO vswitches (id, account_id, workspace_id, vpc_id, zone, name, block, revision) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(vswitch.id.as_str())
        .bind(vpc.account_id.as_str())
        .bind(workspace.as_str())
        .bind(vswitch.vpc_id.as_str())
        .bind(vswitch.zone.as_str())
        .bind(vswitch.name.as_str())
        .bind(vswitch.block.to_string())
        .bind(vswitch.revision)
        .execute(self.connection())
        .await;
        self.seen(insert).map(|_| ())
    }

    pub async fn update_vswitch(&mut self, vswitch: &VSwitch, seen: i64) -> Result<(), StoreError> {
        let update = sqlx::query(
            "UPDATE vswitches SET name = $1, zone = $2, block = $3, revision = $4 WHERE id = $5 AND revision = $6",
        )
        .bind(vswitch.name.as_str())
        .bind(vswitch.zone.as_str())
        .bind(vswitch.block.to_string())
        .bind(vswitch.revision)
        .bind(vswitch.id.as_str())
        .bind(seen)
        .execute(self.connection())
        .await;
        let changed = self.seen(update)?.rows_affected();
        self.expect_one(changed, VSWITCH_REVISION, vswitch.id.as_str()).await
    }

    /// Fails with [`StoreError::InUse`] while gateways listen in it.
    pub async fn delete_vswitch(&mut self, id: &VSwitchId, seen: i64) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM vswitches WHERE id = $1 AND revision = $2")
            .bind(id.as_str())
            .bind(seen)
            .execute(self.connection())
            .await;
        let changed = self.seen(delete)?.rows_affected();
        self.expect_one(changed, VSWITCH_REVISION, id.as_str()).await
    }
}
