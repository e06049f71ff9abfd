//! Orders as they are listed.

use crate::{Control, ControlError};
use domain::id::GatewayId;
use domain::role::Permission;
use domain::view::{OrderView, Page};
use identity::{Principal, authorize};
use store::OrderRow;

const PAGE_SIZE: u32 = 100;

impl Control {
    /// Of the workspace, or of one gateway, also of one that is gone; newest first. Pages from 1.
    pub async fn orders(
        &self,
        principal: &Principal,
        gateway: Option<&GatewayId>,
        page: u32,
    ) -> Result<Page<OrderView>, ControlError> {
        authorize(principal, Permission::Read)?;
        let number = page.clamp(1, u32::MAX / PAGE_SIZE);
        let part = ((number - 1) * PAGE_SIZE, PAGE_SIZE);
        let (rows, total) = self.store().orders(&principal.workspace_id, gateway, part).await?;
        let view = |row: OrderRow| OrderView {
            order: row.order,
            gateway_name: row.gateway_name,
            user_name: row.user_name,
            is_first: row.is_first,
        };
        let items = rows.into_iter().map(view).collect();
        Ok(Page { items, total, unfiltered: total, number, size: PAGE_SIZE })
    }
}
