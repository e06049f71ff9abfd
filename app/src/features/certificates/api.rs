//! Server functions of certificates.

use crate::error::ApiError;
use domain::id::CertificateId;
use domain::view::CertificateView;
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use {
    crate::context::{authorised, respond},
    crate::paths,
    control::CertificateDraft,
    domain::secret::Secret,
    leptos_axum::redirect,
};

/// `files` are in base64.
#[cfg(feature = "ssr")]
fn draft(name: String, chain: String, key: String, files: Vec<String>, password: String) -> CertificateDraft {
    let files = files.into_iter().map(Secret::new).collect();
    CertificateDraft { name, chain, key: Secret::new(key), files, password: Secret::new(password) }
}

#[server(prefix = "/api/_fn", endpoint = "certificate.list")]
pub async fn list_certificates() -> Result<Vec<CertificateView>, ApiError> {
    let (request, principal) = authorised()?;
    request.control.certificates(&principal).map_err(respond)
}

#[server(prefix = "/api/_fn", endpoint = "certificate.read")]
pub async fn read_certificate(id: CertificateId) -> Result<CertificateView, ApiError> {
    let (request, principal) = authorised()?;
    request.control.certificate(&principal, &id).map_err(respond)
}

#[server(prefix = "/api/_fn", endpoint = "certificate.upload")]
pub async fn upload_certificate(
    name: String,
    #[server(default)] chain: String,
    #[server(default)] key: String,
    #[server(default)] files: Vec<String>,
    #[server(default)] password: String,
) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    let draft = draft(name, chain, key, files, password);
    let id = request.control.upload_certificate(&principal, draft).await.map_err(respond)?;
    redirect(&paths::flash(&paths::certificate(&id), "certificate_saved"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "certificate.replace")]
pub async fn replace_certificate(
    id: CertificateId,
    revision: i64,
    name: String,
    #[server(default)] chain: String,
    #[server(default)] key: String,
    #[server(default)] files: Vec<String>,
    #[server(default)] password: String,
) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    let draft = draft(name, chain, key, files, password);
    request.control.replace_certificate(&principal, &id, revision, draft).await.map_err(respond)?;
    redirect(&paths::flash(&paths::certificate(&id), "certificate_saved"));
    Ok(())
}

#[server(prefix = "/api/_fn", endpoint = "certificate.delete")]
pub async fn delete_certificate(id: CertificateId, revision: i64) -> Result<(), ApiError> {
    let (request, principal) = authorised()?;
    request.control.delete_certificate(&principal, &id, revision).await.map_err(respond)?;
    redirect(&paths::flash(paths::CERTIFICATES, "certificate_deleted"));
    Ok(())
}
