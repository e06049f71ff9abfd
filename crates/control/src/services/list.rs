//! The list of services, from memory.

use crate::observed::Observed;
use crate::{Control, ControlError, Desired};
use domain::role::Permission;
use domain::service::Service;
use domain::view::{Page, ServiceQuery, ServiceSummary};
use identity::{Principal, authorize};

pub const PAGE_SIZE: u32 = 100;

impl Control {
    pub fn list_services(
        &self,
        principal: &Principal,
        query: &ServiceQuery,
    ) -> Result<Page<ServiceSummary>, ControlError> {
        authorize(principal, Permission::Read)?;
        let desired = self.desired();
        let observed = self.observed();
        let own: Vec<_> =
            desired.services.values().filter(|service| service.workspace_id == principal.workspace_id).collect();
        let needle = query.search.trim().to_lowercase();
        let mut found: Vec<ServiceSummary> = own
            .iter()
            .filter(|service| service.name.as_str().contains(&needle) || service.id.as_str().contains(&needle))
            .filter_map(|service| summary(service, &desired, &observed))
            .collect();
        found.sort_by(|a, b| b.created_at.cmp(&a.created_at).then_with(|| a.id.cmp(&b.id)));
        let total = found.len() as u64;
        let last = u32::try_from(total.div_ceil(u64::from(PAGE_SIZE))).unwrap_or(u32::MAX).max(1);
        let number = query.page.clamp(1, last);
        let items = found.into_iter().skip(((number - 1) * PAGE_SIZE) as usize).take(PAGE_SIZE as usize).collect();
        Ok(Page { items, total, unfiltered: own.len() as u64, number, size: PAGE_SIZE })
    }
}

/// `None` only between the deletion of a gateway and the service's own, which cannot be.
pub(crate) fn summary(service: &Service, desired: &Desired, observed: &Observed) -> Option<ServiceSummary> {
    let wanted = service.workload.replicas;
    let (status, ready, _) = observed.service(&service.id, service.running, wanted);
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
