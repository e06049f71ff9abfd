//! Server functions of gateways.

use crate::error::ApiError;

use domain::id::{GatewayId, VpcId};
use domain::view::{AddressVerdict, Connectivity, GatewayDetail, GatewayQuery, GatewaySummary, Page};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use {
    crate::context::{authorised, respond},
    crate::paths,
    domain::gateway::{AlbDraft, ManagedDraft, SizeDraft},
    leptos_axum::redirect,
};

#[server(prefix = "/api/_fn", endpoint = "gateway.list")]
pub async fn list_gateways(#[server(default)] query: GatewayQuery) -> Result<Page<GatewaySummary>, ApiError> {
    let (request, principal) = authorised()?;
    request.control.list_gateways(&principal, &query).map_err(respond)
}

#[server(prefix = "/api/_fn", endpoint = "gateway.read")]
pub async fn read_gateway(id: GatewayId) -> Result<GatewayDetail, ApiError> {
    let (request, principal) = authorised()?;
    request.control.gateway(&principal, &id).map_err(respond)
}

#[server(prefix = "/api/_fn", endpoint = "gateway.alb_role")]
pub async fn alb_role_granted() -> Result<bool, ApiError> {
    let (request, principal) = authorised()?;
    request.control.alb_role_granted(&principal).await.map_err(respond)
}

#[server(prefix = "/api/_fn", endpoint = "gateway.grant_alb_role")]
pub async fn grant_alb_role() -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.grant_alb_role(&principal).await.map_err(respond)?;
    redirect(&paths::flash(paths::NEW_ALB, "role_granted"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "gateway.create_alb")]
pub async fn create_alb(name: String) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    let id = request.control.create_alb_gateway(&principal, &AlbDraft { name }).await.map_err(respond)?;
    redirect(&paths::flash(&paths::gateway(&id), "gateway_created"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "gateway.buy_managed")]
pub async fn buy_managed(name: String, spec: String, nodes: String, charge: String) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    let draft = ManagedDraft { name, spec, nodes, charge };
    let id = request.control.buy_managed_gateway(&principal, &draft).await.map_err(respond)?;
    redirect(&paths::flash(&paths::gateway(&id), "gateway_created"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "gateway.set_portal")]
pub async fn set_portal(id: GatewayId, revision: i64, on: bool) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.set_portal(&principal, &id, revision, on).await.map_err(respond)?;
    redirect(&paths::flash(&paths::gateway_internet(&id), if on { "portal_on" } else { "portal_off" }));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "gateway.whitelist_add")]
pub async fn add_to_whitelist(
    id: GatewayId,
    revision: i64,
    #[server(default)] vpc: Option<VpcId>,
    blocks: String,
    comment: String,
) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    let typed = (blocks.as_str(), comment.as_str());
    request.control.add_to_whitelist(&principal, &id, revision, vpc.as_ref(), typed).await.map_err(respond)?;
    redirect(&paths::flash(&paths::whitelist(&id, vpc.as_ref()), "whitelist_saved"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "gateway.whitelist_remove")]
pub async fn remove_from_whitelist(
    id: GatewayId,
    revision: i64,
    #[server(default)] vpc: Option<VpcId>,
    block: String,
) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.remove_from_whitelist(&principal, &id, revision, vpc.as_ref(), &block).await.map_err(respond)?;
    redirect(&paths::flash(&paths::whitelist(&id, vpc.as_ref()), "whitelist_saved"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "gateway.test_address")]
pub async fn test_address(id: GatewayId, address: String) -> Result<AddressVerdict, ApiError> {
    let (request, principal) = authorised()?;
    request.control.test_address(&principal, &id, &address).map_err(respond)
}

#[server(prefix = "/api/_fn", endpoint = "gateway.check_connectivity")]
pub async fn check_connectivity(id: GatewayId) -> Result<Option<Connectivity>, ApiError> {
    let (request, principal) = authorised()?;
    request.control.check_connectivity(&principal, &id).await.map_err(respond)
}

#[server(prefix = "/api/_fn", endpoint = "gateway.set_default")]
pub async fn set_default(id: GatewayId, revision: i64, on: bool) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.set_default_gateway(&principal, &id, revision, on).await.map_err(respond)?;
    redirect(&paths::flash(&paths::gateway(&id), "gateway_default"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "gateway.resize")]
pub async fn resize_gateway(id: GatewayId, revision: i64, spec: String, nodes: String) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    let size = SizeDraft { spec, nodes };
    let changed = request.control.resize_gateway(&principal, &id, revision, &size).await.map_err(respond)?;
    let said = if changed { "gateway_resized" } else { "gateway_same_size" };
    redirect(&paths::flash(&paths::gateway_nodes(&id), said));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "gateway.delete")]
pub async fn delete_gateway(id: GatewayId, revision: i64, confirmation: String) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.delete_gateway(&principal, &id, revision, &confirmation).await.map_err(respond)?;
    redirect(&paths::flash(paths::GATEWAYS, "gateway_deleted"));
    Ok(())
}
