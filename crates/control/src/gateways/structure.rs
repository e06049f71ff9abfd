//! A gateway's picture, from what was observed.

use crate::{Control, ControlError};
use domain::custom_domain::DomainSide;
use domain::gateway::Gateway;
use domain::id::GatewayId;
use domain::network::VpcLink;
use domain::status::ServiceStatus;
use domain::view::{DomainView, GatewayDetail, Node, Part, Seen, ServiceSummary, Structure};
use identity::Principal;

/// Services in a picture.
const SERVICES: usize = 30;
/// Days before its end at which a certificate is somebody's business.
const ENDS_SOON: i64 = 14;

impl Control {
    pub fn gateway_structure(&self, principal: &Principal, id: &GatewayId) -> Result<Structure, ControlError> {
        let detail = self.gateway(principal, id)?;
        let gateway = self.find_gateway(principal, id)?;
        let mut drawn = Structure::default();
        let hub = drawn.add(
            Part::Gateway(id.clone()),
            gateway.name.to_string(),
            String::new(),
            Seen::Gateway(detail.summary.status),
        );
        self.draw_internet(&mut drawn, hub, &gateway, &detail);
        for (link, view) in gateway.vpcs.iter().zip(&detail.vpcs) {
            let blocks = view.vpc.blocks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let id = link.vpc_id.clone();
            let network = drawn.add(Part::Vpc(id.clone()), view.vpc.name.clone(), blocks, Seen::Link(view.status));
            let listeners: Vec<usize> = view
                .addresses
                .iter()
                .map(|each| {
                    let part = Part::Listener(Some(id.clone()));
                    drawn.add(part, each.address.to_string(), each.vswitch.zone.clone(), Seen::Link(each.status))
                })
                .collect();
            drawn.edges.extend(listeners.iter().map(|listener| (network, *listener)));
            let names = self.private_names(&mut drawn, &gateway, link, &detail.domains);
            drawn.join(&listeners, &names, hub);
        }
        self.draw_services(&mut drawn, hub, id);
        Ok(drawn)
    }

    fn draw_internet(&self, drawn: &mut Structure, hub: usize, gateway: &Gateway, detail: &GatewayDetail) {
        if !gateway.internet.enabled {
            return;
        }
        let blocks = gateway.internet.whitelist.entries().len().to_string();
        let status = Seen::Portal(detail.internet.status);
        let network = drawn.add(Part::Internet, String::new(), blocks, status.clone());
        let (mut shared, mut own) = (Vec::new(), Vec::new());
        let fleet = self.newest().fleet;
        for site in fleet.carriers(gateway) {
            let (http, https) = (&site.installation.http, &site.installation.https);
            for (scheme, address) in http.iter().map(|at| ("HTTP", at)).chain(https.iter().map(|at| ("HTTPS", at))) {
                shared.push(drawn.add(Part::Listener(None), address.to_string(), scheme.into(), status.clone()));
            }
            if let Some(port) = gateway.internet.port {
                let address = std::net::SocketAddr::new(site.installation.own_address(), port);
                own.push(drawn.add(Part::Listener(None), address.to_string(), "HTTP".into(), status.clone()));
            }
        }
        drawn.edges.extend(shared.iter().chain(&own).map(|listener| (network, *listener)));
        let host = self.installation().public_host(&gateway.id);
        let mut names = vec![drawn.add(Part::Name, host, String::new(), Seen::Nothing)];
        names.extend(drawn.domains(&detail.domains, DomainSide::Public));
        drawn.join(&shared, &names, hub);
        // Every name is welcome there.
        drawn.join(&own, &[], hub);
    }

    fn private_names(
        &self,
        drawn: &mut Structure,
        gateway: &Gateway,
        link: &VpcLink,
        domains: &[DomainView],
    ) -> Vec<usize> {
        let host = self.installation().private_host(&gateway.id);
        let asked = if link.authoritative_dns { "DNS".into() } else { String::new() };
        let mut names = vec![drawn.add(Part::Name, host, asked, Seen::Nothing)];
        names.extend(drawn.domains(domains, DomainSide::Private));
        names
    }

    fn draw_services(&self, drawn: &mut Structure, hub: usize, id: &GatewayId) {
        let desired = self.desired();
        let observed = self.observed();
        let bound = desired.bound_to(id);
        let mut services: Vec<ServiceSummary> =
            bound.filter_map(|service| crate::services::summary(service, &desired, &observed)).collect();
        services.sort_by(|a, b| urgency(a.status).cmp(&urgency(b.status)).then_with(|| a.name.cmp(&b.name)));
        drawn.more_services = services.len().saturating_sub(SERVICES);
        for service in services.into_iter().take(SERVICES) {
            let ready = format!("{}/{}", service.ready, service.wanted);
            let seen = Seen::Service(service.status);
            let node = drawn.add(Part::Service(service.id.clone()), service.name.to_string(), ready, seen);
            drawn.edges.push((hub, node));
            let mut replicas: Vec<_> = observed.replicas_of(&service.id).collect();
            replicas.sort_by(|a, b| a.replica_id.cmp(&b.replica_id));
            for replica in replicas {
                let (part, seen) = (Part::Replica(service.id.clone()), Seen::Replica(replica.state));
                let at = drawn.add(part, replica.address.to_string(), replica.replica_id.to_string(), seen);
                drawn.edges.push((node, at));
            }
        }
    }
}

/// What needs somebody comes first.
fn urgency(status: ServiceStatus) -> u8 {
    match status {
        ServiceStatus::Failed => 0,
        ServiceStatus::Degraded => 1,
        ServiceStatus::Unknown => 2,
        ServiceStatus::Creating | ServiceStatus::Waiting | ServiceStatus::Updating | ServiceStatus::Stopping => 3,
        ServiceStatus::Running => 4,
        ServiceStatus::Stopped => 5,
    }
}

/// Drawing, step by step.
trait Draw {
    fn add(&mut self, part: Part, label: String, detail: String, seen: Seen) -> usize;
    fn domains(&mut self, domains: &[DomainView], side: DomainSide) -> Vec<usize>;
    fn join(&mut self, listeners: &[usize], names: &[usize], hub: usize);
}

impl Draw for Structure {
    fn add(&mut self, part: Part, label: String, detail: String, seen: Seen) -> usize {
        self.nodes.push(Node { part, label, detail, seen });
        self.nodes.len() - 1
    }

    fn domains(&mut self, domains: &[DomainView], side: DomainSide) -> Vec<usize> {
        let of_side = domains.iter().filter(|each| each.domain.side == side);
        of_side
            .map(|each| {
                let ends = each.days_left.filter(|days| *days < ENDS_SOON).map(Seen::CertificateEnds);
                let checked = each.check.as_ref().map(|check| Seen::Domain(check.outcome.clone()));
                let detail = each.certificate_name.clone().unwrap_or_default();
                self.add(Part::Name, each.domain.host.clone(), detail, ends.or(checked).unwrap_or(Seen::Nothing))
            })
            .collect()
    }

    /// Through the names where there are any.
    fn join(&mut self, listeners: &[usize], names: &[usize], hub: usize) {
        for listener in listeners {
            self.edges.extend(names.iter().map(|name| (*listener, *name)));
            if names.is_empty() {
                self.edges.push((*listener, hub));
            }
        }
        self.edges.extend(names.iter().map(|name| (*name, hub)));
    }
}
