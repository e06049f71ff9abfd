//! What a service may be bound to.

use crate::write::Write;
use crate::{Control, ControlError};
use domain::alb::service_vpc;
use domain::error::{FieldErrors, Invalid};
use domain::id::{GatewayId, VpcId};
use domain::service::form::by_field;
use domain::service::{CheckedDraft, Runtime};
use identity::Principal;

impl Control {
    /// The draft's gateway, or the default one, and its VPC, as far as all of it goes together.
    pub(super) async fn bound(
        &self,
        write: &mut Write<'_>,
        principal: &Principal,
        draft: &CheckedDraft,
    ) -> Result<(GatewayId, Option<VpcId>), ControlError> {
        if draft.workspace_id.as_ref().is_some_and(|id| *id != principal.workspace_id) {
            let expected = principal.workspace_id.to_string();
            return Err(FieldErrors::one("metadata.workspace_id", Invalid::Confirmation { expected }).into());
        }
        let desired = self.desired();
        let mut own = desired.gateways.values().filter(|gateway| gateway.workspace_id == principal.workspace_id);
        let gateway = match &draft.gateway_id {
            Some(id) => own.find(|gateway| gateway.id == *id),
            None => own.find(|gateway| gateway.is_default),
        };
        let gateway = gateway.ok_or_else(|| FieldErrors::one("gateway", Invalid::Choice))?;
        let against = draft.check_for(&gateway.kind);
        if !against.is_empty() {
            return Err(by_field(against).into());
        }
        // Who chooses a folder of the host for a container reads and writes there as root.
        let is_container = matches!(draft.spec.workload.runtime, Runtime::Container { .. });
        if is_container && !draft.spec.workload.mounts.is_empty() && !self.operates(principal) {
            return Err(FieldErrors::one("mounts", Invalid::OperatorMounts).into());
        }
        let all = write.tx.inventory().await?;
        let vpc_id = service_vpc(gateway, draft.vpc_id.as_ref(), &all);
        let vpc_id = vpc_id.map_err(|error| FieldErrors::one("vpc", error))?;
        if let Some(id) = &draft.vswitch_id {
            let vswitch = all.vswitches.get(id).filter(|vswitch| Some(&vswitch.vpc_id) == vpc_id.as_ref());
            vswitch.ok_or_else(|| FieldErrors::one("vswitch", Invalid::Choice))?;
        }
        Ok((gateway.id.clone(), vpc_id))
    }
}
