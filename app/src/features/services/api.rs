//! Server functions of services.

use crate::error::ApiError;
use domain::id::{ServiceId, TokenId};
use domain::service::ServiceDraft;
use domain::view::{DeployChoices, Page, ServiceDetail, ServiceQuery, ServiceSummary};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use {
    crate::context::{authorised, respond},
    crate::paths,
    leptos_axum::redirect,
};

#[server(prefix = "/api/_fn", endpoint = "service.list")]
pub async fn list_services(#[server(default)] query: ServiceQuery) -> Result<Page<ServiceSummary>, ApiError> {
    let (request, principal) = authorised()?;
    request.control.list_services(&principal, &query).map_err(respond)
}

#[server(prefix = "/api/_fn", endpoint = "service.read")]
pub async fn read_service(id: ServiceId) -> Result<ServiceDetail, ApiError> {
    let (request, principal) = authorised()?;
    request.control.service(&principal, &id).map_err(respond)
}

#[server(prefix = "/api/_fn", endpoint = "service.choices")]
pub async fn service_choices() -> Result<DeployChoices, ApiError> {
    let (request, principal) = authorised()?;
    request.control.deploy_choices(&principal).map_err(respond)
}

#[server(prefix = "/api/_fn", endpoint = "service.deploy")]
pub async fn deploy(draft: ServiceDraft) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    let id = request.control.deploy_service(&principal, &draft).await.map_err(respond)?;
    redirect(&paths::flash(&paths::service(&id), "service_deployed"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "service.set_running")]
pub async fn set_running(id: ServiceId, revision: i64, on: bool) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.set_running(&principal, &id, revision, on).await.map_err(respond)?;
    redirect(&paths::flash(&paths::service(&id), if on { "service_started" } else { "service_stopped" }));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "service.scale")]
pub async fn scale(id: ServiceId, revision: i64, replicas: String) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.scale_service(&principal, &id, revision, &replicas).await.map_err(respond)?;
    redirect(&paths::flash(&paths::service(&id), "service_scaled"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "service.delete")]
pub async fn delete_service(id: ServiceId, revision: i64, confirmation: String) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.delete_service(&principal, &id, revision, &confirmation).await.map_err(respond)?;
    redirect(&paths::flash(paths::SERVICES, "service_deleted"));
    Ok(())
}

/// The token itself. A POST, and noted in the audit; the answer is not kept anywhere.
#[server(prefix = "/api/_fn", endpoint = "token.reveal")]
pub async fn reveal_token(service: ServiceId, id: TokenId) -> Result<String, ApiError> {
    let (request, principal) = authorised()?;
    let secret = request.control.reveal_token(&principal, &service, &id).await.map_err(respond)?;
    request.outcome.put(Ok(secret.reveal().to_owned()));
    Ok(secret.reveal().to_owned())
}
