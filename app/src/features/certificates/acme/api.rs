//! Server functions of certificates from ACME servers.

use crate::error::ApiError;
use domain::id::{AcmeAccountId, CertificateId};
use domain::view::{AcmeAccountView, AcmeStart};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use {
    crate::context::{authorised, respond},
    crate::paths,
    domain::certificate::{AccountDraft, AccountEdit, OrderDraft},
    leptos_axum::redirect,
};

/// `directory` is that of a server to ask for its terms, or empty.
#[server(prefix = "/api/_fn", endpoint = "acme.start")]
pub async fn start_acme(#[server(default)] directory: String) -> Result<AcmeStart, ApiError> {
    let (request, principal) = authorised()?;
    request.control.acme_start(&principal, &directory).await.map_err(respond)
}

#[server(prefix = "/api/_fn", endpoint = "acme.register")]
pub async fn register_acme(
    directory: String,
    #[server(default)] contact: String,
    #[server(default)] terms_agreed: bool,
    #[server(default)] key_id: String,
    #[server(default)] hmac_key: String,
) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    let draft = AccountDraft { directory, contact, terms_agreed, key_id, hmac_key };
    let id = request.control.register_acme(&principal, &draft).await.map_err(respond)?;
    redirect(&paths::flash(&paths::order_from(&draft.directory, &id), "acme_registered"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "acme.order")]
pub async fn order_certificate(
    account: AcmeAccountId,
    name: String,
    names: String,
    #[server(default)] challenge: String,
) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    let draft = OrderDraft { name, names, challenge };
    let id = request.control.order_certificate(&principal, &account, &draft).await.map_err(respond)?;
    redirect(&paths::flash(&paths::certificate(&id), "certificate_ordered"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "acme.change")]
pub async fn change_order(
    id: CertificateId,
    revision: i64,
    name: String,
    names: String,
    #[server(default)] challenge: String,
) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    let draft = OrderDraft { name, names, challenge };
    request.control.change_order(&principal, &id, revision, &draft).await.map_err(respond)?;
    redirect(&paths::flash(&paths::certificate(&id), "certificate_ordered"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "acme.order_now")]
pub async fn order_now(id: CertificateId) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.order_now(&principal, &id).await.map_err(respond)?;
    redirect(&paths::flash(&paths::certificate(&id), "certificate_ordered"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "acme.account")]
pub async fn read_acme_account(id: AcmeAccountId) -> Result<AcmeAccountView, ApiError> {
    let (request, principal) = authorised()?;
    request.control.acme_account(&principal, &id).map_err(respond)
}

#[server(prefix = "/api/_fn", endpoint = "acme.edit_account")]
pub async fn edit_acme_account(
    id: AcmeAccountId,
    revision: i64,
    #[server(default)] name: String,
    #[server(default)] contact: String,
) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    let draft = AccountEdit { name, contact };
    request.control.edit_acme_account(&principal, &id, revision, &draft).await.map_err(respond)?;
    redirect(&paths::flash(&paths::acme_account(&id), "acme_account_saved"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "acme.delete_account")]
pub async fn delete_acme_account(id: AcmeAccountId, revision: i64) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.delete_acme_account(&principal, &id, revision).await.map_err(respond)?;
    redirect(&paths::flash(paths::ORDER_CERTIFICATE, "acme_account_deleted"));
    Ok(())
}
