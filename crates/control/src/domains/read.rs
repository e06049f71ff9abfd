//! A gateway's names as the console shows them.

use crate::{Control, Observed};
use domain::custom_domain::{CustomDomain, DomainSide};
use domain::gateway::Gateway;
use domain::snapshot::Scheme;
use domain::view::{DomainView, Door, EndpointView};
use std::net::SocketAddr;

impl Control {
    pub(crate) fn domain_views(&self, gateway: &Gateway, observed: &Observed) -> Vec<DomainView> {
        let desired = self.desired();
        let unanswered = self.answered(gateway).given;
        let mut views: Vec<DomainView> = desired
            .names
            .of_gateway(&gateway.id)
            .map(|domain| {
                let held = domain.certificate_id.as_ref().and_then(|id| desired.names.certificates.get(id));
                DomainView {
                    domain: CustomDomain::clone(domain),
                    certificate_name: held.map(|held| held.row.name.clone()),
                    days_left: held.and_then(|held| held.row.facts.as_ref()).map(|facts| facts.days_left(self.now())),
                    points_to: match domain.side {
                        DomainSide::Public => self.installation().public_host(&gateway.id),
                        DomainSide::Private => self.installation().private_host(&gateway.id),
                    },
                    check: observed.domains.get(&domain.id).cloned(),
                    unanswered: unanswered.filter(|_| domain.side == DomainSide::Private),
                }
            })
            .collect();
        views.sort_by(|a, b| (&a.domain.host, a.domain.side).cmp(&(&b.domain.host, b.domain.side)));
        views
    }

    /// Where clients reach the gateway by names of its own: HTTPS where there is a certificate for it.
    pub(crate) fn domain_endpoints(&self, gateway: &Gateway, side: DomainSide) -> Vec<EndpointView> {
        let (installation, desired) = (self.installation(), self.desired());
        let unanswered = self.answered(gateway).given;
        let named = desired.names.of_gateway(&gateway.id).filter(|domain| domain.side == side && !domain.is_wildcard());
        let mut endpoints: Vec<EndpointView> = named
            .filter_map(|domain| {
                let https = installation.https.first().filter(|_| domain.certificate_id.is_some());
                let (scheme, shared) = https
                    .map(|shared| (Scheme::Https, shared))
                    .or(installation.http.first().map(|shared| (Scheme::Http, shared)))?;
                let endpoint = by_name(scheme, &domain.host, shared);
                Some(EndpointView { unanswered: unanswered.filter(|_| side == DomainSide::Private), ..endpoint })
            })
            .collect();
        endpoints.sort_by(|a, b| a.url.cmp(&b.url));
        endpoints
    }
}

fn by_name(scheme: Scheme, host: &str, shared: &SocketAddr) -> EndpointView {
    let usual = if scheme == Scheme::Http { 80 } else { 443 };
    let port = if shared.port() == usual { String::new() } else { format!(":{}", shared.port()) };
    EndpointView::new(format!("{}://{host}{port}", scheme.as_str()), Door::Custom)
}
