//! The Access Portal and the whitelist of the public side.

use crate::error::{Missing, of_store};
use crate::write::Write;
use crate::{Control, ControlError};
use domain::cidr::Cidr;
use domain::error::FieldErrors;
use domain::gateway::{Gateway, GatewayKind};
use domain::id::GatewayId;
use domain::role::Permission;
use domain::view::AddressVerdict;
use domain::whitelist::parse_address;
use identity::{Principal, authorize};

impl Control {
    /// Turning the portal off keeps the list and the port.
    pub async fn set_portal(
        &self,
        principal: &Principal,
        id: &GatewayId,
        seen: i64,
        on: bool,
    ) -> Result<(), ControlError> {
        self.edit_gateway(principal, id, seen, "gateway.portal", async |gateway, write| {
            if gateway.kind == GatewayKind::Alb {
                return Err(ControlError::NotForAlb);
            }
            gateway.internet.enabled = on;
            if on && gateway.internet.port.is_none() {
                let taken = write.tx.gateway_ports().await?;
                let ports = self.installation().own_ports.clone();
                let (first, last) = (*ports.start(), *ports.end());
                let free = ports.into_iter().find(|port| !taken.contains(port));
                gateway.internet.port = Some(free.ok_or(ControlError::NoPortLeft { first, last })?);
            }
            Ok(())
        })
        .await
    }

    /// Blocks as typed: separated by commas or line feeds, with one comment for all of them.
    pub async fn add_to_whitelist(
        &self,
        principal: &Principal,
        id: &GatewayId,
        seen: i64,
        blocks: &str,
        comment: &str,
    ) -> Result<(), ControlError> {
        self.edit_gateway(principal, id, seen, "gateway.whitelist", async |gateway, _| {
            let list = &gateway.internet.whitelist;
            // To tell which field is wrong: an empty comment cannot be.
            let field = if list.with_added(blocks, "").is_ok() { "comment" } else { "blocks" };
            gateway.internet.whitelist =
                list.with_added(blocks, comment).map_err(|error| FieldErrors::one(field, error))?;
            Ok(())
        })
        .await
    }

    pub async fn remove_from_whitelist(
        &self,
        principal: &Principal,
        id: &GatewayId,
        seen: i64,
        block: &str,
    ) -> Result<(), ControlError> {
        let block = Cidr::parse(block).map_err(|error| FieldErrors::one("blocks", error))?;
        self.edit_gateway(principal, id, seen, "gateway.whitelist", async |gateway, _| {
            gateway.internet.whitelist = gateway.internet.whitelist.without(block);
            Ok(())
        })
        .await
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

    /// Reads, changes and writes a gateway under the revision that the editor saw. Saving without a change changes
    /// nothing: no new revision, no audit, no configuration.
    pub(crate) async fn edit_gateway<'c>(
        &'c self,
        principal: &'c Principal,
        id: &GatewayId,
        seen: i64,
        action: &str,
        change: impl AsyncFnOnce(&mut Gateway, &mut Write<'c>) -> Result<(), ControlError>,
    ) -> Result<(), ControlError> {
        authorize(principal, Permission::ManageGateways)?;
        self.find_gateway(principal, id)?;
        let mut write = self.write(principal).await?;
        let missing = ControlError::NotFound { what: Missing::Gateway };
        let before = write.tx.gateway(id).await?.ok_or(missing)?;
        if before.revision != seen {
            return Err(ControlError::Conflict { current: before.revision });
        }
        let mut after = before.clone();
        change(&mut after, &mut write).await?;
        if after == before {
            return Ok(());
        }
        after.revision += 1;
        after.updated_at = write.now;
        let name = after.name.as_str();
        write.tx.update_gateway(&after, seen).await.map_err(|error| of_store(error, Missing::Gateway, name))?;
        write.gateway(action, Some(&before), Some(&after)).await?;
        write.commit().await
    }
}
