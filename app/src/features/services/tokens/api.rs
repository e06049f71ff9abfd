//! Server functions of services' tokens.

use crate::error::ApiError;
use domain::id::{ServiceId, TokenId};
use domain::service::TokenDraft;
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use {
    crate::context::{authorised, respond},
    crate::paths,
    leptos_axum::redirect,
};

/// The token itself. A POST, and noted in the audit; the answer is not kept anywhere.
#[server(prefix = "/api/_fn", endpoint = "token.reveal")]
pub async fn reveal_token(service: ServiceId, id: TokenId) -> Result<String, ApiError> {
    let (request, principal) = authorised()?;
    let secret = request.control.reveal_token(&principal, &service, &id).await.map_err(respond)?;
    request.outcome.put(Ok(secret.reveal().to_owned()));
    Ok(secret.reveal().to_owned())
}

#[server(prefix = "/api/_fn", endpoint = "token.create")]
pub async fn create_token(service: ServiceId, draft: TokenDraft) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.create_token(&principal, &service, &draft).await.map_err(respond)?;
    redirect(&paths::flash(&paths::invocation(&service), "token_created"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "token.edit")]
pub async fn edit_token(service: ServiceId, id: TokenId, revision: i64, draft: TokenDraft) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.edit_token(&principal, &service, &id, revision, &draft).await.map_err(respond)?;
    redirect(&paths::flash(&paths::invocation(&service), "token_saved"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "token.rotate")]
pub async fn rotate_token(service: ServiceId, id: TokenId, revision: i64, overlap: String) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.rotate_token(&principal, &service, &id, revision, &overlap).await.map_err(respond)?;
    redirect(&paths::flash(&paths::invocation(&service), "token_rotated"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "token.delete")]
pub async fn delete_token(
    service: ServiceId,
    id: TokenId,
    revision: i64,
    #[server(default)] confirmation: String,
) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.delete_token(&principal, &service, &id, revision, &confirmation).await.map_err(respond)?;
    redirect(&paths::flash(&paths::invocation(&service), "token_deleted"));
    Ok(())
}
