//! Server functions of gateways' access from VPCs.

use crate::error::ApiError;
use domain::id::{GatewayId, VpcId};
use domain::view::VpcView;
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use {
    crate::context::{authorised, respond},
    crate::paths,
    domain::network::LinkDraft,
    leptos_axum::redirect,
};

#[server(prefix = "/api/_fn", endpoint = "gateway.vpc_choices")]
pub async fn linkable_vpcs(id: GatewayId) -> Result<Vec<VpcView>, ApiError> {
    let (request, principal) = authorised()?;
    request.control.linkable(&principal, &id).map_err(respond)
}

#[server(prefix = "/api/_fn", endpoint = "gateway.vpc_link")]
pub async fn link_vpc(
    id: GatewayId,
    revision: i64,
    #[server(default)] vpc: String,
    #[server(default)] vswitches: Vec<String>,
    #[server(default)] authoritative_dns: bool,
) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    let draft = LinkDraft { vpc, vswitches, authoritative_dns };
    request.control.link_vpc(&principal, &id, revision, &draft).await.map_err(respond)?;
    redirect(&paths::flash(&paths::gateway_vpcs(&id), "vpc_linked"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "gateway.vpc_edit")]
pub async fn edit_vpc_link(
    id: GatewayId,
    revision: i64,
    vpc: VpcId,
    #[server(default)] vswitches: Vec<String>,
    #[server(default)] authoritative_dns: bool,
) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    let draft = LinkDraft { vpc: vpc.to_string(), vswitches, authoritative_dns };
    request.control.edit_vpc_link(&principal, &id, revision, &draft).await.map_err(respond)?;
    redirect(&paths::flash(&paths::gateway_vpc(&id, &vpc), "vpc_edited"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "gateway.vpc_peers")]
pub async fn set_peers(
    id: GatewayId,
    revision: i64,
    vpc: VpcId,
    #[server(default)] peers: Vec<String>,
) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.set_peers(&principal, &id, revision, &vpc, &peers).await.map_err(respond)?;
    redirect(&paths::flash(&paths::gateway_vpc(&id, &vpc), "vpc_peers"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "gateway.vpc_unlink")]
pub async fn unlink_vpc(id: GatewayId, revision: i64, vpc: VpcId) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.unlink_vpc(&principal, &id, revision, &vpc).await.map_err(respond)?;
    redirect(&paths::flash(&paths::gateway_vpcs(&id), "vpc_unlinked"));
    Ok(())
}
