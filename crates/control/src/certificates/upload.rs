//! Certificates that operators upload.

use crate::error::{Missing, of_store};
use crate::names::Held;
use crate::{Control, ControlError};
use certs::Upload;
use chrono::{DateTime, Utc};
use domain::certificate::CertificateDefect;
use domain::error::{FieldErrors, Invalid};
use domain::id::CertificateId;
use domain::name::GatewayName;
use domain::role::Permission;
use domain::secret::Secret;
use identity::{Principal, authorize, entropy};
use store::CertificateRow;

/// What somebody typed.
#[derive(Clone, Debug)]
pub struct CertificateDraft {
    pub name: String,
    /// PEM, perhaps with the key in it.
    pub chain: String,
    /// PEM.
    pub key: Secret,
}

impl Control {
    pub async fn upload_certificate(
        &self,
        principal: &Principal,
        draft: CertificateDraft,
    ) -> Result<CertificateId, ControlError> {
        authorize(principal, Permission::ManageGateways)?;
        let (name, read) = (name(&draft.name), read(draft.chain, draft.key, self.now()).await);
        let (name, read) = together(name, read)?;
        let id = CertificateId::from_random(entropy::id());
        let mut write = self.write(principal).await?;
        let row = CertificateRow {
            account_id: principal.account_id.clone(),
            workspace_id: principal.workspace_id.clone(),
            name,
            sealed_key: self.seal(&read.key, id.as_str())?,
            chain: read.chain_pem,
            facts: Some(read.facts),
            acme: None,
            revision: 1,
            created_at: write.now,
            updated_at: write.now,
            id,
        };
        let told = |error| of_store(error, Missing::Certificate, &row.name);
        write.tx.insert_certificate(&row).await.map_err(told)?;
        let held = Held { key: Some(read.key), row };
        write.certificate("certificate.upload", None, Some(&held)).await?;
        write.commit().await?;
        Ok(held.row.id)
    }

    /// Another chain and key in its place, and no more orders if it was ordered; every domain that uses it shows the new one at once. Refused where a domain
    /// would no longer be covered.
    pub async fn replace_certificate(
        &self,
        principal: &Principal,
        id: &CertificateId,
        seen: i64,
        draft: CertificateDraft,
    ) -> Result<(), ControlError> {
        authorize(principal, Permission::ManageGateways)?;
        self.find_certificate(principal, id)?;
        let (name, read) = (name(&draft.name), read(draft.chain, draft.key, self.now()).await);
        let (name, read) = together(name, read)?;
        let mut write = self.write(principal).await?;
        let before = write.tx.certificate(id).await?.ok_or(ControlError::NotFound { what: Missing::Certificate })?;
        if before.revision != seen {
            return Err(ControlError::Conflict { current: before.revision });
        }
        let desired = self.desired();
        if let Some(domain) = desired.names.with(id).find(|domain| !read.facts.covers(&domain.host)) {
            let names = read.facts.names.join(", ");
            return Err(
                FieldErrors::one("chain", Invalid::CertificateNames { host: domain.host.clone(), names }).into()
            );
        }
        let mut after =
            CertificateRow { name, chain: read.chain_pem, facts: Some(read.facts), acme: None, ..before.clone() };
        if after == before {
            return Ok(());
        }
        after.sealed_key = self.seal(&read.key, id.as_str())?;
        after.revision += 1;
        after.updated_at = write.now;
        let told = |error| of_store(error, Missing::Certificate, &after.name);
        write.tx.update_certificate(&after, seen).await.map_err(told)?;
        let held = Held { key: Some(read.key), row: after };
        write.certificate("certificate.replace", Some(&before), Some(&held)).await?;
        write.commit().await
    }

    /// Refused while domains use it, with their names.
    pub async fn delete_certificate(
        &self,
        principal: &Principal,
        id: &CertificateId,
        seen: i64,
    ) -> Result<(), ControlError> {
        authorize(principal, Permission::ManageGateways)?;
        let held = self.find_certificate(principal, id)?;
        let mut write = self.write(principal).await?;
        let names: Vec<String> = self.desired().names.with(id).map(|domain| domain.host.clone()).collect();
        if !names.is_empty() {
            return Err(ControlError::CertificateInUse { names });
        }
        let told = |error| of_store(error, Missing::Certificate, "");
        write.tx.delete_certificate(id, seen).await.map_err(told)?;
        write.certificate("certificate.delete", Some(&held.row), None).await?;
        write.commit().await
    }

    fn seal(&self, key: &Secret, context: &str) -> Result<String, ControlError> {
        self.inner.key.seal(key, context).ok_or(ControlError::Sealed)
    }
}

fn name(typed: &str) -> Result<String, Invalid> {
    GatewayName::parse(typed.trim()).map(|name| name.to_string())
}

/// Off the threads that serve: reading may take a while.
async fn read(chain: String, key: Secret, now: DateTime<Utc>) -> Result<certs::Certificate, FieldErrors> {
    let upload =
        Upload { certificate: chain.into_bytes(), key: key.reveal().as_bytes().to_vec(), password: Secret::new("") };
    let read = tokio::task::spawn_blocking(move || certs::read(&upload, now)).await;
    let defects = match read {
        Ok(Ok(read)) => return Ok(read),
        Ok(Err(defects)) => defects.0,
        Err(_) => vec![CertificateDefect::Garbage],
    };
    let mut errors = FieldErrors::default();
    for defect in defects {
        errors.push(field(&defect), Invalid::Certificate { defect });
    }
    Err(errors)
}

/// Where the defect is to be mended.
fn field(defect: &CertificateDefect) -> &'static str {
    use CertificateDefect as D;
    match defect {
        D::NoKey
        | D::SeveralKeys { .. }
        | D::KeyUnreadable
        | D::KeyEncrypted
        | D::KeyUnsupported { .. }
        | D::KeyMismatch => "key",
        _ => "chain",
    }
}

/// All that is wrong at once.
fn together<T>(name: Result<String, Invalid>, read: Result<T, FieldErrors>) -> Result<(String, T), FieldErrors> {
    match (name, read) {
        (Ok(name), Ok(read)) => Ok((name, read)),
        (Ok(_), Err(errors)) => Err(errors),
        (Err(error), read) => {
            let mut errors = FieldErrors::one("name", error);
            errors.0.extend(read.err().into_iter().flat_map(|errors| errors.0));
            Err(errors)
        }
    }
}
