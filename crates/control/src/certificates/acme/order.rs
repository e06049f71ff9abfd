//! Ordering a certificate, ordering it otherwise, and at once. What is done about it follows from what is stored.

use super::due;
use crate::error::{Missing, of_store};
use crate::names::Held;
use crate::{Control, ControlError};
use domain::certificate::{AcmeOrder, ChallengeKind, OrderDraft, covers, parse_names};
use domain::custom_domain::is_own;
use domain::error::{FieldErrors, Invalid};
use domain::id::{AcmeAccountId, CertificateId, WorkspaceId};
use domain::name::GatewayName;
use domain::role::Permission;
use identity::{Principal, authorize, entropy};
use store::CertificateRow;

/// What was typed, found good.
struct Checked {
    name: String,
    names: Vec<String>,
    challenge: ChallengeKind,
}

/// Of a name that is proven over DNS: `_acme-challenge.` comes before it, and 253 characters are the most.
const LONGEST_FOR_DNS: usize = 237;

impl Control {
    /// It is there at once, and shown to clients when it has been issued.
    pub async fn order_certificate(
        &self,
        principal: &Principal,
        account: &AcmeAccountId,
        draft: &OrderDraft,
    ) -> Result<CertificateId, ControlError> {
        authorize(principal, Permission::ManageGateways)?;
        self.find_acme_account(principal, account)?;
        let mut write = self.write(principal).await?;
        let checked = self.check_order(principal, draft)?;
        let row = CertificateRow {
            id: CertificateId::from_random(entropy::id()),
            account_id: principal.account_id.clone(),
            workspace_id: principal.workspace_id.clone(),
            name: checked.name,
            chain: String::new(),
            sealed_key: String::new(),
            facts: None,
            acme: Some(AcmeOrder {
                account_id: account.clone(),
                names: checked.names,
                challenge: checked.challenge,
                next_attempt: Some(write.now),
                failed: 0,
                last: None,
            }),
            revision: 1,
            created_at: write.now,
            updated_at: write.now,
        };
        let told = |error| of_store(error, Missing::Certificate, &row.name);
        write.tx.insert_certificate(&row).await.map_err(told)?;
        let held = Held { key: None, row };
        write.certificate("certificate.order", None, Some(&held)).await?;
        write.commit().await?;
        Ok(held.row.id)
    }

    /// Other names, another way to prove them, or another name for it; ordered at once. What was issued before is shown
    /// until then. Refused where a domain would no longer be covered.
    pub async fn change_order(
        &self,
        principal: &Principal,
        id: &CertificateId,
        seen: i64,
        draft: &OrderDraft,
    ) -> Result<(), ControlError> {
        authorize(principal, Permission::ManageGateways)?;
        let mut write = self.write(principal).await?;
        let held = self.find_certificate(principal, id)?;
        let Some(order) = &held.row.acme else {
            return Err(ControlError::NotFound { what: Missing::AcmeAccount });
        };
        if held.row.revision != seen {
            return Err(ControlError::Conflict { current: held.row.revision });
        }
        let checked = self.check_order(principal, draft)?;
        let desired = self.desired();
        let uncovered = |host: &str| !checked.names.iter().any(|name| covers(name, host));
        if let Some(domain) = desired.names.with(id).find(|domain| uncovered(&domain.host)) {
            let names = checked.names.join(", ");
            let error = Invalid::CertificateNames { host: domain.host.clone(), names };
            return Err(FieldErrors::one("names", error).into());
        }
        let mut row = held.row.clone();
        row.name = checked.name;
        let is_other = order.names != checked.names || order.challenge != checked.challenge;
        if is_other {
            let (names, challenge) = (checked.names, checked.challenge);
            row.acme = Some(AcmeOrder { names, challenge, next_attempt: Some(write.now), failed: 0, ..order.clone() });
        }
        if row == held.row {
            return Ok(());
        }
        row.revision += 1;
        row.updated_at = write.now;
        let told = |error| of_store(error, Missing::Certificate, &row.name);
        write.tx.update_certificate(&row, seen).await.map_err(told)?;
        let after = Held { key: held.key.clone(), row };
        write.certificate("certificate.change", Some(&held.row), Some(&after)).await?;
        write.commit().await
    }

