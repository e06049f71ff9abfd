//! The list, from memory: what is shown depends on what was observed as much as on what is stored.

use crate::compile::Configurations;
use crate::observed::Observed;
use crate::{Control, ControlError, Desired};
use domain::gateway::Gateway;
use domain::role::Permission;
use domain::status::{AlbStatus, GatewayStatus};
use domain::view::{GatewayQuery, GatewaySort, GatewaySummary, Page};
use identity::{Principal, authorize};
use std::cmp::Ordering;

pub const PAGE_SIZE: u32 = 100;

impl Control {
    pub fn list_gateways(
        &self,
        principal: &Principal,
        query: &GatewayQuery,
    ) -> Result<Page<GatewaySummary>, ControlError> {
        authorize(principal, Permission::Read)?;
        let (desired, newest) = (self.desired(), self.newest());
        let observed = self.observed();
        let own = |gateway: &&std::sync::Arc<Gateway>| gateway.workspace_id == principal.workspace_id;
        let unfiltered = desired.gateways.values().filter(own).count() as u64;
        let needle = query.search.trim().to_lowercase();
        let mut found: Vec<GatewaySummary> = desired
            .gateways
            .values()
            .filter(own)
            .filter(|gateway| {
                needle.is_empty()
                    || gateway.name.as_str().to_lowercase().contains(&needle)
                    || gateway.id.as_str().contains(&needle)
            })
            .filter(|gateway| query.label.trim().is_empty() || gateway.labels.matches(&query.label))
            .filter(|gateway| query.kind.as_ref().is_none_or(|kind| gateway.kind.tag() == kind))
            .map(|gateway| summary(gateway, &desired, &observed, &newest))
            .filter(|summary| query.status.is_none_or(|status| summary.status == status))
            .collect();
        found.sort_by(|a, b| compare(a, b, query));
        let total = found.len() as u64;
        let last = u32::try_from(total.div_ceil(u64::from(PAGE_SIZE))).unwrap_or(u32::MAX).max(1);
        // A page behind the last one is what remains when gateways were deleted meanwhile.
        let number = query.page.clamp(1, last);
        let items = found.into_iter().skip(((number - 1) * PAGE_SIZE) as usize).take(PAGE_SIZE as usize).collect();
        Ok(Page { items, total, unfiltered, number, size: PAGE_SIZE })
    }
}

pub(super) fn summary(
    gateway: &Gateway,
    desired: &Desired,
    observed: &Observed,
    newest: &Configurations,
) -> GatewaySummary {
    let status = match (observed.gateway(gateway, newest).0, observed.alb(gateway, newest)) {
        // It runs, and cannot be reached wherever it should.
        (GatewayStatus::Running, Some(alb)) if alb.status == AlbStatus::Degraded => GatewayStatus::Degraded,
        (status, _) => status,
    };
    GatewaySummary {
        id: gateway.id.clone(),
        name: gateway.name.clone(),
        kind: gateway.kind.clone(),
        status,
        portal: observed.portal(gateway, newest).0,
        is_default: gateway.is_default,
        labels: gateway.labels.clone(),
        services: desired.count_bound_to(&gateway.id) as u32,
        created_at: gateway.created_at,
    }
}

fn compare(a: &GatewaySummary, b: &GatewaySummary, query: &GatewayQuery) -> Ordering {
    let name = |summary: &GatewaySummary| summary.name.as_str().to_lowercase();
    let order = match query.sort {
        // Newest first is what people expect of a list by creation.
        GatewaySort::Created => b.created_at.cmp(&a.created_at),
        GatewaySort::Name => name(a).cmp(&name(b)),
        GatewaySort::Status => urgency(a.status).cmp(&urgency(b.status)),
        GatewaySort::Services => a.services.cmp(&b.services),
    };
    let order = if query.descending { order.reverse() } else { order };
    // The id decides where all else is equal, so that pages neither repeat nor lose a row.
    order.then_with(|| a.id.cmp(&b.id))
}

/// What needs somebody comes first.
fn urgency(status: GatewayStatus) -> u8 {
    match status {
        GatewayStatus::Failed => 0,
        GatewayStatus::Unknown => 1,
        GatewayStatus::Degraded => 2,
        GatewayStatus::Creating => 3,
        GatewayStatus::Running => 4,
    }
}
