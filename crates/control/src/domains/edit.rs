//! Giving a gateway a name, changing its certificate, taking it away.

use crate::error::{Missing, of_store};
use crate::names::Names;
use crate::{Control, ControlError};
use chrono::{DateTime, Utc};
use domain::certificate::covers;
use domain::custom_domain::{CustomDomain, DomainDraft, DomainSide, is_own, parse_host};
use domain::error::{FieldErrors, Invalid};
use domain::gateway::Gateway;
use domain::id::{CertificateId, DomainId, GatewayId};
use domain::role::Permission;
use identity::{Principal, authorize, entropy};
use std::sync::Arc;

impl Control {
    pub async fn add_domain(
        &self,
        principal: &Principal,
        gateway: &GatewayId,
        draft: &DomainDraft,
    ) -> Result<DomainId, ControlError> {
        authorize(principal, Permission::ManageGateways)?;
        self.find_gateway(principal, gateway)?;
        let mut write = self.write(principal).await?;
        let mut errors = FieldErrors::default();
        let host = errors.take("host", self.check_host(&draft.host));
        let side = errors.take("side", DomainSide::parse(&draft.side));
        let (Some(host), Some(side)) = (host, side) else { return Err(errors.into()) };
        errors.take("host", self.check_free(principal, &host, side, gateway));
        let certificate_id =
            errors.take("certificate", self.check_certificate(principal, &draft.certificate, &host, side));
        let certificate_id = errors.finish(certificate_id)?;
        let domain = CustomDomain {
            id: DomainId::from_random(entropy::id()),
            account_id: principal.account_id.clone(),
            workspace_id: principal.workspace_id.clone(),
            gateway_id: gateway.clone(),
            host,
            side,
            certificate_id,
            revision: 1,
            created_at: write.now,
            updated_at: write.now,
        };
        write.tx.insert_domain(&domain).await.map_err(|error| of_store(error, Missing::Domain, &domain.host))?;
        write.domain("domain.create", None, Some(&domain)).await?;
        write.commit().await?;
        Ok(domain.id)
    }

    /// Another certificate, or none.
    pub async fn edit_domain(
        &self,
        principal: &Principal,
        id: &DomainId,
        seen: i64,
        certificate: &str,
    ) -> Result<(), ControlError> {
        authorize(principal, Permission::ManageGateways)?;
        let mut write = self.write(principal).await?;
        let before = self.find_domain(principal, id)?;
        if before.revision != seen {
            return Err(ControlError::Conflict { current: before.revision });
        }
        let certificate_id = self
            .check_certificate(principal, certificate, &before.host, before.side)
            .map_err(|error| FieldErrors::one("certificate", error))?;
        if certificate_id == before.certificate_id {
            return Ok(());
        }
        let mut after = CustomDomain { certificate_id, ..CustomDomain::clone(&before) };
        after.revision += 1;
        after.updated_at = write.now;
        write.tx.update_domain(&after, seen).await.map_err(|error| of_store(error, Missing::Domain, ""))?;
        write.domain("domain.edit", Some(&before), Some(&after)).await?;
        write.commit().await
    }

    pub async fn delete_domain(&self, principal: &Principal, id: &DomainId, seen: i64) -> Result<(), ControlError> {
        authorize(principal, Permission::ManageGateways)?;
        let mut write = self.write(principal).await?;
        let before = self.find_domain(principal, id)?;
        write.tx.delete_domain(id, seen).await.map_err(|error| of_store(error, Missing::Domain, ""))?;
        write.domain("domain.delete", Some(&before), None).await?;
        write.commit().await
    }

    fn check_host(&self, typed: &str) -> Result<String, Invalid> {
        let host = parse_host(typed, |name| idna::domain_to_ascii_strict(name).ok())?;
        let base = &self.installation().base_domain;
        if is_own(&host, base) { Err(Invalid::OwnDomain { base: base.clone() }) } else { Ok(host) }
    }

    /// A name has one owner: on its two sides the same gateway.
    fn check_free(
        &self,
        principal: &Principal,
        host: &str,
        side: DomainSide,
        gateway: &GatewayId,
    ) -> Result<(), Invalid> {
        let desired = self.desired();
        let mut same = desired.names.domains.values().filter(|domain| domain.host == host);
        match same.find(|domain| domain.side == side || domain.gateway_id != *gateway) {
            Some(other) => {
                // Another workspace's gateways are nobody else's business, not even their names.
                let own = |owner: &&Arc<Gateway>| owner.workspace_id == principal.workspace_id;
                let owner = desired.gateways.get(&other.gateway_id).filter(own);
                let gateway = owner.map_or_else(|| "…".to_owned(), |owner| owner.name.to_string());
                Err(Invalid::DomainTaken { host: host.into(), gateway })
            }
            None => Ok(()),
        }
    }

    /// Empty for none.
    fn check_certificate(
        &self,
        principal: &Principal,
        chosen: &str,
        host: &str,
        side: DomainSide,
    ) -> Result<Option<CertificateId>, Invalid> {
        if chosen.is_empty() {
            return Ok(None);
        }
        let id: CertificateId = chosen.parse().map_err(|_| Invalid::Choice)?;
        let held = self.find_certificate(principal, &id).map_err(|_| Invalid::Choice)?;
        let facts = held.row.facts.as_ref().ok_or(Invalid::CertificateNotIssued)?;
        if !facts.covers(host) {
            return Err(Invalid::CertificateNames { host: host.into(), names: facts.names.join(", ") });
        }
        // What it will be for soon counts as well: another one is ordered in its place.
        let order = held.row.acme.as_ref();
        if let Some(order) = order.filter(|order| !order.names.iter().any(|name| covers(name, host))) {
            return Err(Invalid::CertificateNames { host: host.into(), names: order.names.join(", ") });
        }
        check_time(facts.not_after, self.now())?;
        let desired = self.desired();
        match other_side(&desired.names, host, side) {
            Some(other) if other != id => {
                let held = desired.names.certificates.get(&other);
                let certificate = held.map_or_else(|| other.to_string(), |held| held.row.name.clone());
                Err(Invalid::OtherCertificate { host: host.into(), certificate })
            }
            _ => Ok(Some(id)),
        }
    }

    pub(crate) fn find_domain(&self, principal: &Principal, id: &DomainId) -> Result<Arc<CustomDomain>, ControlError> {
        let found = self.desired().names.domains.get(id).cloned();
        let own = found.filter(|domain| domain.workspace_id == principal.workspace_id);
        own.ok_or(ControlError::NotFound { what: Missing::Domain })
    }
}

fn check_time(not_after: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), Invalid> {
    if not_after > now {
        return Ok(());
    }
    Err(Invalid::CertificateExpired { on: not_after.format("%Y-%m-%d").to_string() })
}

/// What the same name uses on its other side: an engine shows one certificate for a name.
fn other_side(names: &Names, host: &str, side: DomainSide) -> Option<CertificateId> {
    let other = names.domains.values().find(|domain| domain.host == host && domain.side != side)?;
    other.certificate_id.clone()
}
