//! A gateway's name, labels and protection, what it says for its services, and who is believed to be whom.

use crate::{Control, ControlError};
use domain::arrival::ArrivalDraft;
use domain::gateway::SettingsDraft;
use domain::id::GatewayId;
use domain::traffic::TrafficDraft;
use identity::Principal;

impl Control {
    pub async fn set_gateway_settings(
        &self,
        principal: &Principal,
        id: &GatewayId,
        seen: i64,
        draft: &SettingsDraft,
    ) -> Result<(), ControlError> {
        let mut edit = self.edit_gateway(principal, id, seen).await?;
        (edit.after.name, edit.after.labels) = draft.validate()?;
        edit.after.protected = draft.protected;
        edit.save("gateway.settings").await
    }

    /// For requests that come from now on; those under way keep their times.
    pub async fn set_traffic_settings(
        &self,
        principal: &Principal,
        id: &GatewayId,
        seen: i64,
        draft: &TrafficDraft,
    ) -> Result<(), ControlError> {
        let mut edit = self.edit_gateway(principal, id, seen).await?;
        edit.after.traffic = draft.validate()?;
        edit.save("gateway.traffic").await
    }

    /// For connections that come from now on, and for requests on those that are open.
    pub async fn set_arrival_settings(
        &self,
        principal: &Principal,
        id: &GatewayId,
        seen: i64,
        draft: &ArrivalDraft,
    ) -> Result<(), ControlError> {
        let mut edit = self.edit_gateway(principal, id, seen).await?;
        edit.after.arrival = draft.validate()?;
        edit.save("gateway.arrival").await
    }
}
