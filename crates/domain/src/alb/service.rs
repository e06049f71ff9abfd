//! The VPC of a service: that of the ALB gateway which serves it.

use crate::error::Invalid;
use crate::gateway::{Gateway, GatewayKind};
use crate::id::VpcId;
use crate::network::Inventory;

/// The VPC of a service that `gateway` will serve, from what was chosen for it. Without a choice it is that of an ALB
/// gateway that is in one. What such a gateway cannot be in later, its services cannot be in now.
///
/// # Errors
/// What stands against the choice: the gateway's account may not link this VPC, or an ALB gateway cannot serve it there.
pub fn service_vpc(gateway: &Gateway, chosen: Option<&VpcId>, all: &Inventory) -> Result<Option<VpcId>, Invalid> {
    let Some(chosen) = chosen else {
        return Ok(gateway.alb_vpc().cloned());
    };
    let vpc = all.vpcs.get(chosen).filter(|vpc| all.may_link(&vpc.id, &gateway.account_id)).ok_or(Invalid::Choice)?;
    if gateway.kind == GatewayKind::Alb && vpc.account_id != gateway.account_id {
        return Err(Invalid::AlbOtherAccount);
    }
    match gateway.alb_vpc().filter(|of_gateway| *of_gateway != chosen) {
        Some(other) => Err(Invalid::ServiceVpc { vpc: all.vpc_name(other) }),
        None => Ok(Some(chosen.clone())),
    }
}
