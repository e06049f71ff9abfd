//! Services from what the wizard's form or a document says.

use crate::{Control, ControlError};
use domain::error::{FieldErrors, Invalid};
use domain::id::{GatewayId, ServiceId};
use domain::role::Permission;
use domain::service::document::{LONGEST, hide, print, reveal, text};
use domain::service::form::{Typed, by_key, diff, fill, summary};
use domain::service::{CheckedDraft, Service, Why};
use domain::view::{Preview, ServiceDocument};
use identity::{Principal, authorize};

/// Who wrote a document and no form is told of its keys.
fn named(error: ControlError, typed: &Typed) -> ControlError {
    match error {
        ControlError::Invalid(errors) if typed.form.is_none() => ControlError::Invalid(by_key(errors)),
        other => other,
    }
}

impl Control {
    pub async fn deploy_typed(&self, principal: &Principal, typed: &Typed) -> Result<ServiceId, ControlError> {
        authorize(principal, Permission::DeployServices)?;
        self.check_separated(principal)?;
        let deployed = self.deploy_checked(principal, typed.merged()?.check()?, Why::Deploy).await;
        deployed.map_err(|error| named(error, typed))
    }

    /// Tells whether anything is different.
    pub async fn update_typed(
        &self,
        principal: &Principal,
        id: &ServiceId,
        seen: i64,
        typed: &Typed,
    ) -> Result<bool, ControlError> {
        authorize(principal, Permission::DeployServices)?;
        self.check_separated(principal)?;
        let mut merged = typed.merged()?;
        reveal(&mut merged.document, &print(&self.said(&*self.find_service(principal, id)?)));
        let draft = merged.check()?;
        let scaled = typed.shown_replicas().is_some_and(|shown| shown != draft.replicas);
        let updated = self.update_checked(principal, id, seen, draft, scaled).await;
        updated.map_err(|error| named(error, typed))
    }

    /// Environments may hold secrets: only for those who may change them.
    pub fn service_document(&self, principal: &Principal, id: &ServiceId) -> Result<ServiceDocument, ControlError> {
        authorize(principal, Permission::DeployServices)?;
        let service = self.find_service(principal, id)?;
        let document = hide(&print(&self.said(&service)));
        Ok(ServiceDocument {
            id: id.clone(),
            name: service.name.to_string(),
            revision: service.revision,
            form: fill(&document),
            document: text(&document),
        })
    }

    /// What a deploy or an update would do. What is wrong is part of the answer, unless the document cannot be read.
    /// Secrets of fields that go on showing what was typed are not in the answer; where they do not (`keep_secrets`), the
    /// document has to carry them.
    pub fn preview(
        &self,
        principal: &Principal,
        id: Option<&ServiceId>,
        typed: &Typed,
        keep_secrets: bool,
    ) -> Result<Preview, ControlError> {
        authorize(principal, Permission::DeployServices)?;
        let before = id.map(|id| self.find_service(principal, id)).transpose()?;
        let old = before.as_ref().map(|service| print(&self.said(service)));
        let mut whole = typed.merged()?;
        let document = if keep_secrets { whole.document.clone() } else { typed.without_secrets().merged()?.document };
        if let Some(old) = &old {
            reveal(&mut whole.document, old);
        }
        let shown = text(&document);
        // It could not be sent back.
        if shown.len() > LONGEST {
            let error = Invalid::TooLong { max: LONGEST, len: shown.len() };
            return Err(FieldErrors::one("document", error).into());
        }
        let mut preview = Preview {
            form: fill(&document),
            document: shown,
            errors: FieldErrors::default(),
            capacity: None,
            gateway: None,
            changes: Vec::new(),
            is_rolled: false,
        };
        let new = match whole.check() {
            Ok(new) => new,
            Err(errors) => return Ok(Preview { errors, ..preview }),
        };
        preview.capacity = Some(summary(&new));
        preview.gateway = self.gateway_of(principal, before.as_deref(), &new);
        if preview.gateway.is_none() {
            preview.errors = FieldErrors::one("gateway", Invalid::Choice);
        }
        if let (Some(old), Some(before)) = (&old, &before) {
            preview.changes = diff(old, &print(&new));
            let mut workload = new.spec.workload.clone();
            workload.restart = before.spec.workload.restart;
            preview.is_rolled = workload != before.spec.workload;
        }
        Ok(preview)
    }

    fn gateway_of(&self, principal: &Principal, before: Option<&Service>, draft: &CheckedDraft) -> Option<GatewayId> {
        let desired = self.desired();
        let mut own = desired.gateways.values().filter(|gateway| gateway.workspace_id == principal.workspace_id);
        let named = draft.gateway_id.as_ref().or(before.map(|service| &service.gateway_id));
        let found = match named {
            Some(id) => own.find(|gateway| gateway.id == *id),
            None => own.find(|gateway| gateway.is_default),
        };
        found.map(|gateway| gateway.id.clone())
    }

    /// What a document of it says, with its secrets but tokens, which are no part of it.
    fn said(&self, service: &Service) -> CheckedDraft {
        CheckedDraft {
            name: service.name.clone(),
            gateway_id: Some(service.gateway_id.clone()),
            vpc_id: service.vpc_id.clone(),
            vswitch_id: service.spec.vswitch_id.clone(),
            workspace_id: None,
            group: self.desired().group_of(service).map(|held| held.group.name.clone()),
            labels: service.labels.clone(),
            token: None,
            replicas: service.replicas,
            scaling: service.scaling.clone(),
            spec: service.spec.clone(),
        }
    }
}
