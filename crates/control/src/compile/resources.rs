//! One wish, one resource.

use crate::Installation;
use crate::desired::Token;
use domain::gateway::{Gateway, GatewayKind};
use domain::id::ServiceId;
use domain::network::VpcLink;
use domain::service::{DEFAULT_BODY_LIMIT, Service};
use domain::snapshot::{
    Capacity, GatewayConfig, ListenerConfig, Policy, PrivateDoor, PublicDoor, Resource, Scheme, ServiceConfig,
    Timeouts, TlsPolicy, TokenConfig,
};
use std::collections::BTreeMap;
use std::net::SocketAddr;

pub(super) fn listeners(installation: &Installation) -> impl Iterator<Item = Resource> {
    let listener = |scheme| move |address: &SocketAddr| Resource::Listener(ListenerConfig::new(*address, scheme));
    installation.http.iter().map(listener(Scheme::Http)).chain(installation.https.iter().map(listener(Scheme::Https)))
}

pub(super) fn gateway(gateway: &Gateway, installation: &Installation, engines: u64) -> Resource {
    let internet = &gateway.internet;
    let public = internet.enabled.then(|| PublicDoor {
        hosts: vec![installation.public_host(&gateway.id)],
        own: internet.port.map(|port| SocketAddr::new(installation.own_address(), port)),
        whitelist: internet.whitelist.entries().iter().map(|entry| entry.cidr).collect(),
        drop_strangers: false,
    });
    Resource::Gateway(GatewayConfig {
        id: gateway.id.clone(),
        name: gateway.name.to_string(),
        public,
        private: gateway.vpcs.iter().map(|link| private(link, gateway, installation)).collect(),
        capacity: capacity(&gateway.kind, installation, engines.max(1)),
        tls: TlsPolicy::default(),
    })
}

fn private(link: &VpcLink, gateway: &Gateway, installation: &Installation) -> PrivateDoor {
    PrivateDoor {
        vpc_id: link.vpc_id.clone(),
        hosts: vec![installation.private_host(&gateway.id)],
        whitelist: link.whitelist.entries().iter().map(|entry| entry.cidr).collect(),
        drop_strangers: false,
    }
}

/// The part of it that each of so many engines carries. New connections are refused at overload, handshakes from the
/// warning on: the table knows no other limit of theirs.
fn capacity(kind: &GatewayKind, installation: &Installation, engines: u64) -> Capacity {
    let GatewayKind::FullyManaged { spec, nodes, .. } = kind else { return Capacity::default() };
    let of_node = spec.capacity();
    let workers = (u64::from(of_node.cores) * u64::from(*nodes)).div_ceil(engines);
    let share = |each: u64| Some(installation.capacity_scale.of(each * u64::from(*nodes)).div_ceil(engines));
    Capacity {
        // An engine starts no more than its host has cores.
        workers: u16::try_from(workers).unwrap_or(u16::MAX),
        connections: share(of_node.connections_overload),
        handshakes_per_second: share(of_node.tls_per_second_warning),
        bytes_per_second: share(of_node.gbit_per_second * 1_000_000_000 / 8),
    }
}

/// A stopped service stays known: calling it says that no replica is ready, not that it does not exist.
pub(super) fn service(service: &Service, tokens: &BTreeMap<ServiceId, Vec<Token>>) -> Resource {
    let of_it = tokens.get(&service.id).map(Vec::as_slice).unwrap_or_default();
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
        timeouts: Timeouts::default(),
        policy: Policy::default(),
        group: None,
    })
}
