//! Certificates as the console shows them: never their keys.

use crate::names::Held;
use crate::{Control, ControlError, Missing};
use domain::certificate::{AcmeOrder, ChallengeKind};
use domain::custom_domain::DomainSide;
use domain::id::CertificateId;
use domain::role::Permission;
use domain::view::{AcmeView, Alias, CertificateView, UsedBy};
use identity::{Principal, authorize};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Control {
    /// Those that expire first come first, behind those that nobody has issued yet.
    pub fn certificates(&self, principal: &Principal) -> Result<Vec<CertificateView>, ControlError> {
        authorize(principal, Permission::Read)?;
        let desired = self.desired();
        let own = desired.names.certificates.values();
        let mut views: Vec<CertificateView> = own
            .filter(|held| held.row.workspace_id == principal.workspace_id)
            .map(|held| self.certificate_view(held))
            .collect();
        let until = |view: &CertificateView| view.facts.as_ref().map(|facts| facts.not_after);
        views.sort_by(|a, b| (until(a), &a.name).cmp(&(until(b), &b.name)));
        Ok(views)
    }

    pub fn certificate(&self, principal: &Principal, id: &CertificateId) -> Result<CertificateView, ControlError> {
        authorize(principal, Permission::Read)?;
        let held = self.find_certificate(principal, id)?;
        Ok(self.certificate_view(&held))
    }

    fn certificate_view(&self, held: &Held) -> CertificateView {
        let desired = self.desired();
        let used_by = desired.names.with(&held.row.id).filter_map(|domain| {
            let gateway = desired.gateways.get(&domain.gateway_id)?;
            let (gateway_id, gateway_name) = (gateway.id.clone(), gateway.name.clone());
            Some(UsedBy { host: domain.host.clone(), side: domain.side, gateway_id, gateway_name, is_own: false })
        });
        let own = desired.shown_by(held, self.installation()).map(|(gateway, name)| UsedBy {
            host: name.clone(),
            side: DomainSide::Public,
            gateway_id: gateway.id.clone(),
            gateway_name: gateway.name.clone(),
            is_own: true,
        });
        let acme = held.row.acme.as_ref().map(|order| AcmeView {
            directory: desired
                .acme_accounts
                .get(&order.account_id)
                .map_or_else(String::new, |account| account.directory.clone()),
            order: order.clone(),
            aliases: aliases(order, &self.installation().base_domain),
            under_way: self.observed().ordering.contains(&held.row.id),
        });
        CertificateView {
            id: held.row.id.clone(),
            name: held.row.name.clone(),
            days_left: held.row.facts.as_ref().map(|facts| facts.days_left(self.now())),
            is_sealed: held.key.is_none() && held.row.facts.is_some(),
            facts: held.row.facts.clone(),
            acme,
            used_by: used_by.chain(own).collect(),
            revision: held.row.revision,
            created_at: held.row.created_at,
            updated_at: held.row.updated_at,
        }
    }

    /// One of the workspace; another workspace's does not exist for who asks.
    pub(crate) fn find_certificate(
        &self,
        principal: &Principal,
        id: &CertificateId,
    ) -> Result<Arc<Held>, ControlError> {
        let found = self.desired().names.certificates.get(id).cloned();
        let own = found.filter(|held| held.row.workspace_id == principal.workspace_id);
        own.ok_or(ControlError::NotFound { what: Missing::Certificate })
    }
}

/// What `in_place` answers at, too. A wildcard is proven at the name that it is below.
fn aliases(order: &AcmeOrder, base: &str) -> Vec<Alias> {
    if order.challenge != ChallengeKind::Dns01 {
        return Vec::new();
    }
    let names: BTreeSet<&str> = order.names.iter().map(|name| name.strip_prefix("*.").unwrap_or(name)).collect();
    let alias = |name: &str| {
        let name = format!("_acme-challenge.{name}");
        Alias { target: format!("{name}.{base}"), name }
    };
    names.into_iter().map(alias).collect()
}
