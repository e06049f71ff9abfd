//! The instance comes with a gateway's first access and goes with its last one, in the same transaction.

use crate::gateways::{GatewayEdit, SERVICE_LINKED_ROLE};
use crate::{Control, ControlError};
use domain::alb::{Access, AlbInstance, check_vpc};
use domain::error::FieldErrors;
use domain::gateway::{Gateway, GatewayKind};
use domain::id::{AlbId, VpcId};
use domain::network::Inventory;
use domain::service::Service;
use identity::entropy;
use std::sync::Arc;

impl Control {
    /// Whether this access of an ALB gateway may be enabled in `vpc`; another kind of gateway has other rules.
    pub(crate) async fn check_alb(
        &self,
        gateway: &Gateway,
        access: Access,
        vpc: &VpcId,
        all: &Inventory,
    ) -> Result<(), ControlError> {
        if gateway.kind != GatewayKind::Alb {
            return Ok(());
        }
        if let Some(vpc) = all.vpcs.get(vpc) {
            let allowed = check_vpc(gateway, access, vpc, all, &self.service_vpcs(gateway));
            allowed.map_err(|error| FieldErrors::one("vpc", error))?;
        }
        // Asked again and not only at the gateway's creation: it may have been revoked since.
        if !self.store().role_granted(&gateway.account_id, SERVICE_LINKED_ROLE).await? {
            return Err(ControlError::RoleNotGranted { role: SERVICE_LINKED_ROLE });
        }
        Ok(())
    }

    /// Names and VPCs of the services bound to it that are in one, by name: the first of them is named where it stands
    /// in the way.
    pub(super) fn service_vpcs(&self, gateway: &Gateway) -> Vec<(String, VpcId)> {
        let desired = self.desired();
        let of = |service: &Arc<Service>| Some((service.name.to_string(), service.vpc_id.clone()?));
        let mut vpcs: Vec<_> = desired.bound_to(&gateway.id).filter_map(of).collect();
        vpcs.sort();
        vpcs
    }
}

impl GatewayEdit<'_> {
    /// After the accesses were changed. Its id is random and made anew each time, so none comes back.
    pub(crate) async fn settle_alb(&mut self) -> Result<(), ControlError> {
        if self.after.kind != GatewayKind::Alb {
            return Ok(());
        }
        match (&self.after.alb, self.after.has_access()) {
            (None, true) => {
                let id = AlbId::from_random(entropy::id());
                let made = AlbInstance { id, public: None, created_at: self.write.now };
                self.write.audit("alb.provision", "alb", made.id.as_str(), None, Some(&made)).await?;
                self.after.alb = Some(made);
            }
            (Some(gone), false) => {
                self.write.audit("alb.release", "alb", gone.id.as_str(), Some(gone), None).await?;
                self.after.alb = None;
            }
            _ => {}
        }
        Ok(())
    }
}
