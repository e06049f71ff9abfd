//! Public access of an ALB gateway. Access from the VPC is a link, as other gateways have it.

use crate::{Control, ControlError};
use domain::alb::{Access, PublicDraft, PublicZones};
use domain::gateway::GatewayKind;
use domain::id::GatewayId;
use identity::Principal;

impl Control {
    /// With the list of who may enter, so that nobody gets in who should not have. Provisions the instance, if the
    /// gateway has no access yet; disabling is [`Control::set_portal`].
    pub async fn enable_alb_public(
        &self,
        principal: &Principal,
        id: &GatewayId,
        seen: i64,
        draft: &PublicDraft,
    ) -> Result<(), ControlError> {
        let mut edit = self.edit_gateway(principal, id, seen).await?;
        if edit.after.kind != GatewayKind::Alb {
            return Err(ControlError::OnlyForAlb);
        }
        let all = edit.write.tx.inventory().await?;
        let (vpc_id, mut vswitches, whitelist) =
            draft.validate(&all, |vpc| all.may_link(vpc, &edit.after.account_id))?;
        self.check_alb(&edit.after, Access::Internet, &vpc_id, &all).await?;
        vswitches.sort();
        edit.after.internet.enabled = true;
        edit.after.internet.whitelist = whitelist;
        self.take_port(&mut edit).await?;
        edit.settle_alb().await?;
        if let Some(alb) = &mut edit.after.alb {
            alb.public = Some(PublicZones { vpc_id, vswitches });
        }
        edit.save("gateway.public.enable").await
    }
}
