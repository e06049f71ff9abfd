//! Server functions of hosts.

use crate::error::ApiError;
use domain::id::HostId;
use domain::view::{HostView, HostsView};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use {
    crate::context::{authorised, respond},
    crate::paths,
    domain::host::HostDraft,
    domain::secret::Digest256,
    leptos_axum::redirect,
};

#[server(prefix = "/api/_fn", endpoint = "host.list")]
pub async fn list_hosts() -> Result<HostsView, ApiError> {
    let (request, principal) = authorised()?;
    request.control.hosts(&principal).await.map_err(respond)
}

/// With the zones that it can be in.
#[server(prefix = "/api/_fn", endpoint = "host.read")]
pub async fn read_host(id: HostId) -> Result<(HostView, Vec<String>), ApiError> {
    let (request, principal) = authorised()?;
    request.control.host_with_zones(&principal, &id).await.map_err(respond)
}

/// The command that makes another machine one of them. It is shown once; without JavaScript in the page that answers.
#[server(prefix = "/api/_fn", endpoint = "host.invite")]
pub async fn invite_host(name: String, zone: String) -> Result<String, ApiError> {
    let (request, principal) = authorised()?;
    let (address, token) = request.control.invite_host(&principal, &HostDraft { name, zone }).await.map_err(respond)?;
    let command = format!("inference-gateway join {address} {}", token.reveal());
    request.outcome.put(Ok(command.clone()));
    Ok(command)
}

#[server(prefix = "/api/_fn", endpoint = "host.withdraw")]
pub async fn withdraw_host(token: String) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    let digest: Digest256 = token.parse().map_err(|_| respond(ApiError::BadRequest))?;
    request.control.withdraw_host(&principal, &digest).await.map_err(respond)?;
    redirect(&paths::flash(paths::HOSTS, "host_saved"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "host.edit")]
pub async fn edit_host(id: HostId, revision: i64, name: String, zone: String) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.edit_host(&principal, &id, revision, &HostDraft { name, zone }).await.map_err(respond)?;
    redirect(&paths::flash(&paths::host(&id), "host_saved"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "host.drain")]
pub async fn drain_host(id: HostId, revision: i64, on: bool) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.drain_host(&principal, &id, revision, on).await.map_err(respond)?;
    redirect(&paths::flash(&paths::host(&id), "host_saved"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "host.remove")]
pub async fn remove_host(id: HostId, revision: i64) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.remove_host(&principal, &id, revision).await.map_err(respond)?;
    redirect(&paths::flash(paths::HOSTS, "host_removed"));
    Ok(())
}
