//! The server function behind a gateway's picture.

#[cfg(feature = "ssr")]
use crate::context::{authorised, respond};
use crate::error::ApiError;
use domain::id::GatewayId;
use domain::view::{GatewayDetail, Structure};
use leptos::prelude::*;

#[server(prefix = "/api/_fn", endpoint = "gateway.structure")]
pub async fn read_structure(id: GatewayId) -> Result<(GatewayDetail, Structure), ApiError> {
    let (request, principal) = authorised()?;
    let gateway = request.control.gateway(&principal, &id).map_err(respond)?;
    let structure = request.control.gateway_structure(&principal, &id).map_err(respond)?;
    Ok((gateway, structure))
}
