//! Server functions of services.

use crate::error::ApiError;
use domain::id::ServiceId;
use domain::service::form::Form;
use domain::service::{PlaceDraft, ScalingDraft};
use domain::view::{
    DeployChoices, DeployQuery, DeployStart, Page, Preview, ServiceDetail, ServiceQuery, ServiceRow, TemplateView,
};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use {
    crate::context::{authorised, respond},
    crate::paths,
    domain::service::form::Typed,
    leptos_axum::redirect,
};

#[server(prefix = "/api/_fn", endpoint = "service.list")]
pub async fn list_services(#[server(default)] query: ServiceQuery) -> Result<Page<ServiceRow>, ApiError> {
    let (request, principal) = authorised()?;
    request.control.list_services(&principal, &query).map_err(respond)
}

#[server(prefix = "/api/_fn", endpoint = "service.read")]
pub async fn read_service(id: ServiceId) -> Result<ServiceDetail, ApiError> {
    let (request, principal) = authorised()?;
    request.control.service(&principal, &id).map_err(respond)
}

#[server(prefix = "/api/_fn", endpoint = "service.deploy")]
pub async fn deploy(
    #[server(default)] draft: Option<Form>,
    #[server(default)] document: String,
    #[server(default)] base: String,
) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    let typed = Typed { form: draft, document, base };
    let id = request.control.deploy_typed(&principal, &typed).await.map_err(respond)?;
    redirect(&paths::flash(&paths::service(&id), "service_deployed"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "service.choices")]
pub async fn service_choices() -> Result<DeployChoices, ApiError> {
    let (request, principal) = authorised()?;
    request.control.deploy_choices(&principal).map_err(respond)
}

/// What the wizard starts with.
#[server(prefix = "/api/_fn", endpoint = "service.start")]
pub async fn start_deploy(#[server(default)] query: DeployQuery) -> Result<DeployStart, ApiError> {
    let (request, principal) = authorised()?;
    request.control.start_deploy(&principal, &query).map_err(respond)
}

#[server(prefix = "/api/_fn", endpoint = "service.update")]
pub async fn update_service(
    id: ServiceId,
    revision: i64,
    #[server(default)] draft: Option<Form>,
    #[server(default)] document: String,
    #[server(default)] base: String,
) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    let typed = Typed { form: draft, document, base };
    let changed = request.control.update_typed(&principal, &id, revision, &typed).await.map_err(respond)?;
    redirect(&paths::flash(&paths::service(&id), if changed { "service_updated" } else { "nothing_changed" }));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "service.templates")]
pub async fn service_templates() -> Result<Vec<TemplateView>, ApiError> {
    authorised()?;
    Ok(control::service_templates())
}

/// What would come of it; nothing is changed. Of an existing service with its `id`.
#[server(prefix = "/api/_fn", endpoint = "service.preview")]
pub async fn preview_service(
    #[server(default)] id: Option<ServiceId>,
    #[server(default)] draft: Option<Form>,
    #[server(default)] document: String,
    #[server(default)] base: String,
) -> Result<Preview, ApiError> {
    let (request, principal) = authorised()?;
    let typed = Typed { form: draft, document, base };
    // Without a script the page is made anew, and what was typed into fields for secrets is not kept for it.
    let preview = request.control.preview(&principal, id.as_ref(), &typed, request.is_page).map_err(respond)?;
    request.outcome.put(Ok(serde_json::to_string(&preview).unwrap_or_default()));
    Ok(preview)
}

#[server(prefix = "/api/_fn", endpoint = "service.set_running")]
pub async fn set_running(
    id: ServiceId,
    revision: i64,
    on: bool,
    #[server(default)] from_list: bool,
) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.set_running(&principal, &id, revision, on).await.map_err(respond)?;
    let back = if from_list { paths::SERVICES.to_owned() } else { paths::service(&id) };
    redirect(&paths::flash(&back, if on { "service_started" } else { "service_stopped" }));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "service.scale")]
pub async fn scale(id: ServiceId, revision: i64, replicas: String) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.scale_service(&principal, &id, revision, &replicas).await.map_err(respond)?;
    redirect(&paths::flash(&paths::service(&id), "service_scaled"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "service.set_scaling")]
pub async fn set_scaling(id: ServiceId, revision: i64, draft: ScalingDraft) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.set_scaling(&principal, &id, revision, &draft).await.map_err(respond)?;
    redirect(&paths::flash(&paths::scaling(&id), "service_saved"));
    Ok(())
}

/// Into the group of this name, or out of the one that it is in.
#[server(prefix = "/api/_fn", endpoint = "service.set_group")]
pub async fn set_group(id: ServiceId, revision: i64, group: String) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.set_group(&principal, &id, revision, &group).await.map_err(respond)?;
    redirect(&paths::flash(&paths::service_group(&id), "service_saved"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "service.set_place")]
pub async fn set_place(id: ServiceId, revision: i64, draft: PlaceDraft) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.set_place(&principal, &id, revision, &draft).await.map_err(respond)?;
    redirect(&paths::flash(&paths::service_group(&id), "service_saved"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "service.delete")]
pub async fn delete_service(id: ServiceId, revision: i64, confirmation: String) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.delete_service(&principal, &id, revision, &confirmation).await.map_err(respond)?;
    redirect(&paths::flash(paths::SERVICES, "service_deleted"));
    Ok(())
}
