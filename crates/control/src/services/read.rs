//! One service, with what was observed of it and how it is called.

use super::choices::named;
use super::list::summary;
use crate::desired::Token;
use crate::{Control, ControlError, Missing};
use domain::id::ServiceId;
use domain::role::Permission;
use domain::service::Service;
use domain::view::{EndpointView, Invocation, ServiceDetail, TokenView};
use identity::{Principal, authorize};
use std::sync::Arc;

impl Control {
    pub fn service(&self, principal: &Principal, id: &ServiceId) -> Result<ServiceDetail, ControlError> {
        authorize(principal, Permission::Read)?;
        let service = self.find_service(principal, id)?;
        let desired = self.desired();
        let observed = self.observed();
        let (_, _, conditions) = observed.service(id, service.running, service.workload.replicas);
        let mut replicas: Vec<_> = observed.replicas_of(id).cloned().collect();
        replicas.sort_by(|a, b| a.replica_id.cmp(&b.replica_id));
        let tokens = desired.tokens.get(id).map(Vec::as_slice).unwrap_or_default();
        let token = |token: &Token| TokenView {
            id: token.row.id.clone(),
            created_at: token.row.created_at,
            expires_at: token.row.expires_at,
        };
        Ok(ServiceDetail {
            summary: summary(&service, &desired, &observed).ok_or(ControlError::NotFound { what: Missing::Service })?,
            revision: service.revision,
            running: service.running,
            workload: service.workload.without_values(),
            vpc: service.vpc_id.as_ref().map(|id| named(id, &desired.networks)),
            replicas,
            conditions,
            traffic: observed.service_traffic(id),
            invocation: Invocation {
                internet: self.internet_endpoints(&service),
                vpc: self.vpc_endpoints(&service),
                tokens: tokens.iter().map(token).collect(),
            },
        })
    }

    fn internet_endpoints(&self, service: &Service) -> Vec<EndpointView> {
        let desired = self.desired();
        let Some(gateway) = desired.gateways.get(&service.gateway_id) else { return Vec::new() };
        self.public_endpoints(gateway).into_iter().map(|endpoint| of_service(endpoint, service)).collect()
    }

    /// By the gateway's name inside VPCs, which is the same in all of them, and by address; empty while none is linked.
    fn vpc_endpoints(&self, service: &Service) -> Vec<EndpointView> {
        let desired = self.desired();
        let linked = desired.gateways.get(&service.gateway_id).filter(|gateway| !gateway.vpcs.is_empty());
        let Some(gateway) = linked else { return Vec::new() };
        self.endpoints_inside(gateway).into_iter().map(|endpoint| of_service(endpoint, service)).collect()
    }

    pub(crate) fn find_service(&self, principal: &Principal, id: &ServiceId) -> Result<Arc<Service>, ControlError> {
        self.desired()
            .services
            .get(id)
            .filter(|service| service.workspace_id == principal.workspace_id)
            .cloned()
            .ok_or(ControlError::NotFound { what: Missing::Service })
    }
}

fn of_service(endpoint: EndpointView, service: &Service) -> EndpointView {
    EndpointView { url: format!("{}/api/predict/{}", endpoint.url, service.name), ..endpoint }
}
