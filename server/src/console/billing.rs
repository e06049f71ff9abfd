//! A month's cost as a file.

use super::router::Shared;
use super::session::Resolved;
use app::paths;
use axum::extract::{Extension, Query, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use control::ControlError;
use domain::billing::Month;
use domain::id::GatewayId;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    month: Option<String>,
    #[serde(default)]
    gateway: Option<String>,
}

pub async fn csv(
    State(shared): State<Shared>,
    Extension(Resolved(principal)): Extension<Resolved>,
    Query(asked): Query<Asked>,
) -> Response {
    let Some(principal) = principal else { return StatusCode::UNAUTHORIZED.into_response() };
    let month = asked.month.as_deref().map(Month::parse).transpose();
    let gateway = asked.gateway.as_deref().map(str::parse::<GatewayId>).transpose();
    let (Ok(month), Ok(gateway)) = (month, gateway) else {
        let text = "A month is written like 2030-01, and a gateway is named by its id. Export it from the page.\n";
        return (StatusCode::BAD_REQUEST, text).into_response();
    };
    match shared.control.cost_csv(&principal, month, gateway.as_ref()).await {
        Ok(table) => {
            let month = month.unwrap_or(Month::of(shared.control.now()));
            let name = format!("attachment; filename=\"cost-{month}.csv\"");
            ([(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, name)], table).into_response()
        }
        Err(ControlError::NotFound { .. }) => {
            let text = format!("There is no such gateway. See {} for those there are.\n", paths::BILLING);
            (StatusCode::NOT_FOUND, text).into_response()
        }
        Err(ControlError::Forbidden { .. }) => StatusCode::FORBIDDEN.into_response(),
        Err(error) => {
            tracing::error!(%error, "the cost could not be exported");
            (StatusCode::SERVICE_UNAVAILABLE, "The console cannot read its database. Try again in a moment.\n")
                .into_response()
        }
    }
}
