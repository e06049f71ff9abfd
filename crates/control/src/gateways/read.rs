//! One gateway, with what was observed of it.

use super::list::summary;
use crate::compile::Site;
use crate::{Control, ControlError, Missing};
use domain::custom_domain::DomainSide;
use domain::gateway::Gateway;
use domain::id::GatewayId;
use domain::role::Permission;
use domain::snapshot::Scheme;
use domain::view::{BoundService, Door, EndpointView, EngineView, GatewayDetail, InternetView, ShownCertificate};
use identity::{Principal, authorize};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

impl Control {
    pub fn gateway(&self, principal: &Principal, id: &GatewayId) -> Result<GatewayDetail, ControlError> {
        authorize(principal, Permission::Read)?;
        let gateway = self.find_gateway(principal, id)?;
        let (desired, newest) = (self.desired(), self.newest());
        let observed = self.observed();
        let (_, mut conditions) = observed.gateway(&gateway, &newest);
        let alb = self.alb(&gateway, &observed, &newest);
        // Those of its listeners besides.
        let of_alb = alb.iter().flat_map(|alb| &alb.conditions).filter(|each| !conditions.contains(each)).cloned();
        conditions.extend(of_alb.collect::<Vec<_>>());
        let (status, portal_conditions) = observed.portal(&gateway, &newest);
        let mut bound: Vec<BoundService> = desired
            .bound_to(id)
            .map(|service| BoundService { id: service.id.clone(), name: service.name.clone() })
            .collect();
        bound.sort_by(|a, b| a.name.cmp(&b.name));
        let engines = observed
            .engines
            .iter()
            .map(|(id, engine)| EngineView {
                id: id.clone(),
                host: desired.hosts.get(&engine.host).map(|host| host.name.clone()).unwrap_or_default(),
                connected: engine.connected,
                since: engine.since,
                software: engine.software.clone(),
                loaded: engine.version(newest.of(&engine.host)),
                newest: newest.version,
            })
            .collect();
        Ok(GatewayDetail {
            summary: summary(&gateway, &desired, &observed, &newest),
            revision: gateway.revision,
            updated_at: gateway.updated_at,
            conditions,
            internet: InternetView {
                enabled: gateway.internet.enabled,
                status,
                conditions: portal_conditions,
                endpoints: self.public_endpoints(&gateway),
                whitelist: gateway.internet.whitelist.clone(),
            },
            vpcs: self.links(&gateway, &observed, &newest),
            domains: self.domain_views(&gateway, &observed),
            tls: gateway.tls.clone(),
            protected: gateway.protected,
            settings: gateway.traffic.clone(),
            arrival: gateway.arrival.clone(),
            engines,
            nodes: self.nodes(&gateway, &observed, &newest),
            resized: observed.effect(id),
            alb,
            dns_off: self.is_dns_off(),
            bound,
            traffic: observed.gateway_traffic(id),
        })
    }

    /// By the domains that it was given, then both doors; none while the portal is off.
    pub(crate) fn public_endpoints(&self, gateway: &Gateway) -> Vec<EndpointView> {
        if !gateway.internet.enabled {
            return Vec::new();
        }
        let installation = self.installation();
        let fleet = self.newest().fleet;
        let at = |port| {
            let of_site = |site: &Site| SocketAddr::new(site.installation.own_address(), port);
            let all: BTreeSet<SocketAddr> = fleet.carriers(gateway).map(of_site).collect();
            fleet.reached(all.into_iter().collect(), |own: &SocketAddr| own.ip())
        };
        let own = gateway.internet.port.map(at).unwrap_or_default();
        let by_port = own.into_iter().map(|own| EndpointView::new(format!("http://{own}"), Door::Port));
        let host = installation.public_host(&gateway.id);
        let by_name = |scheme: Scheme, shared: &SocketAddr| {
            let usual = if scheme == Scheme::Http { 80 } else { 443 };
            let port = if shared.port() == usual { String::new() } else { format!(":{}", shared.port()) };
            let door = if scheme == Scheme::Http { Door::Name } else { Door::NameTls };
            EndpointView::new(format!("{}://{host}{port}", scheme.as_str()), door)
        };
        let http = installation.http.first().map(|shared| by_name(Scheme::Http, shared));
        let desired = self.desired();
        let shown = desired.shown_for(gateway, &host);
        let certificate = shown.map(|held| ShownCertificate { id: held.row.id.clone(), name: held.row.name.clone() });
        let https = installation.https.first().map(|shared| by_name(Scheme::Https, shared));
        let https = https.map(|endpoint| EndpointView { certificate, ..endpoint });
        let given = self.domain_endpoints(gateway, DomainSide::Public);
        given.into_iter().chain(by_port).chain(https).chain(http).collect()
    }

    /// One of the workspace; another workspace's does not exist for who asks.
    pub(crate) fn find_gateway(&self, principal: &Principal, id: &GatewayId) -> Result<Arc<Gateway>, ControlError> {
        self.desired()
            .gateways
            .get(id)
            .filter(|gateway| gateway.workspace_id == principal.workspace_id)
            .cloned()
            .ok_or(ControlError::NotFound { what: Missing::Gateway })
    }
}
