//! Zones, VPCs and vSwitches.

use crate::error::{Failure, StoreError};
use crate::row::{Columns, json};
use crate::{Store, Tx};
use domain::cidr::Cidr;
use domain::id::WorkspaceId;
use domain::network::{Region, VSwitch, Vpc, Zone};
use std::collections::BTreeMap;

impl Store {
    pub async fn regions(&self) -> Result<Vec<Region>, StoreError> {
        let read = async {
            let mut regions: BTreeMap<String, Vec<Zone>> = BTreeMap::new();
            for row in sqlx::query("SELECT * FROM zones ORDER BY region, id").fetch_all(&self.pool).await? {
                let zone = Zone { id: row.text("id")?, supported: row.flag("supported")? };
                regions.entry(row.text("region")?).or_default().push(zone);
            }
            Ok(regions.into_iter().map(|(id, zones)| Region { id, zones }).collect())
        };
        self.seen(read.await)
    }

    pub async fn vpcs(&self) -> Result<Vec<Vpc>, StoreError> {
        let read = async {
            let rows = sqlx::query("SELECT * FROM vpcs ORDER BY id").fetch_all(&self.pool).await?;
            let vpc = |row: &sqlx::any::AnyRow| {
                Ok(Vpc {
                    id: row.parsed("id")?,
                    account_id: row.parsed("account_id")?,
                    region: row.text("region")?,
                    name: row.text("name")?,
                    blocks: row.json("blocks")?,
                })
            };
            rows.iter().map(vpc).collect::<Result<Vec<_>, Failure>>()
        };
        self.seen(read.await)
    }

    pub async fn vswitches(&self) -> Result<Vec<VSwitch>, StoreError> {
        let read = async {
            let rows = sqlx::query("SELECT * FROM vswitches ORDER BY vpc_id, zone, id").fetch_all(&self.pool).await?;
            let vswitch = |row: &sqlx::any::AnyRow| {
                let block = row.text("block")?;
                Ok(VSwitch {
                    id: row.parsed("id")?,
                    vpc_id: row.parsed("vpc_id")?,
                    zone: row.text("zone")?,
                    name: row.text("name")?,
                    block: Cidr::parse(&block).map_err(|_| Failure::Unreadable("vswitches.block".into()))?,
                })
            };
            rows.iter().map(vswitch).collect::<Result<Vec<_>, Failure>>()
        };
        self.seen(read.await)
    }
}

impl Tx {
    pub async fn insert_region(&mut self, region: &Region) -> Result<(), StoreError> {
        for zone in &region.zones {
            let insert = sqlx::query("INSERT INTO zones (id, region, supported) VALUES ($1, $2, $3)")
                .bind(zone.id.as_str())
                .bind(region.id.as_str())
                .bind(i64::from(zone.supported))
                .execute(self.connection())
                .await;
            self.seen(insert)?;
        }
        Ok(())
    }

    pub async fn insert_vpc(&mut self, vpc: &Vpc, workspace: &WorkspaceId) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO vpcs (id, account_id, workspace_id, region, name, blocks) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(vpc.id.as_str())
        .bind(vpc.account_id.as_str())
        .bind(workspace.as_str())
        .bind(vpc.region.as_str())
        .bind(vpc.name.as_str())
        .bind(json(&vpc.blocks))
        .execute(self.connection())
        .await;
        self.seen(insert).map(|_| ())
    }

    pub async fn insert_vswitch(
        &mut self,
        vswitch: &VSwitch,
        vpc: &Vpc,
        workspace: &WorkspaceId,
    ) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO vswitches (id, account_id, workspace_id, vpc_id, zone, name, block) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(vswitch.id.as_str())
        .bind(vpc.account_id.as_str())
        .bind(workspace.as_str())
        .bind(vswitch.vpc_id.as_str())
        .bind(vswitch.zone.as_str())
        .bind(vswitch.name.as_str())
        .bind(vswitch.block.to_string())
        .execute(self.connection())
        .await;
        self.seen(insert).map(|_| ())
    }
}
