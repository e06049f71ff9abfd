//! Services from what the wizard's form or a document says.

use crate::{Control, ControlError};
use domain::error::{FieldErrors, Invalid};
use domain::id::{GatewayId, ServiceId};
use domain::role::Permission;
use domain::service::document::{LONGEST, hide, print, reveal, text};
use domain::service::form::{Merged, Typed, diff, fill, summary};
use domain::service::{CheckedDraft, Service, Why};
use domain::view::{Preview, ServiceDocument};
use identity::{Principal, authorize};

impl Control {
    pub async fn deploy_typed(&self, principal: &Principal, typed: &Typed) -> Result<ServiceId, ControlError> {
        authorize(principal, Permission::DeployServices)?;
        self.check_separated(principal)?;
        self.deploy_checked(principal, typed.merged()?.check()?, Why::Deploy).await
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
        self.update_checked(principal, id, seen, merged.check()?).await
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
    pub fn preview(
        &self,
        principal: &Principal,
        id: Option<&ServiceId>,
        typed: &Typed,
    ) -> Result<Preview, ControlError> {
        authorize(principal, Permission::DeployServices)?;
        let before = id.map(|id| self.find_service(principal, id)).transpose()?;
        let old = before.as_ref().map(|service| print(&self.said(service)));
        let Merged { form, document } = typed.merged()?;
        let mut whole = Merged { form, document: document.clone() };
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
