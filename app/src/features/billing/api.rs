//! Server functions of billing.

use crate::error::ApiError;
use domain::billing::Month;
use domain::id::GatewayId;
use domain::view::{CostView, OrderView, Page, PricesView, SubscriptionView};
use leptos::prelude::*;
use std::collections::BTreeMap;
#[cfg(feature = "ssr")]
use {
    crate::context::{authorised, respond},
    crate::paths,
    domain::billing::PriceDraft,
    leptos_axum::redirect,
};

#[server(prefix = "/api/_fn", endpoint = "billing.cost")]
pub async fn read_cost(
    #[server(default)] month: Option<Month>,
    #[server(default)] gateway: Option<GatewayId>,
) -> Result<CostView, ApiError> {
    let (request, principal) = authorised()?;
    request.control.cost(&principal, month, gateway.as_ref()).await.map_err(respond)
}

#[server(prefix = "/api/_fn", endpoint = "billing.orders")]
pub async fn list_orders(
    #[server(default)] gateway: Option<GatewayId>,
    #[server(default)] page: u32,
) -> Result<Page<OrderView>, ApiError> {
    let (request, principal) = authorised()?;
    request.control.orders(&principal, gateway.as_ref(), page).await.map_err(respond)
}

#[server(prefix = "/api/_fn", endpoint = "billing.prices")]
pub async fn read_prices() -> Result<PricesView, ApiError> {
    let (request, principal) = authorised()?;
    request.control.prices(&principal).await.map_err(respond)
}

#[server(prefix = "/api/_fn", endpoint = "billing.set_prices")]
pub async fn set_prices(revision: i64, #[server(default)] draft: BTreeMap<String, String>) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    let draft = PriceDraft::of_fields(draft);
    let changed = request.control.set_prices(&principal, revision, &draft).await.map_err(respond)?;
    redirect(&paths::flash(paths::PRICES, if changed { "prices_saved" } else { "nothing_changed" }));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "billing.subscription")]
pub async fn read_subscription(id: GatewayId) -> Result<Option<SubscriptionView>, ApiError> {
    let (request, principal) = authorised()?;
    request.control.subscription(&principal, &id).await.map_err(respond)
}

#[server(prefix = "/api/_fn", endpoint = "billing.set_renewal")]
pub async fn set_renewal(id: GatewayId, revision: i64, on: bool) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    let changed = request.control.set_renewal(&principal, &id, revision, on).await.map_err(respond)?;
    let said = match (changed, on) {
        (false, _) => "nothing_changed",
        (true, true) => "renewal_on",
        (true, false) => "renewal_off",
    };
    redirect(&paths::flash(&paths::gateway(&id), said));
    Ok(())
}
