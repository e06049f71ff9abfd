//! Zones, and whether gateways can have addresses in them.

use crate::{Control, ControlError, Missing};
use domain::network::{Zone, ZoneDraft};
use domain::role::Permission;
use identity::Principal;

impl Control {
    pub async fn add_zone(&self, principal: &Principal, draft: &ZoneDraft) -> Result<(), ControlError> {
        self.authorize_operator(principal, Permission::ManageNetworks)?;
        let mut write = self.write(principal).await?;
        let id = write.tx.inventory().await?.check_zone(draft)?;
        let zone = Zone { id: id.clone(), supported: true };
        write.tx.insert_zone(&self.installation().region, &zone).await?;
        write.network("zone.create", &id, None, Some(&zone)).await?;
        write.commit().await
    }

    /// Links that are there stay; new ones are refused.
    pub async fn support_zone(&self, principal: &Principal, id: &str, supported: bool) -> Result<(), ControlError> {
        self.authorize_operator(principal, Permission::ManageNetworks)?;
        let mut write = self.write(principal).await?;
        let zones = write.tx.inventory().await?.zones;
        let (_, before) = zones.get(id).ok_or(ControlError::NotFound { what: Missing::Zone })?;
        if before.supported == supported {
            return Ok(());
        }
        let after = Zone { supported, ..before.clone() };
        write.tx.support_zone(id, supported).await?;
        write.network("zone.support", id, Some(before), Some(&after)).await?;
        write.commit().await
    }

    pub async fn delete_zone(&self, principal: &Principal, id: &str) -> Result<(), ControlError> {
        self.authorize_operator(principal, Permission::ManageNetworks)?;
        let mut write = self.write(principal).await?;
        let all = write.tx.inventory().await?;
        let (_, zone) = all.zones.get(id).ok_or(ControlError::NotFound { what: Missing::Zone })?;
        let inside = all.vswitches.values().filter(|vswitch| vswitch.zone == id);
        let hosts = self.desired().hosts.clone();
        let waiting = self.inner.store.join_tokens(write.now).await?;
        let waiting = waiting.into_iter().filter(|token| token.host.zone == id).map(|token| token.host.name);
        let hosts = hosts.values().filter(|host| !host.removed && host.zone == id).map(|host| host.name.clone());
        let names: Vec<String> = inside.map(|vswitch| vswitch.name.clone()).chain(hosts).chain(waiting).collect();
        if !names.is_empty() {
            return Err(ControlError::ZoneInUse { names });
        }
        write.tx.delete_zone(id).await?;
        write.network::<Zone>("zone.delete", id, Some(zone), None).await?;
        write.commit().await
    }
}
