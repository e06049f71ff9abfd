//! One wish, one resource.

use super::places::links;
use crate::Installation;
use crate::desired::Desired;
use crate::names::Held;
use domain::custom_domain::DomainSide;
use domain::gateway::{Gateway, GatewayKind, TlsSettings};
use domain::network::VpcLink;
use domain::service::{DEFAULT_BODY_LIMIT, Service};
use domain::snapshot::{
    Capacity, CertificateConfig, GatewayConfig, ListenerConfig, Policy, PrivateDoor, PublicDoor, Resource, Scheme,
    ServiceConfig, TlsPolicy, TokenConfig,
};
use std::collections::BTreeSet;
use std::iter;
use std::net::SocketAddr;

pub(super) fn listeners(installation: &Installation) -> impl Iterator<Item = Resource> {
    let listener = |scheme| move |address: &SocketAddr| Resource::Listener(ListenerConfig::new(*address, scheme));
    installation.http.iter().map(listener(Scheme::Http)).chain(installation.https.iter().map(listener(Scheme::Https)))
}

/// What falls to one host.
#[derive(Clone, Copy)]
pub(super) struct Part {
    /// Of the gateway's nodes.
    pub nodes: u32,
    /// Of how many that carry an ALB gateway; 0 of a host that carries none.
    pub among: u64,
}

pub(super) fn gateway(gateway: &Gateway, desired: &Desired, installation: &Installation, part: Part) -> Resource {
    let names = &desired.names;
    let hosts = |own: String, side: DomainSide| {
        let given = names.of_gateway(&gateway.id).filter(move |domain| domain.side == side);
        iter::once(own).chain(given.map(|domain| domain.host.clone())).collect::<Vec<_>>()
    };
    let internet = &gateway.internet;
    let public = internet.enabled.then(|| PublicDoor {
        hosts: hosts(installation.public_host(&gateway.id), DomainSide::Public),
        own: internet.port.map(|port| SocketAddr::new(installation.own_address(), port)),
        whitelist: internet.whitelist.entries().iter().map(|entry| entry.cidr).collect(),
        drop_strangers: false,
    });
    Resource::Gateway(GatewayConfig {
        id: gateway.id.clone(),
        name: gateway.name.to_string(),
        public,
        private: {
            let hosts = hosts(installation.private_host(&gateway.id), DomainSide::Private);
            links(gateway, &desired.networks).map(|link| private(link, hosts.clone())).collect()
        },
        capacity: capacity(gateway, installation, part),
        tls: tls(&gateway.tls, installation),
    })
}

fn tls(settings: &TlsSettings, installation: &Installation) -> TlsPolicy {
    TlsPolicy {
        client_authorities: settings.client_authorities.clone(),
        redirect_to_port: installation.https.first().filter(|_| settings.redirect).map(SocketAddr::port),
        hsts_seconds: settings.hsts_seconds,
    }
}

/// Shown for the domains that use it and for gateways' own names that it was ordered for; for none of them, not at all.
pub(super) fn certificate(held: &Held, desired: &Desired, installation: &Installation) -> Option<Resource> {
    let given = desired.names.with(&held.row.id).map(|domain| domain.host.as_str());
    let own = desired.shown_by(held, installation).map(|(_, name)| name.as_str());
    let hosts: BTreeSet<&str> = given.chain(own).collect();
    let key = held.key.clone().filter(|_| !hosts.is_empty())?;
    Some(Resource::Certificate(CertificateConfig {
        id: held.row.id.clone(),
        names: hosts.into_iter().map(str::to_owned).collect(),
        fallback: false,
        chain: held.row.chain.clone(),
        key,
    }))
}

fn private(link: &VpcLink, hosts: Vec<String>) -> PrivateDoor {
    PrivateDoor {
        vpc_id: link.vpc_id.clone(),
        hosts,
        whitelist: link.whitelist.entries().iter().map(|entry| entry.cidr).collect(),
        drop_strangers: false,
    }
}

/// New connections are refused at overload, handshakes from the warning on: the table knows no other limit of theirs. A
/// host that has no node of it serves what gets there all the same, on threads that it shares, up to what a node may.
fn capacity(gateway: &Gateway, installation: &Installation, part: Part) -> Capacity {
    let GatewayKind::FullyManaged { spec, .. } = &gateway.kind else {
        return gateway.alb.as_ref().map_or_else(Capacity::default, |_| scaling(installation, part.among));
    };
    let of_node = spec.capacity();
    let workers = u64::from(of_node.cores) * u64::from(part.nodes);
    let share = |each: u64| Some(installation.capacity_scale.of(each * u64::from(part.nodes.max(1))));
    Capacity {
        // An engine starts no more than its host has cores.
        workers: u16::try_from(workers).unwrap_or(u16::MAX),
        most_workers: None,
        connections: share(of_node.connections_overload),
        handshakes_per_second: share(of_node.tls_per_second_warning),
        bytes_per_second: share(of_node.gbit_per_second * 1_000_000_000 / 8),
    }
}

/// Of an ALB instance: threads by its load, and no other limit.
fn scaling(installation: &Installation, among: u64) -> Capacity {
    let most = u64::from(installation.alb_max_workers).div_ceil(among.max(1));
    Capacity { workers: 1, most_workers: Some(u16::try_from(most).unwrap_or(u16::MAX).max(1)), ..Capacity::default() }
}

/// A stopped service stays known: calling it says that no replica is ready, not that it does not exist.
/// What it does not say itself its gateway says.
pub(super) fn service(service: &Service, desired: &Desired) -> Resource {
    let of_it = desired.tokens.get(&service.id).map(Vec::as_slice).unwrap_or_default();
    let gateway = desired.gateways.get(&service.gateway_id);
    let traffic = gateway.map(|gateway| gateway.traffic.clone()).unwrap_or_default();
    Resource::Service(ServiceConfig {
        id: service.id.clone(),
        gateway_id: service.gateway_id.clone(),
        name: service.name.to_string(),
        tokens: of_it
            .iter()
            .map(|token| TokenConfig {
                id: token.row.id.clone(),
                digest: token.row.digest,
                expires_at: token.row.expires_at,
                secret: token.secret.clone(),
            })
            .collect(),
        body_limit: DEFAULT_BODY_LIMIT,
        timeouts: traffic.timeouts,
        policy: Policy { balance: traffic.balance, ..Policy::default() },
        group: None,
    })
}
