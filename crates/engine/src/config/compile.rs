//! Builds the next table from the one before. All or nothing: a configuration in which a request could have two
//! answers is refused whole.

use super::changes::Touched;
use super::groups::{self, Groups, Services};
use super::table::{ClientAuth, Entrance, Gateway, Member, Private, Service, Table, Timers, Token};
use super::{Changes, ConfigError, EndpointBook, hosts, listeners};
use crate::balance::Weights;
use crate::limit::{Capacity, Limits};
use crate::listener::tls::Tls;
use crate::record::{OfService, Stats};
use bytes::Bytes;
use domain::cidr::Cidr;
use domain::id::GatewayId;
use domain::secret::Secret;
use domain::snapshot::{GatewayConfig, Resource, ResourceKey, ServiceConfig, Snapshot, TokenConfig};
use ring::hmac;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// What a table is made of.
pub struct Parts<'p> {
    pub snapshot: &'p Snapshot,
    pub endpoints: &'p EndpointBook,
    pub stats: &'p Stats,
    pub tls: &'p Tls,
}

impl Table {
    /// For a table that was published: who waits for a place at a service of these may come in now.
    pub fn let_in(&self, changes: &Changes) {
        for (id, touched) in &changes.gateways {
            let Some(gateway) = self.gateways.get(id) else { continue };
            for name in touched.services.values().filter_map(|names| names.after.as_deref()) {
                if let Some(service) = gateway.services.get(name) {
                    service.limits.let_in(service.endpoints.len());
                }
            }
        }
    }

    /// The table for a snapshot, reusing all of `self` that `changes` does not touch.
    pub fn next(&self, changes: &Changes, parts: &Parts<'_>) -> Result<Table, ConfigError> {
        let mut next = self.clone();
        if !changes.certificates.is_empty() {
            next.certificates = Arc::new(self.certificates.next(&changes.certificates, parts.snapshot)?);
        }
        if !changes.challenges.is_empty() {
            let before = self.challenges.as_deref().cloned().unwrap_or_default();
            next.challenges = before.next(&changes.challenges, parts.snapshot)?.map(Arc::new);
        }
        // All old entries go before the first new one comes: two gateways may exchange their hosts and ports.
        next.listeners.remove_changed(&changes.listeners);
        for old in changes.gateways.keys().filter_map(|id| self.gateways.get(id)) {
            next.sides.remove(old);
            next.listeners.remove_of(old);
            next.gateways.remove(&old.id);
        }
        next.listeners.insert_shared(&changes.listeners, parts.snapshot)?;
        for (id, touched) in &changes.gateways {
            let old = self.gateways.get(id);
            if let Some(gateway) = build_gateway(id, touched, old, parts)? {
                let gateway = Arc::new(gateway);
                next.sides.insert(&gateway)?;
                next.listeners.insert_of(&gateway, parts.snapshot)?;
                next.gateways.insert(gateway.id.clone(), gateway);
            }
        }
        Ok(next)
    }
}

