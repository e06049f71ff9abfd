//! Which VPCs an access of an ALB gateway can be put into.

use crate::{Control, ControlError};
use domain::alb::{Access, check_vpc};
use domain::gateway::GatewayKind;
use domain::id::GatewayId;
use domain::network::Vpc;
use domain::role::Permission;
use domain::view::AlbChoice;
use identity::{Principal, authorize};

impl Control {
    /// All that the gateway may link, by name; those that it cannot have now with the reason.
    pub fn alb_choices(
        &self,
        principal: &Principal,
        id: &GatewayId,
        access: Access,
    ) -> Result<Vec<AlbChoice>, ControlError> {
        authorize(principal, Permission::Read)?;
        let gateway = self.find_gateway(principal, id)?;
        if gateway.kind != GatewayKind::Alb {
            return Err(ControlError::OnlyForAlb);
        }
        let all = self.desired().networks.clone();
        let (host, services) = (self.host_addresses(), self.service_vpcs(&gateway));
        let mut may: Vec<&Vpc> = all.vpcs.values().filter(|vpc| all.may_link(&vpc.id, &gateway.account_id)).collect();
        may.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        let choice = |vpc: &Vpc| AlbChoice {
            vpc: self.vpc_view(vpc, &all, principal, &host),
            why_not: check_vpc(&gateway, access, vpc, &all, &services).err(),
        };
        Ok(may.into_iter().map(choice).collect())
    }
}
