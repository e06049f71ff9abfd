//! Deleting a gateway.

use crate::error::{Missing, of_store};
use crate::{Control, ControlError};
use domain::error::{FieldErrors, Invalid};
use domain::id::GatewayId;
use domain::role::Permission;
use identity::{Principal, authorize};
use store::StoreError;

impl Control {
    /// Refused while services are bound to it, with their names. Else `typed` must be the gateway's name.
    pub async fn delete_gateway(
        &self,
        principal: &Principal,
        id: &GatewayId,
        seen: i64,
        typed: &str,
    ) -> Result<(), ControlError> {
        authorize(principal, Permission::ManageGateways)?;
        self.find_gateway(principal, id)?;
        let mut write = self.write(principal).await?;
        let missing = ControlError::NotFound { what: Missing::Gateway };
        let gateway = write.tx.gateway(id).await?.ok_or(missing)?;
        if gateway.protected {
            return Err(ControlError::Protected);
        }
        let bound = write.tx.services_of(id).await?;
        if !bound.is_empty() {
            return Err(ControlError::GatewayInUse {
                names: bound.iter().map(|service| service.name.to_string()).collect(),
            });
        }
        if typed.trim() != gateway.name.as_str() {
            let expected = gateway.name.to_string();
            return Err(FieldErrors::one("confirmation", Invalid::Confirmation { expected }).into());
        }
        write.tx.delete_gateway(id, seen).await.map_err(|error| match error {
            StoreError::InUse => ControlError::GatewayInUse { names: Vec::new() },
            other => of_store(other, Missing::Gateway, ""),
        })?;
        // Its domains go with it; the certificates that they used are shown no more.
        let domains: Vec<_> = self.desired().names.of_gateway(id).cloned().collect();
        for domain in domains {
            write.domain("domain.delete", Some(&domain), None).await?;
        }
        if let Some(alb) = &gateway.alb {
            write.audit("alb.release", "alb", alb.id.as_str(), Some(alb), None).await?;
        }
        write.gateway("gateway.delete", Some(&gateway), None).await?;
        write.commit().await
    }
}
