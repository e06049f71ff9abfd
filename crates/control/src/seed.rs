//! What a new installation starts with, so that everything works with no set-up.

use crate::clock;
use domain::cidr::Cidr;
use domain::host::Host;
use domain::id::{AccountId, HostId, VSwitchId, VpcId, WorkspaceId};
use domain::network::{Region, VSwitch, Vpc, Zone};
use identity::entropy;
use store::{Store, StoreError, WorkspaceRow};

/// The console's own host, made where there is none.
pub(crate) async fn own_host(store: &Store, region: &str) -> Result<HostId, StoreError> {
    if let Some(host) = store.own_host().await? {
        return Ok(host);
    }
    let zones = store.inventory().await?.zones;
    let zone = zones.values().find(|(of, _)| of == region).map_or(region, |(_, zone)| &zone.id);
    let host = Host {
        id: HostId::from_random(entropy::id()),
        name: "console".into(),
        zone: zone.into(),
        member: None,
        draining: false,
        removed: false,
        revision: 1,
    };
    let mut tx = store.begin().await?;
    tx.insert_host(&host, clock::now()).await?;
    tx.commit().await?;
    Ok(host.id)
}

/// The first workspace, made together with its account, the region's zones and the loopback VPC where there is none.
pub(crate) async fn first_workspace(store: &Store, region: &str) -> Result<WorkspaceRow, StoreError> {
    if let Some(workspace) = store.workspaces().await?.into_iter().next() {
        return Ok(workspace);
    }
    let now = clock::now();
    let account = AccountId::from_random(entropy::id());
    let workspace = WorkspaceRow {
        id: WorkspaceId::from_random(entropy::id()),
        account_id: account.clone(),
        name: "default".into(),
        created_at: now,
    };
    let mut tx = store.begin().await?;
    tx.insert_account(&account, "default", now).await?;
    tx.insert_workspace(&workspace).await?;
    let zone = |letter| Zone { id: format!("{region}-{letter}"), supported: true };
    tx.insert_region(&Region { id: region.into(), zones: ["a", "b", "c"].map(zone).into() }).await?;
    let Ok(block) = Cidr::parse("127.88.0.0/16") else { return tx.commit().await.map(|()| workspace) };
    let vpc = Vpc {
        id: VpcId::from_random(entropy::id()),
        account_id: account,
        region: region.into(),
        name: "loopback".into(),
        blocks: vec![block],
        revision: 1,
    };
    tx.insert_vpc(&vpc, &workspace.id).await?;
    for (number, letter) in [(1, "a"), (2, "b"), (3, "c")] {
        let Ok(block) = Cidr::parse(&format!("127.88.{number}.0/24")) else { continue };
        let vswitch = VSwitch {
            id: VSwitchId::from_random(entropy::id()),
            vpc_id: vpc.id.clone(),
            zone: format!("{region}-{letter}"),
            name: format!("loopback-{letter}"),
            block,
            revision: 1,
        };
        tx.insert_vswitch(&vswitch, &vpc, &workspace.id).await?;
    }
    tx.commit().await?;
    Ok(workspace)
}
