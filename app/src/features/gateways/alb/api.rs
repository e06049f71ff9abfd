//! Server functions of ALB gateways.

use crate::error::ApiError;
use domain::alb::Access;
use domain::id::GatewayId;
use domain::view::AlbChoice;
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use {
    crate::context::{authorised, respond},
    crate::paths,
    domain::alb::PublicDraft,
    leptos_axum::redirect,
};

#[server(prefix = "/api/_fn", endpoint = "alb.choices")]
pub async fn alb_choices(id: GatewayId, access: Access) -> Result<Vec<AlbChoice>, ApiError> {
    let (request, principal) = authorised()?;
    request.control.alb_choices(&principal, &id, access).map_err(respond)
}

#[server(prefix = "/api/_fn", endpoint = "alb.enable_public")]
pub async fn enable_public(
    id: GatewayId,
    revision: i64,
    #[server(default)] vpc: String,
    #[server(default)] vswitches: Vec<String>,
    #[server(default)] blocks: String,
) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    let draft = PublicDraft { vpc, vswitches, blocks };
    request.control.enable_alb_public(&principal, &id, revision, &draft).await.map_err(respond)?;
    redirect(&paths::flash(&paths::gateway_internet(&id), "alb_public"));
    Ok(())
}
