//! Server functions of gateways' domains.

use crate::error::ApiError;
use domain::id::{DomainId, GatewayId};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use {
    crate::context::{authorised, respond, wants_html},
    crate::paths,
    domain::custom_domain::DomainDraft,
    leptos_axum::redirect,
};

#[server(prefix = "/api/_fn", endpoint = "domain.create")]
pub async fn create_domain(
    id: GatewayId,
    host: String,
    #[server(default)] side: String,
    #[server(default)] certificate: String,
) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    let draft = DomainDraft { host, side, certificate };
    request.control.add_domain(&principal, &id, &draft).await.map_err(respond)?;
    redirect(&paths::flash(&paths::gateway_domains(&id), "domain_created"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "domain.edit")]
pub async fn edit_domain(
    gateway: GatewayId,
    id: DomainId,
    revision: i64,
    #[server(default)] certificate: String,
) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.edit_domain(&principal, &id, revision, &certificate).await.map_err(respond)?;
    redirect(&paths::flash(&paths::gateway_domains(&gateway), "domain_saved"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "domain.delete")]
pub async fn delete_domain(gateway: GatewayId, id: DomainId, revision: i64) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.delete_domain(&principal, &id, revision).await.map_err(respond)?;
    redirect(&paths::flash(&paths::gateway_domains(&gateway), "domain_deleted"));
    Ok(())
}

/// Asks DNS; the page shows what it said.
#[server(prefix = "/api/_fn", endpoint = "domain.check")]
pub async fn check_domain(gateway: GatewayId, id: DomainId) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.check_domain(&principal, &id).await.map_err(respond)?;
    if wants_html() {
        redirect(&paths::gateway_domains(&gateway));
    }
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "gateway.tls")]
pub async fn set_gateway_tls(
    id: GatewayId,
    revision: i64,
    #[server(default)] redirect_to_https: bool,
    #[server(default)] hsts: bool,
    #[server(default)] authorities: String,
) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    let wanted = (redirect_to_https, hsts);
    request.control.set_gateway_tls(&principal, &id, revision, wanted, &authorities).await.map_err(respond)?;
    redirect(&paths::flash(&paths::gateway_domains(&id), "tls_saved"));
    Ok(())
}