fn build_gateway(
    id: &GatewayId,
    touched: &Touched,
    old: Option<&Arc<Gateway>>,
    parts: &Parts<'_>,
) -> Result<Option<Gateway>, ConfigError> {
    let changed = &touched.services;
    let mut services = old.map(|old| old.services.clone()).unwrap_or_default();
    let mut groups = old.map(|old| old.groups.clone()).unwrap_or_default();
    if !changed.is_empty() {
        let (mut next, mut gone) = (Services::clone(&services), Vec::new());
        // All old ones go before the first new one comes: two services may exchange their names.
        for name in touched.services.values().filter_map(|names| names.before.as_deref()) {
            gone.extend(next.remove(name));
        }
        let mut fresh = Vec::with_capacity(changed.len());
        for service_id in changed.keys() {
            let resource = parts.snapshot.get(&ResourceKey::Service(service_id.clone()));
            let Some(Resource::Service(config)) = resource.map(Arc::as_ref) else { continue };
            if config.gateway_id != *id {
                continue;
            }
            let service = Arc::new(build_service(config, parts));
            fresh.push(service.clone());
            if next.insert(service.name.clone(), service).is_some() {
                return Err(ConfigError::SharedName { gateway: id.clone(), name: config.name.clone() });
            }
        }
        groups = groups::next(id, groups, &gone, &fresh)?;
        groups::check(id, &fresh, &next, &groups)?;
        services = Arc::new(next);
    }
    let before = old.map(|old| &*old.listeners).unwrap_or_default();
    let listeners = listeners::of(id, before, &touched.listeners, parts.snapshot);
    match parts.snapshot.get(&ResourceKey::Gateway(id.clone())).map(Arc::as_ref) {
        Some(Resource::Gateway(config)) => assemble(config, (services, groups), listeners, old, parts).map(Some),
        _ => match (services.values().next(), listeners.first()) {
            (Some(orphan), _) => Err(ConfigError::NoGateway { service: orphan.id.clone(), gateway: id.clone() }),
            (None, Some(address)) => Err(ConfigError::NobodysListener { address: *address, gateway: id.clone() }),
            (None, None) => Ok(None),
        },
    }
}

fn assemble(
    config: &GatewayConfig,
    (services, groups): (Arc<Services>, Arc<Groups>),
    listeners: Box<[SocketAddr]>,
    old: Option<&Arc<Gateway>>,
    parts: &Parts<'_>,
) -> Result<Gateway, ConfigError> {
    let (public, private) = entrances(config, parts.stats)?;
    let own = config.public.as_ref().and_then(|public| public.own);
    if let Some(address) = own.filter(|address| address.port() == 0) {
        return Err(ConfigError::NoPort(address));
    }
    let greeting = serde_json::json!({
        "gateway": config.id,
        "name": config.name,
        "message": "Connected. Call a service under /api/predict/<service> with its token in Authorization.",
    });
    let (counters, state) = parts.stats.gateway(&config.id);
    Ok(Gateway {
        id: config.id.clone(),
        public,
        private,
        own,
        listeners,
        services,
        groups,
        greeting: Bytes::from(greeting.to_string()),
        capacity: Capacity::new(&config.capacity, state),
        counters,
        workers: config.capacity.workers,
        // Who has none does not begin to have some.
        most_workers: match config.capacity.workers {
            0 => 0,
            least => config.capacity.most_workers.unwrap_or(least).max(least),
        },
        client_auth: client_auth(config, old, parts)?,
        proxies: config.trusted_proxies.as_slice().into(),
        redirect_to_port: config.tls.redirect_to_port,
        hsts: config.tls.hsts_seconds.and_then(|seconds| format!("max-age={seconds}").try_into().ok()),
    })
}

/// How it is entered from the public side and from VPCs.
fn entrances(config: &GatewayConfig, stats: &Stats) -> Result<(Option<Entrance>, Box<[Private]>), ConfigError> {
    let public = config.public.as_ref();
    let public = public.map(|door| entrance(config, &door.hosts, &door.whitelist, door.drop_strangers)).transpose()?;
    let mut private: Vec<Private> = Vec::with_capacity(config.private.len());
    for door in &config.private {
        let vpc = door.vpc_id.clone();
        if private.iter().any(|other| other.vpc == vpc) {
            return Err(ConfigError::TwoPrivateDoors { gateway: config.id.clone(), vpc });
        }
        let entrance = entrance(config, &door.hosts, &door.whitelist, door.drop_strangers)?;
        let bytes = stats.side(&config.id, &vpc);
        private.push(Private { vpc, entrance, bytes });
    }
    Ok((public, private.into()))
}

fn entrance(
    config: &GatewayConfig,
    hosts: &[String],
    whitelist: &[Cidr],
    drop_strangers: bool,
) -> Result<Entrance, ConfigError> {
    if let Some(bad) = hosts.iter().find(|host| !hosts::is_name(host)) {
        return Err(ConfigError::BadHost { host: bad.clone(), gateway: config.id.clone() });
    }
    let hosts = hosts.iter().map(|host| host.as_str().into()).collect();
    Ok(Entrance { hosts, whitelist: whitelist.into(), drop_strangers })
}

