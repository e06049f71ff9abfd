//! Server functions of groups.

use crate::error::ApiError;
use domain::id::{GroupId, TokenId};
use domain::service::Weights;
use domain::view::{GroupDetail, GroupSummary};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use {
    crate::context::{authorised, respond},
    crate::paths,
    leptos_axum::redirect,
};

#[server(prefix = "/api/_fn", endpoint = "group.list")]
pub async fn list_groups() -> Result<Vec<GroupSummary>, ApiError> {
    let (request, principal) = authorised()?;
    request.control.groups(&principal).map_err(respond)
}

#[server(prefix = "/api/_fn", endpoint = "group.read")]
pub async fn read_group(id: GroupId) -> Result<GroupDetail, ApiError> {
    let (request, principal) = authorised()?;
    request.control.group(&principal, &id).map_err(respond)
}

#[server(prefix = "/api/_fn", endpoint = "group.set_weights")]
pub async fn set_weights(id: GroupId, revision: i64, weights: Weights) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.set_weights(&principal, &id, revision, weights).await.map_err(respond)?;
    redirect(&paths::flash(&paths::group(&id), "group_saved"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "group.rotate_token")]
pub async fn rotate_group_token(id: GroupId, revision: i64, overlap: u32) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.rotate_group_token(&principal, &id, revision, overlap).await.map_err(respond)?;
    redirect(&paths::flash(&paths::group(&id), "token_rotated"));
    Ok(())
}

/// The token itself. A POST, and noted in the audit; the answer is not kept anywhere.
#[server(prefix = "/api/_fn", endpoint = "group.reveal_token")]
pub async fn reveal_group_token(group: GroupId, id: TokenId) -> Result<String, ApiError> {
    let (request, principal) = authorised()?;
    let secret = request.control.reveal_group_token(&principal, &group, &id).await.map_err(respond)?;
    request.outcome.put(Ok(secret.reveal().to_owned()));
    Ok(secret.reveal().to_owned())
}
