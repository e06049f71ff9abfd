//! The Access Portal and the whitelist of the public side.

use super::edit::GatewayEdit;
use super::vpc::position;
use crate::{Control, ControlError};
use domain::cidr::Cidr;
use domain::error::FieldErrors;
use domain::gateway::{Gateway, GatewayKind};
use domain::id::{GatewayId, VpcId};
use domain::role::Permission;
use domain::view::AddressVerdict;
use domain::whitelist::{Whitelist, parse_address};
use identity::{Principal, authorize};

impl Control {
    /// Turning the portal off keeps the list and the port. An ALB gateway's public access is turned off here as well,
    /// and on by [`Control::enable_alb_public`].
    pub async fn set_portal(
        &self,
        principal: &Principal,
        id: &GatewayId,
        seen: i64,
        on: bool,
    ) -> Result<(), ControlError> {
        let mut edit = self.edit_gateway(principal, id, seen).await?;
        if on && edit.after.kind == GatewayKind::Alb {
            return Err(ControlError::NotForAlb);
        }
        edit.after.internet.enabled = on;
        if on {
            self.take_port(&mut edit).await?;
        } else {
            if let Some(alb) = &mut edit.after.alb {
                alb.public = None;
            }
            edit.settle_alb().await?;
        }
        edit.save("gateway.portal").await
    }

    /// A public port of the gateway's own, if it has none yet.
    pub(crate) async fn take_port(&self, edit: &mut GatewayEdit<'_>) -> Result<(), ControlError> {
        if edit.after.internet.port.is_none() {
            let taken = edit.write.tx.gateway_ports().await?;
            let ports = self.installation().own_ports.clone();
            let (first, last) = (*ports.start(), *ports.end());
            // The engine refuses a gateway's own door on a shared one's address.
            let shared = |port: &u16| self.installation().http.iter().any(|address| address.port() == *port);
            let free = ports.into_iter().find(|port| !taken.contains(port) && !shared(port));
            edit.after.internet.port = Some(free.ok_or(ControlError::NoPortLeft { first, last })?);
        }
        Ok(())
    }

    /// To the public list, or to that of a VPC. Blocks as typed: separated by commas or line feeds, with one comment for all of them.
    pub async fn add_to_whitelist(
        &self,
        principal: &Principal,
        id: &GatewayId,
        seen: i64,
        of: Option<&VpcId>,
        (blocks, comment): (&str, &str),
    ) -> Result<(), ControlError> {
        let mut edit = self.edit_gateway(principal, id, seen).await?;
        let list = whitelist(&mut edit.after, of)?;
        *list = list.with_typed(blocks, comment)?;
        edit.save("gateway.whitelist").await
    }

    pub async fn remove_from_whitelist(
        &self,
        principal: &Principal,
        id: &GatewayId,
        seen: i64,
        of: Option<&VpcId>,
        block: &str,
    ) -> Result<(), ControlError> {
        let block = Cidr::parse(block).map_err(|error| FieldErrors::one("blocks", error))?;
        let mut edit = self.edit_gateway(principal, id, seen).await?;
        let list = whitelist(&mut edit.after, of)?;
        *list = list.without(block);
        edit.save("gateway.whitelist").await
    }

    /// Would this address pass? The same code answers in the engine.
    pub fn test_address(
        &self,
        principal: &Principal,
        id: &GatewayId,
        typed: &str,
    ) -> Result<AddressVerdict, ControlError> {
        authorize(principal, Permission::Read)?;
        let gateway = self.find_gateway(principal, id)?;
        let address = parse_address(typed).map_err(|error| FieldErrors::one("address", error))?;
        let entry = gateway.internet.whitelist.matching(address).map(|entry| entry.cidr.to_string());
        Ok(AddressVerdict { address: address.to_string(), entry })
    }
}

fn whitelist<'g>(gateway: &'g mut Gateway, of: Option<&VpcId>) -> Result<&'g mut Whitelist, ControlError> {
    let Some(vpc) = of else { return Ok(&mut gateway.internet.whitelist) };
    let at = position(gateway, vpc)?;
    Ok(&mut gateway.vpcs[at].whitelist)
}
