//! What a month cost.

use crate::{Control, ControlError, Missing};
use domain::billing::{Month, lines};
use domain::id::GatewayId;
use domain::role::Permission;
use domain::view::{CostLine, CostView};
use identity::{Principal, authorize};

impl Control {
    /// Of the workspace's gateways, also of those that are gone, or of one of them.
    pub async fn cost(
        &self,
        principal: &Principal,
        month: Option<Month>,
        gateway: Option<&GatewayId>,
    ) -> Result<CostView, ControlError> {
        authorize(principal, Permission::Read)?;
        let now = self.now();
        let month = month.unwrap_or(Month::of(now));
        let (ledger, names) =
            self.store().ledger(&principal.workspace_id, gateway, (month.start(), month.end())).await?;
        if gateway.is_some_and(|gateway| !names.contains_key(gateway)) {
            return Err(ControlError::NotFound { what: Missing::Gateway });
        }
        let priced = |list: &domain::billing::PriceList| !list.prices.is_empty();
        let has_prices = ledger.prices.lists().iter().any(priced);
        let named = |line: domain::billing::Line| CostLine {
            gateway_name: names.get(&line.gateway_id).cloned().unwrap_or_default(),
            vpc_name: self.vpc_name(&line.detail),
            line,
        };
        let mut lines: Vec<CostLine> = lines(&ledger, month, now).into_iter().map(named).collect();
        // Of one gateway together already, in the order of its items.
        lines.sort_by(|a, b| (&a.gateway_name, &a.line.gateway_id).cmp(&(&b.gateway_name, &b.line.gateway_id)));
        Ok(CostView {
            month,
            now,
            currency: self.installation().currency,
            has_prices,
            total: lines.iter().map(|line| line.line.amount).sum(),
            lines,
        })
    }

    /// `None` for what is no VPC, or one that is gone.
    fn vpc_name(&self, detail: &str) -> Option<String> {
        let id = detail.parse().ok()?;
        self.desired().networks.vpcs.get(&id).map(|vpc| vpc.name.clone())
    }
}
