//! The list of services, from memory.

use crate::observed::Observed;
use crate::{Control, ControlError, Desired};
use domain::id::GatewayId;
use domain::role::Permission;
use domain::service::Service;
use domain::status::{Reason, ServiceStatus};
use domain::view::{Page, ServiceQuery, ServiceRow, ServiceSort, ServiceSummary};
use identity::{Principal, authorize};
use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;
use std::sync::Arc;

pub const PAGE_SIZE: u32 = 100;

impl Control {
    pub fn list_services(&self, principal: &Principal, query: &ServiceQuery) -> Result<Page<ServiceRow>, ControlError> {
        authorize(principal, Permission::Read)?;
        let desired = self.desired();
        let observed = self.observed();
        let apart = observed.apart();
        let now = self.uptime_ms();
        let own: Vec<_> =
            desired.services.values().filter(|service| service.workspace_id == principal.workspace_id).collect();
        let mut found: Vec<ServiceRow> = own
            .iter()
            .filter(|service| matches(service, &desired, query))
            .filter_map(|service| {
                let of_it = apart.of(&service.id);
                let summary = summary(service, &desired, of_it)?;
                let rate = observed.service_rate(&service.id, now);
                Some(row(summary, service, &desired, of_it, rate))
            })
            .filter(|row| query.status.is_none_or(|status| row.summary.status == status))
            .collect();
        found.sort_by(|a, b| compare(a, b, query));
        let total = found.len() as u64;
        let last = u32::try_from(total.div_ceil(u64::from(PAGE_SIZE))).unwrap_or(u32::MAX).max(1);
        let number = query.page.clamp(1, last);
        let shown = found.into_iter().skip(((number - 1) * PAGE_SIZE) as usize).take(PAGE_SIZE as usize);
        let items = self.with_endpoints(shown, &desired);
        Ok(Page { items, total, unfiltered: own.len() as u64, number, size: PAGE_SIZE })
    }

    /// A gateway is asked once for all of its services.
    fn with_endpoints(&self, rows: impl Iterator<Item = ServiceRow>, desired: &Desired) -> Vec<ServiceRow> {
        let mut known: HashMap<GatewayId, Option<String>> = HashMap::new();
        let first = |id: &GatewayId| {
            let gateway = desired.gateways.get(id)?;
            let public = self.public_endpoints(gateway).into_iter().next();
            let inside = || self.endpoints_inside(gateway).into_iter().next().filter(|_| !gateway.vpcs.is_empty());
            public.or_else(inside).map(|endpoint| endpoint.url)
        };
        rows.map(|row| {
            let id = &row.summary.gateway_id;
            let door = known.entry(id.clone()).or_insert_with(|| first(id));
            let endpoint = door.as_ref().map(|door| format!("{door}/api/predict/{}", row.summary.name));
            ServiceRow { endpoint, ..row }
        })
        .collect()
    }
}

fn matches(service: &Arc<Service>, desired: &Desired, query: &ServiceQuery) -> bool {
    let needle = query.search.trim().to_lowercase();
    let (group, label) = (query.group.trim(), query.label.trim());
    (service.name.as_str().contains(&needle) || service.id.as_str().contains(&needle))
        && query.gateway.as_ref().is_none_or(|gateway| *gateway == service.gateway_id)
        && (label.is_empty() || service.labels.matches(label))
        && (group.is_empty() || group_of(service, desired).is_some_and(|name| name.as_str() == group))
}

fn group_of<'d>(service: &Service, desired: &'d Desired) -> Option<&'d domain::name::ServiceName> {
    let place = service.place.as_ref()?;
    desired.groups.get(&place.group_id).map(|held| &held.group.name)
}

fn row(summary: ServiceSummary, service: &Service, desired: &Desired, observed: &Observed, rate: u64) -> ServiceRow {
    let is_wrong = |reason| !matches!(reason, Reason::ConfigLoaded | Reason::Listening | Reason::ProbePassed);
    let (_, _, conditions) = observed.service(service);
    ServiceRow {
        revision: service.revision,
        running: service.running,
        labels: service.labels.clone(),
        owner: service.owner.clone(),
        group: group_of(service, desired).cloned(),
        endpoint: None,
        rate,
        reason: conditions.into_iter().find(|condition| is_wrong(condition.reason)),
        summary,
    }
}

fn compare(a: &ServiceRow, b: &ServiceRow, query: &ServiceQuery) -> Ordering {
    let (first, second) = (&a.summary, &b.summary);
    let order = match query.sort {
        ServiceSort::Created => second.created_at.cmp(&first.created_at),
        ServiceSort::Name => first.name.cmp(&second.name),
        ServiceSort::Status => urgency(first.status).cmp(&urgency(second.status)),
        ServiceSort::Gateway => first.gateway_name.cmp(&second.gateway_name),
        ServiceSort::Traffic => Reverse(a.rate).cmp(&Reverse(b.rate)),
    };
    let order = if query.descending { order.reverse() } else { order };
    // The id decides where all else is equal, so that pages neither repeat nor lose a row.
    order.then_with(|| first.id.cmp(&second.id))
}

/// What needs somebody comes first.
fn urgency(status: ServiceStatus) -> u8 {
    match status {
        ServiceStatus::Failed => 0,
        ServiceStatus::Unknown => 1,
        ServiceStatus::Degraded => 2,
        ServiceStatus::Running => 4,
        ServiceStatus::Stopped => 5,
        // On its way.
        _ => 3,
    }
}

/// `None` only between the deletion of a gateway and the service's own, which cannot be.
pub(crate) fn summary(service: &Service, desired: &Desired, observed: &Observed) -> Option<ServiceSummary> {
    let wanted = service.replicas;
    let (status, ready, _) = observed.service(service);
    Some(ServiceSummary {
        id: service.id.clone(),
        name: service.name.clone(),
        gateway_id: service.gateway_id.clone(),
        gateway_name: desired.gateways.get(&service.gateway_id)?.name.clone(),
        status,
        ready,
        wanted,
        created_at: service.created_at,
    })
}