    /// Orders it now, whenever it would have been. Refused while the server wants to be left alone.
    pub async fn order_now(&self, principal: &Principal, id: &CertificateId) -> Result<(), ControlError> {
        authorize(principal, Permission::ManageGateways)?;
        let mut write = self.write(principal).await?;
        let held = self.find_certificate(principal, id)?;
        let Some(order) = held.row.acme.clone() else {
            return Err(ControlError::NotFound { what: Missing::AcmeAccount });
        };
        if let Some(until) = due::left_alone_until(&self.desired(), &held.row).filter(|until| *until > write.now) {
            let retry_after_s = (until - write.now).num_seconds().unsigned_abs() + 1;
            return Err(ControlError::LeftAlone { retry_after_s });
        }
        let mut row = held.row.clone();
        row.acme = Some(AcmeOrder { next_attempt: Some(write.now), ..order.clone() });
        write.tx.note_acme(id, row.acme.as_ref().unwrap_or(&order)).await?;
        let after = Held { key: held.key.clone(), row };
        write.certificate("certificate.order_now", Some(&held.row), Some(&after)).await?;
        write.commit().await
    }

    fn check_order(&self, principal: &Principal, draft: &OrderDraft) -> Result<Checked, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.take("name", GatewayName::parse(draft.name.trim()));
        let challenge = ChallengeKind::parse(&draft.challenge).and_then(|kind| self.check_challenge(kind));
        let challenge = errors.take("challenge", challenge);
        // Without a choice wildcards are not what is wrong.
        let kind = challenge.unwrap_or(ChallengeKind::Dns01);
        let to_ascii = |name: &str| idna::domain_to_ascii_strict(name).ok();
        let names =
            parse_names(&draft.names, kind, to_ascii).and_then(|names| self.check_names(principal, names, kind));
        let names = errors.take("names", names);
        let all = name.zip(challenge).zip(names);
        let ((name, challenge), names) = errors.finish(all)?;
        Ok(Checked { name: name.to_string(), names, challenge })
    }

    /// Whether this installation can answer it at all.
    pub(super) fn check_challenge(&self, challenge: ChallengeKind) -> Result<ChallengeKind, Invalid> {
        let installation = self.installation();
        let is_on = match challenge {
            ChallengeKind::Http01 => !installation.http.is_empty(),
            ChallengeKind::TlsAlpn01 => !installation.https.is_empty(),
            ChallengeKind::Dns01 => !installation.dns.is_empty(),
        };
        if is_on { Ok(challenge) } else { Err(Invalid::ChallengeOff { challenge }) }
    }

    /// Engines answer for every host that leads to them. So nobody gets a certificate for another workspace's names.
    fn check_names(
        &self,
        principal: &Principal,
        names: Vec<String>,
        kind: ChallengeKind,
    ) -> Result<Vec<String>, Invalid> {
        let (desired, installation) = (self.desired(), self.installation());
        for name in &names {
            // The answer stands below it.
            if kind == ChallengeKind::Dns01 && name.len() > LONGEST_FOR_DNS {
                return Err(Invalid::TooLong { max: LONGEST_FOR_DNS, len: name.len() });
            }
            if self.is_anothers(&principal.workspace_id, name) {
                // As it was typed: what exactly the other one has is not told.
                return Err(Invalid::DomainTaken { host: name.clone(), gateway: "…".into() });
            }
            let own = desired.gateways.values().filter(|gateway| gateway.workspace_id == principal.workspace_id);
            let mut own = own.map(|gateway| installation.public_host(&gateway.id));
            if is_own(name, &installation.base_domain) && !own.any(|host| host == *name) {
                return Err(Invalid::OwnDomain { base: installation.base_domain.clone() });
            }
        }
        Ok(names)
    }

    /// Whether another workspace has a domain that a certificate for this name would be for, or the other way round.
    pub(super) fn is_anothers(&self, workspace: &WorkspaceId, name: &str) -> bool {
        let desired = self.desired();
        let mut others = desired.names.domains.values().filter(|domain| domain.workspace_id != *workspace);
        others.any(|domain| domain.host == name || covers(name, &domain.host) || covers(&domain.host, name))
    }
}
