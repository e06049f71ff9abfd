//! Certificates that operators upload.

use super::draft::CertificateDraft;
use crate::error::{Missing, of_store};
use crate::names::Held;
use crate::{Control, ControlError};
use domain::error::{FieldErrors, Invalid};
use domain::id::CertificateId;
use domain::name::GatewayName;
use domain::role::Permission;
use domain::secret::Secret;
use identity::{Principal, authorize, entropy};
use store::CertificateRow;

impl Control {
    pub async fn upload_certificate(
        &self,
        principal: &Principal,
        draft: CertificateDraft,
    ) -> Result<CertificateId, ControlError> {
        authorize(principal, Permission::ManageGateways)?;
        let (name, read) = (name(&draft.name), draft.read(self.now()).await);
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

    /// Another chain and key in its place, and no more orders if it was ordered; every domain that uses it shows the new
    /// one at once. Refused where a domain would no longer be covered.
    pub async fn replace_certificate(
        &self,
        principal: &Principal,
        id: &CertificateId,
        seen: i64,
        draft: CertificateDraft,
    ) -> Result<(), ControlError> {
        authorize(principal, Permission::ManageGateways)?;
        self.find_certificate(principal, id)?;
        let place = if draft.files.is_empty() { "chain" } else { "files" };
        let (name, read) = (name(&draft.name), draft.read(self.now()).await);
        let (name, read) = together(name, read)?;
        let mut write = self.write(principal).await?;
        let before = write.tx.certificate(id).await?.ok_or(ControlError::NotFound { what: Missing::Certificate })?;
        if before.revision != seen {
            return Err(ControlError::Conflict { current: before.revision });
        }
        let desired = self.desired();
        if let Some(domain) = desired.names.with(id).find(|domain| !read.facts.covers(&domain.host)) {
            let names = read.facts.names.join(", ");
            let error = Invalid::CertificateNames { host: domain.host.clone(), names };
            return Err(FieldErrors::one(place, error).into());
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