/// The same as before for the same authorities: clients can go on with the sessions they have.
fn client_auth(
    config: &GatewayConfig,
    old: Option<&Arc<Gateway>>,
    parts: &Parts<'_>,
) -> Result<Option<ClientAuth>, ConfigError> {
    let Some(authorities) = &config.tls.client_authorities else { return Ok(None) };
    let before = old.and_then(|old| old.client_auth.as_ref());
    if let Some(same) = before.filter(|before| *before.authorities == **authorities) {
        return Ok(Some(same.clone()));
    }
    let asking = parts.tls.asking(authorities);
    let config = asking.map_err(|source| ConfigError::BadAuthorities { gateway: config.id.clone(), source })?;
    Ok(Some(ClientAuth { authorities: authorities.as_str().into(), config }))
}

fn build_service(config: &ServiceConfig, parts: &Parts<'_>) -> Service {
    let member = config.group.as_ref().map(|membership| Member {
        group: membership.name.as_str().into(),
        weight: membership.weight,
        header: membership.header.clone(),
        inside: Arc::new(opened_by(&membership.tokens, config, None, parts)),
    });
    opened_by(&config.tokens, config, member, parts)
}

fn opened_by(tokens: &[TokenConfig], config: &ServiceConfig, member: Option<Member>, parts: &Parts<'_>) -> Service {
    let millis = Duration::from_millis;
    let of_it = parts.stats.service(&config.id);
    let endpoints = parts.endpoints.of(&config.id);
    of_it.have_replicas(&endpoints);
    let OfService { counters, spread, limits, .. } = of_it;
    Service {
        id: config.id.clone(),
        name: config.name.as_str().into(),
        tokens: tokens
            .iter()
            .map(|token| Token {
                id: token.id.clone(),
                digest: token.digest,
                expires_at: token.expires_at,
                bucket: parts.stats.token(&token.id),
                signing: token.secret.as_ref().map(signing_key),
            })
            .collect(),
        body_limit: config.body_limit,
        timers: Timers {
            connect: millis(config.timeouts.connect_ms),
            first_byte: millis(config.timeouts.first_byte_ms),
            idle: millis(config.timeouts.idle_ms),
            request: millis(config.timeouts.request_ms),
        },
        upstream: config.policy.upstream,
        observe: config.policy.stream.observe,
        keep_alive: millis(config.policy.stream.keep_alive_ms),
        pass_token: config.policy.pass_token,
        limits: Limits::new(&config.policy.limits, config.policy.hold, limits),
        weights: Weights::of(&endpoints),
        endpoints,
        counters,
        balance: config.policy.balance.clone(),
        retry: config.policy.retry,
        health: config.policy.health,
        spread,
        member,
    }
}

/// SHA-1 is what the official clients sign with; as a keyed hash it still holds.
fn signing_key(token: &Secret) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.reveal().as_bytes())
}

#[cfg(any(test, feature = "fuzzing"))]
impl Service {
    /// With this token and defaults for all else.
    pub fn for_tests(token: &str) -> Self {
        use domain::id::{RANDOM_LEN, ServiceId, TokenId};
        let token = Secret::new(token);
        let config = ServiceConfig {
            id: ServiceId::from_random([1; RANDOM_LEN]),
            gateway_id: GatewayId::from_random([1; RANDOM_LEN]),
            name: "m".into(),
            tokens: vec![TokenConfig {
                id: TokenId::from_random([1; RANDOM_LEN]),
                digest: token.digest(),
                expires_at: None,
                secret: Some(token),
            }],
            body_limit: 1000,
            timeouts: Default::default(),
            policy: Default::default(),
            group: None,
        };
        let (endpoints, stats) = (EndpointBook::default(), Stats::new(1));
        let tls = Tls::new(Arc::default()).expect("TLS");
        let parts = Parts { snapshot: &Snapshot::default(), endpoints: &endpoints, stats: &stats, tls: &tls };
        build_service(&config, &parts)
    }
}
