//! Giving a fully managed gateway another specification or number of nodes.

use crate::{Control, ControlError};
use domain::gateway::{GatewayKind, SizeDraft};
use domain::id::{GatewayId, OrderId};
use domain::order::Order;
use identity::{Principal, entropy};
use std::time::Instant;

impl Control {
    /// The change and its order, together or not at all. Connections stay; engines take the new size without a break.
    /// Returns whether it is another size.
    pub async fn resize_gateway(
        &self,
        principal: &Principal,
        id: &GatewayId,
        seen: i64,
        draft: &SizeDraft,
    ) -> Result<bool, ControlError> {
        let mut edit = self.edit_gateway(principal, id, seen).await?;
        let GatewayKind::FullyManaged { charge, .. } = edit.after.kind else { return Err(ControlError::NoSize) };
        let (spec, nodes) = draft.validate()?;
        let kind = GatewayKind::FullyManaged { spec, nodes, charge };
        if edit.after.kind == kind {
            return Ok(false);
        }
        edit.after.kind = kind;
        let order = Order {
            id: OrderId::from_random(entropy::id()),
            gateway_id: id.clone(),
            spec,
            nodes,
            charge,
            ordered_by: principal.user_id.clone(),
            ordered_at: edit.write.now,
        };
        let began = Instant::now();
        edit.write.tx.insert_order(&order, &principal.account_id, &principal.workspace_id).await?;
        edit.save("gateway.resize").await?;
        let newest = self.newest();
        self.observe(|observed| observed.resized(id, began, &newest));
        Ok(true)
    }
}
