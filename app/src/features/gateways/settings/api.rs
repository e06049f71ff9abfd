//! Server functions of a gateway's settings.
#![allow(clippy::too_many_arguments, reason = "a form's fields are a server function's arguments")]

use crate::error::ApiError;
use domain::id::GatewayId;
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use {
    crate::context::{authorised, respond},
    crate::paths,
    domain::arrival::ArrivalDraft,
    domain::gateway::SettingsDraft,
    domain::traffic::TrafficDraft,
    leptos_axum::redirect,
};

#[server(prefix = "/api/_fn", endpoint = "gateway.settings")]
pub async fn set_gateway_settings(
    id: GatewayId,
    revision: i64,
    name: String,
    #[server(default)] labels: String,
    #[server(default)] protected: bool,
) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    let draft = SettingsDraft { name, labels, protected };
    request.control.set_gateway_settings(&principal, &id, revision, &draft).await.map_err(respond)?;
    redirect(&paths::flash(&paths::gateway_settings(&id), "settings_saved"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "gateway.traffic")]
pub async fn set_gateway_traffic(
    id: GatewayId,
    revision: i64,
    connect: String,
    first_byte: String,
    idle: String,
    request: String,
    balance: String,
    #[server(default)] hash_name: String,
) -> Result<(), ApiError> {
    let (asked, principal) = authorised()?;
    let draft = TrafficDraft { connect, first_byte, idle, request, balance, hash_name };
    asked.control.set_traffic_settings(&principal, &id, revision, &draft).await.map_err(respond)?;
    redirect(&paths::flash(&paths::gateway_settings(&id), "settings_saved"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "gateway.arrival")]
pub async fn set_gateway_arrival(
    id: GatewayId,
    revision: i64,
    strangers: String,
    #[server(default)] proxies: String,
) -> Result<(), ApiError> {
    let (asked, principal) = authorised()?;
    let draft = ArrivalDraft { strangers, proxies };
    asked.control.set_arrival_settings(&principal, &id, revision, &draft).await.map_err(respond)?;
    redirect(&paths::flash(&paths::gateway_settings(&id), "settings_saved"));
    Ok(())
}
