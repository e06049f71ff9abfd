//! Deleting a service, its tokens and its replicas.

use crate::error::{Missing, of_store};
use crate::{Control, ControlError};
use domain::error::{FieldErrors, Invalid};
use domain::id::ServiceId;
use domain::role::Permission;
use identity::{Principal, authorize};

impl Control {
    /// `typed` must be the service's name: its endpoint and tokens cannot be had back.
    pub async fn delete_service(
        &self,
        principal: &Principal,
        id: &ServiceId,
        seen: i64,
        typed: &str,
    ) -> Result<(), ControlError> {
        authorize(principal, Permission::DeployServices)?;
        let service = self.find_service(principal, id)?;
        if typed.trim() != service.name.as_str() {
            let expected = service.name.to_string();
            return Err(FieldErrors::one("confirmation", Invalid::Confirmation { expected }).into());
        }
        let mut write = self.write(principal).await?;
        write.tx.delete_service(id, seen).await.map_err(|error| of_store(error, Missing::Service, ""))?;
        self.left(&mut write, &service).await?;
        write.service("service.delete", Some(&service), None).await?;
        write.commit().await
    }
}
