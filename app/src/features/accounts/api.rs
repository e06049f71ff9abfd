//! Server functions of accounts.

use crate::error::ApiError;
use domain::id::AccountId;
use domain::view::AccountView;
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use {
    crate::context::{authorised, respond},
    crate::paths,
    domain::account::AccountDraft,
    domain::error::FieldErrors,
    domain::role::Role,
    leptos_axum::redirect,
};

#[server(prefix = "/api/_fn", endpoint = "account.list")]
pub async fn list_accounts() -> Result<Vec<AccountView>, ApiError> {
    let (request, principal) = authorised()?;
    request.control.accounts(&principal).await.map_err(respond)
}

#[server(prefix = "/api/_fn", endpoint = "account.create")]
pub async fn create_account(name: String) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.create_account(&principal, &AccountDraft { name }).await.map_err(respond)?;
    redirect(&paths::flash(paths::ACCOUNTS, "account_created"));
    Ok(())
}

/// The link is shown once; without JavaScript in the page that answers.
#[server(prefix = "/api/_fn", endpoint = "account.invite")]
pub async fn invite_to_account(account: AccountId, role: String) -> Result<String, ApiError> {
    let (request, principal) = authorised()?;
    let role =
        Role::parse(&role).map_err(|error| respond(ApiError::Invalid { fields: FieldErrors::one("role", error) }))?;
    let invited = request.control.invite_to_account(&principal, &account, role).await.map_err(respond)?;
    let link = format!("{}/join/{}", request.origin, invited.token.reveal());
    request.outcome.put(Ok(link.clone()));
    Ok(link)
}
