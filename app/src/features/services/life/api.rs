//! Server functions of versions, rollouts, replicas and events.

use crate::error::ApiError;
use domain::endpoint::ReplicaAction;
use domain::id::{ReplicaId, ServiceId};
use domain::service::ServiceEvent;
use domain::view::{OutputView, Page, VersionView};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use {
    crate::context::{authorised, respond},
    crate::paths,
    leptos_axum::redirect,
};

/// What somebody does about a rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Pause,
    Resume,
}

#[server(prefix = "/api/_fn", endpoint = "service.rollout")]
pub async fn step_rollout(id: ServiceId, revision: i64, step: Step) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    match step {
        Step::Pause => request.control.pause_rollout(&principal, &id, revision).await.map_err(respond)?,
        Step::Resume => request.control.resume_rollout(&principal, &id, revision).await.map_err(respond)?,
    }
    redirect(&paths::service(&id));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "service.roll_back")]
pub async fn roll_back(id: ServiceId, revision: i64, version: u32) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.roll_back(&principal, &id, revision, version).await.map_err(respond)?;
    redirect(&paths::service(&id));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "service.restart")]
pub async fn restart_service(id: ServiceId, revision: i64, #[server(default)] from_list: bool) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.restart_service(&principal, &id, revision).await.map_err(respond)?;
    let back = if from_list { paths::SERVICES.to_owned() } else { paths::service(&id) };
    redirect(&paths::flash(&back, "service_restarted"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "service.clone")]
pub async fn clone_service(id: ServiceId, name: String) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    let id = request.control.clone_service(&principal, &id, &name).await.map_err(respond)?;
    redirect(&paths::flash(&paths::service(&id), "service_deployed"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "service.versions")]
pub async fn service_versions(id: ServiceId) -> Result<Vec<VersionView>, ApiError> {
    let (request, principal) = authorised()?;
    request.control.service_versions(&principal, &id).await.map_err(respond)
}

#[server(prefix = "/api/_fn", endpoint = "service.events")]
pub async fn service_events(id: ServiceId, #[server(default)] page: u32) -> Result<Page<ServiceEvent>, ApiError> {
    let (request, principal) = authorised()?;
    request.control.service_events(&principal, &id, page).await.map_err(respond)
}

#[server(prefix = "/api/_fn", endpoint = "replica.act")]
pub async fn act(service: ServiceId, replica: ReplicaId, action: ReplicaAction) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.act(&principal, &service, &replica, action).await.map_err(respond)?;
    redirect(&paths::service(&service));
    Ok(())
}

/// The newest of what it printed, or what is behind or before a place.
#[server(prefix = "/api/_fn", endpoint = "replica.output")]
pub async fn read_output(
    service: ServiceId,
    replica: ReplicaId,
    #[server(default)] after: Option<u64>,
    #[server(default)] before: Option<u64>,
) -> Result<OutputView, ApiError> {
    const BYTES: u32 = 64 * 1024;
    let (request, principal) = authorised()?;
    request.control.read_output(&principal, &service, &replica, after, before, BYTES).await.map_err(respond)
}
