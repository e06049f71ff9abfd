//! One wish, one resource.

use super::fleet::Fleet;
use super::places::links;
use crate::Installation;
use crate::desired::Desired;
use crate::names::Held;
use chrono::{DateTime, Utc};
use domain::arrival::ArrivalSettings;
use domain::custom_domain::DomainSide;
use domain::gateway::{Gateway, GatewayKind, TlsSettings};
use domain::id::TokenId;
use domain::network::VpcLink;
use domain::secret::{Digest256, Secret};
use domain::service::{Service, Shares};
use domain::snapshot::policy::Hold;
use domain::snapshot::{
    Capacity, CertificateConfig, GatewayConfig, HeaderMatch, ListenerConfig, Membership, Policy, PrivateDoor,
    PublicDoor, Resource, Scheme, ServiceConfig, TlsPolicy, TokenConfig,
};
use std::collections::BTreeSet;
use std::iter;
use std::net::SocketAddr;

pub(super) fn listeners(installation: &Installation) -> impl Iterator<Item = Resource> {
    let listener = |scheme| {
        move |address: &SocketAddr| {
            let trusted_proxies = installation.trusted_proxies.clone();
            Resource::Listener(ListenerConfig { trusted_proxies, ..ListenerConfig::new(*address, scheme) })
        }
    };
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
        drop_strangers: gateway.arrival.drop_strangers,
    });
    Resource::Gateway(GatewayConfig {
        id: gateway.id.clone(),
        name: gateway.name.to_string(),
        public,
        private: {
            let hosts = hosts(installation.private_host(&gateway.id), DomainSide::Private);
            links(gateway, &desired.networks).map(|link| private(link, hosts.clone(), &gateway.arrival)).collect()
        },
        capacity: capacity(gateway, installation, part),
        tls: tls(&gateway.tls, installation),
        trusted_proxies: gateway.arrival.trusted_proxies.clone(),
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

fn private(link: &VpcLink, hosts: Vec<String>, arrival: &ArrivalSettings) -> PrivateDoor {
    PrivateDoor {
        vpc_id: link.vpc_id.clone(),
        hosts,
        whitelist: link.whitelist.entries().iter().map(|entry| entry.cidr).collect(),
        drop_strangers: arrival.drop_strangers,
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

/// Of one that scales to zero; the first request starts a replica, and waits with those that follow.
fn hold(service: &Service) -> Option<Hold> {
    let zero = service.scaling.as_ref()?.zero.as_ref().filter(|_| service.running)?;
    Some(Hold { length: zero.hold_length, wait_ms: zero.hold_ms })
}

fn membership(service: &Service, desired: &Desired) -> Option<Membership> {
    let place = service.place.as_ref()?;
    let held = desired.groups.get(&place.group_id)?;
    Some(Membership {
        name: held.group.name.to_string(),
        weight: place.weight(held.group.weights),
        header: place
            .header
            .as_ref()
            .map(|header| HeaderMatch { name: header.name.clone(), value: header.value.clone() }),
        tokens: held
            .tokens
            .iter()
            .map(|token| token_config(&token.row.id, token.row.digest, token.row.expires_at, &token.secret))
            .collect(),
    })
}

fn token_config(
    id: &TokenId,
    digest: Digest256,
    expires_at: Option<DateTime<Utc>>,
    secret: &Option<Secret>,
) -> TokenConfig {
    TokenConfig { id: id.clone(), digest, expires_at, secret: secret.clone() }
}

/// A stopped service stays known: calling it says that no replica is ready, not that it does not exist.
/// What it does not say itself its gateway says.
pub(super) fn service(service: &Service, desired: &Desired, fleet: &Fleet) -> Resource {
    let of_it = desired.tokens.get(&service.id).map(Vec::as_slice).unwrap_or_default();
    let gateway = desired.gateways.get(&service.gateway_id);
    let said = gateway.map(|gateway| gateway.traffic.clone()).unwrap_or_default();
    let engines = gateway.map_or(1, |gateway| fleet.carriers(gateway).count().max(1));
    let shares = Shares { engines: u32::try_from(engines).unwrap_or(u32::MAX), replicas: service.replicas };
    let traffic = &service.spec.traffic;
    Resource::Service(ServiceConfig {
        id: service.id.clone(),
        gateway_id: service.gateway_id.clone(),
        name: service.name.to_string(),
        tokens: of_it
            .iter()
            .map(|token| token_config(&token.row.id, token.row.digest, token.row.expires_at, &token.secret))
            .collect(),
        body_limit: traffic.body_limit(),
        timeouts: traffic.timeouts(&said),
        policy: Policy { hold: hold(service), ..traffic.policy(&said, shares) },
        group: membership(service, desired),
    })
}
