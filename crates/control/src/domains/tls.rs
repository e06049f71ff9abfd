//! What a gateway asks of its clients' TLS.

use crate::{Control, ControlError};
use domain::error::{FieldErrors, Invalid};
use domain::gateway::TlsSettings;
use domain::id::GatewayId;
use identity::Principal;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

/// A year, as browsers' lists of such hosts ask for.
const HSTS_SECONDS: u64 = 31_536_000;
/// Of authorities, bytes.
const MOST: usize = 64 * 1024;

impl Control {
    /// `authorities` is PEM, empty for none.
    pub async fn set_gateway_tls(
        &self,
        principal: &Principal,
        id: &GatewayId,
        seen: i64,
        (redirect, hsts): (bool, bool),
        authorities: &str,
    ) -> Result<(), ControlError> {
        let client_authorities =
            check_authorities(authorities).map_err(|error| FieldErrors::one("authorities", error))?;
        let mut edit = self.edit_gateway(principal, id, seen).await?;
        edit.after.tls = TlsSettings { redirect, hsts_seconds: hsts.then_some(HSTS_SECONDS), client_authorities };
        edit.save("gateway.tls").await
    }
}

/// As many certificates as there are blocks, and at least one; what they are worth the engine says.
fn check_authorities(typed: &str) -> Result<Option<String>, Invalid> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    if typed.len() > MOST {
        return Err(Invalid::TooLong { max: MOST, len: typed.len() });
    }
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(typed.as_bytes()).collect();
    match all {
        Ok(all) if !all.is_empty() && !typed.contains("PRIVATE KEY") => Ok(Some(format!("{}\n", typed))),
        _ => Err(Invalid::ClientAuthority),
    }
}
