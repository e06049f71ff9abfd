//! Server functions of networks.

use crate::error::ApiError;
use domain::id::{AccountId, VSwitchId, VpcId};
use domain::view::{NetworksView, VpcView};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use {
    crate::context::{authorised, respond},
    crate::paths,
    domain::network::{VSwitchDraft, VpcDraft, ZoneDraft},
    leptos_axum::redirect,
};

#[server(prefix = "/api/_fn", endpoint = "network.list")]
pub async fn read_networks() -> Result<NetworksView, ApiError> {
    let (request, principal) = authorised()?;
    request.control.networks(&principal).map_err(respond)
}

/// With the zones that its vSwitches can be in.
#[server(prefix = "/api/_fn", endpoint = "network.read")]
pub async fn read_vpc(id: VpcId) -> Result<(VpcView, Vec<String>), ApiError> {
    let (request, principal) = authorised()?;
    request.control.vpc_with_zones(&principal, &id).map_err(respond)
}

#[server(prefix = "/api/_fn", endpoint = "network.zone_add")]
pub async fn add_zone(zone: String) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.add_zone(&principal, &ZoneDraft { id: zone }).await.map_err(respond)?;
    redirect(&paths::flash(paths::NETWORKS, "network_saved"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "network.zone_support")]
pub async fn support_zone(zone: String, on: bool) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.support_zone(&principal, &zone, on).await.map_err(respond)?;
    redirect(&paths::flash(paths::NETWORKS, "network_saved"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "network.zone_delete")]
pub async fn delete_zone(zone: String) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.delete_zone(&principal, &zone).await.map_err(respond)?;
    redirect(&paths::flash(paths::NETWORKS, "network_deleted"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "network.vpc_add")]
pub async fn add_vpc(name: String, blocks: String, #[server(default)] account: String) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    let id = request.control.add_vpc(&principal, &VpcDraft { name, blocks }, &account).await.map_err(respond)?;
    redirect(&paths::flash(&paths::network(&id), "network_saved"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "network.adopt")]
pub async fn adopt_interface(interface: String, address: String) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    let id = request.control.adopt_interface(&principal, &interface, &address).await.map_err(respond)?;
    redirect(&paths::flash(&paths::network(&id), "network_saved"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "network.vpc_edit")]
pub async fn edit_vpc(id: VpcId, revision: i64, name: String, blocks: String) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.edit_vpc(&principal, &id, revision, &VpcDraft { name, blocks }).await.map_err(respond)?;
    redirect(&paths::flash(&paths::network(&id), "network_saved"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "network.vpc_delete")]
pub async fn delete_vpc(id: VpcId, revision: i64) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.delete_vpc(&principal, &id, revision).await.map_err(respond)?;
    redirect(&paths::flash(paths::NETWORKS, "network_deleted"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "network.vswitch_add")]
pub async fn add_vswitch(vpc: VpcId, name: String, zone: String, block: String) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.add_vswitch(&principal, &vpc, &VSwitchDraft { name, zone, block }).await.map_err(respond)?;
    redirect(&paths::flash(&paths::network(&vpc), "network_saved"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "network.vswitch_edit")]
pub async fn edit_vswitch(
    vpc: VpcId,
    id: VSwitchId,
    revision: i64,
    name: String,
    zone: String,
    block: String,
) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    let draft = VSwitchDraft { name, zone, block };
    request.control.edit_vswitch(&principal, &id, revision, &draft).await.map_err(respond)?;
    redirect(&paths::flash(&paths::network(&vpc), "network_saved"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "network.grant")]
pub async fn grant_vpc(id: VpcId, account: String) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.grant_vpc(&principal, &id, &account).await.map_err(respond)?;
    redirect(&paths::flash(&paths::network(&id), "vpc_granted"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "network.revoke")]
pub async fn revoke_vpc(id: VpcId, account: AccountId) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.revoke_vpc(&principal, &id, &account).await.map_err(respond)?;
    redirect(&paths::flash(&paths::network(&id), "vpc_revoked"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "network.vswitch_delete")]
pub async fn delete_vswitch(vpc: VpcId, id: VSwitchId, revision: i64) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.delete_vswitch(&principal, &id, revision).await.map_err(respond)?;
    redirect(&paths::flash(&paths::network(&vpc), "network_deleted"));
    Ok(())
}
