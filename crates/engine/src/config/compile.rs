//! Builds the next table from the one before. All or nothing: a configuration in which a request could have two
//! answers is refused whole.

use super::changes::Names;
use super::groups::{self, Groups, Services};
use super::table::{ClientAuth, Gateway, Member, Service, Table, Timers, Token};
use super::{Changes, EndpointBook, hosts};
use crate::limit::{Capacity, Limits};
use crate::listener::tls::{ClientAuthError, Tls};
use crate::record::{OfService, Stats};
use bytes::Bytes;
use domain::cidr::Cidr;
use domain::id::{CertificateId, GatewayId, ServiceId};
use domain::secret::Secret;
use domain::snapshot::{GatewayConfig, Resource, ResourceKey, Scheme, ServiceConfig, Snapshot, TokenConfig};
use ring::hmac;
use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Why a configuration is refused; the console shows it to whoever made the change.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the host {host} is given to {first} and to {second}; only one gateway can answer to it")]
    SharedHost { host: String, first: GatewayId, second: GatewayId },
    #[error("the host {host:?} of {gateway} is no lower-case host name without port, nor one behind `*.`")]
    BadHost { host: String, gateway: GatewayId },
    #[error("the address {address} is given to {first} and to {second}; give each gateway a port of its own")]
    SharedAddress { address: SocketAddr, first: GatewayId, second: GatewayId },
    #[error("the address {address} is the shared listener's and {gateway}'s own; give the gateway another port")]
    OwnIsShared { address: SocketAddr, gateway: GatewayId },
    #[error("the address {0} has no port")]
    NoPort(SocketAddr),
    #[error("{gateway} has two services named {name}; rename one")]
    SharedName { gateway: GatewayId, name: String },
    #[error("{gateway} has a service and a group named {name}; rename one")]
    GroupAndService { gateway: GatewayId, name: String },
    #[error("the group {group:?} of {service} is not named like a service")]
    BadGroup { group: String, service: ServiceId },
    #[error("{first} and {second} have different tokens for their group {group} of {gateway}; give them the same")]
    GroupTokens { group: String, gateway: GatewayId, first: ServiceId, second: ServiceId },
    #[error("the server name {name} is given to {first} and to {second}; only one certificate can be shown for it")]
    SharedServerName { name: String, first: CertificateId, second: CertificateId },
    #[error("{id} cannot be shown: {reason}")]
    BadCertificate { id: CertificateId, reason: String },
    #[error("the client authorities of {gateway} cannot be used: {source}")]
    BadAuthorities { gateway: GatewayId, source: ClientAuthError },
    #[error("{service} belongs to {gateway}, which is not part of the configuration")]
    NoGateway { service: ServiceId, gateway: GatewayId },
}

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
        for (id, changed) in &changes.gateways {
            let Some(gateway) = self.gateways.get(id) else { continue };
            for name in changed.values().filter_map(|names| names.after.as_deref()) {
                if let Some(service) = gateway.services.get(name) {
                    service.limits.let_in(service.endpoints.len());
                }
            }
        }
    }

    /// The table for a snapshot, reusing all of `self` that `changes` does not touch.
    pub fn next(&self, changes: &Changes, parts: &Parts<'_>) -> Result<Table, ConfigError> {
        let snapshot = parts.snapshot;
        let mut next = self.clone();
        if changes.listeners {
            next.shared = shared_listeners(snapshot);
            next.proxies = proxies(snapshot);
        }
        if !changes.certificates.is_empty() {
            next.certificates = Arc::new(self.certificates.next(&changes.certificates, snapshot)?);
        }
        // All old entries go before the first new one comes: two gateways may exchange their hosts.
        for old in changes.gateways.keys().filter_map(|id| self.gateways.get(id)) {
            for host in &old.hosts {
                next.hosts.remove(host);
            }
            if let Some(own) = old.own {
                next.own.remove(&own);
            }
            next.gateways.remove(&old.id);
            next.to_be_known -= usize::from(old.has_to_be_known());
        }
        for (id, services) in &changes.gateways {
            let old = self.gateways.get(id);
            if let Some(gateway) = build_gateway(id, services, old, parts)? {
                next.admit(Arc::new(gateway))?;
            }
        }
        next.check_doors()?;
        next.looks_ahead = next.to_be_known > 0;
        Ok(next)
    }

    fn admit(&mut self, gateway: Arc<Gateway>) -> Result<(), ConfigError> {
        for host in &gateway.hosts {
            self.hosts.insert(host, &gateway)?;
        }
        if let Some(address) = gateway.own
            && let Some(first) = self.own.insert(address, gateway.clone())
        {
            let (first, second) = (first.id.clone(), gateway.id.clone());
            return Err(ConfigError::SharedAddress { address, first, second });
        }
        self.to_be_known += usize::from(gateway.has_to_be_known());
        self.gateways.insert(gateway.id.clone(), gateway);
        Ok(())
    }

    fn check_doors(&self) -> Result<(), ConfigError> {
        for address in self.shared.keys() {
            if address.port() == 0 {
                return Err(ConfigError::NoPort(*address));
            }
            if let Some(gateway) = self.own.get(address) {
                return Err(ConfigError::OwnIsShared { address: *address, gateway: gateway.id.clone() });
            }
        }
        Ok(())
    }
}

fn shared_listeners(snapshot: &Snapshot) -> BTreeMap<SocketAddr, Scheme> {
    let listeners = snapshot.resources().filter_map(|resource| match resource {
        Resource::Listener(listener) => Some((listener.address, listener.scheme)),
        _ => None,
    });
    listeners.collect()
}

fn proxies(snapshot: &Snapshot) -> HashMap<SocketAddr, Arc<[Cidr]>> {
    let listeners = snapshot.resources().filter_map(|resource| match resource {
        Resource::Listener(listener) if !listener.trusted_proxies.is_empty() => {
            Some((listener.address, listener.trusted_proxies.as_slice().into()))
        }
        _ => None,
    });
    listeners.collect()
}

fn build_gateway(
    id: &GatewayId,
    changed: &BTreeMap<ServiceId, Names>,
    old: Option<&Arc<Gateway>>,
    parts: &Parts<'_>,
) -> Result<Option<Gateway>, ConfigError> {
    let mut services = old.map(|old| old.services.clone()).unwrap_or_default();
    let mut groups = old.map(|old| old.groups.clone()).unwrap_or_default();
    if !changed.is_empty() {
        let (mut next, mut gone) = (Services::clone(&services), Vec::new());
        // All old ones go before the first new one comes: two services may exchange their names.
        for name in changed.values().filter_map(|names| names.before.as_deref()) {
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
    match parts.snapshot.get(&ResourceKey::Gateway(id.clone())).map(Arc::as_ref) {
        Some(Resource::Gateway(config)) => assemble(config, (services, groups), old, parts).map(Some),
        _ => match services.values().next() {
            Some(orphan) => Err(ConfigError::NoGateway { service: orphan.id.clone(), gateway: id.clone() }),
            None => Ok(None),
        },
    }
}

fn assemble(
    config: &GatewayConfig,
    (services, groups): (Arc<Services>, Arc<Groups>),
    old: Option<&Arc<Gateway>>,
    parts: &Parts<'_>,
) -> Result<Gateway, ConfigError> {
    let (mut hosts, mut own, mut whitelist) = (Vec::new(), None, Vec::new());
    if let Some(public) = &config.public {
        for name in &public.hosts {
            if !hosts::is_name(name) {
                return Err(ConfigError::BadHost { host: name.clone(), gateway: config.id.clone() });
            }
            hosts.push(name.as_str().into());
        }
        if let Some(address) = public.own.filter(|address| address.port() == 0) {
            return Err(ConfigError::NoPort(address));
        }
        own = public.own;
        whitelist.clone_from(&public.whitelist);
    }
    let greeting = serde_json::json!({
        "gateway": config.id,
        "name": config.name,
        "message": "Connected. Call a service under /api/predict/<service> with its token in Authorization.",
    });
    let (counters, state) = parts.stats.gateway(&config.id);
    Ok(Gateway {
        id: config.id.clone(),
        hosts,
        own,
        whitelist,
        services,
        groups,
        greeting: Bytes::from(greeting.to_string()),
        capacity: Capacity::new(&config.capacity, state),
        counters,
        workers: config.capacity.workers,
        drop_strangers: config.public.as_ref().is_some_and(|public| public.drop_strangers),
        client_auth: client_auth(config, old, parts)?,
        redirect_to_port: config.tls.redirect_to_port,
        hsts: config.tls.hsts_seconds.and_then(|seconds| format!("max-age={seconds}").try_into().ok()),
    })
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
        inside: Arc::new(opened_by(&membership.tokens, config, None, parts)),
    });
    opened_by(&config.tokens, config, member, parts)
}

fn opened_by(tokens: &[TokenConfig], config: &ServiceConfig, member: Option<Member>, parts: &Parts<'_>) -> Service {
    let millis = Duration::from_millis;
    let OfService { counters, spread, limits } = parts.stats.service(&config.id);
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
        limits: Limits::new(&config.policy.limits, limits),
        endpoints: parts.endpoints.of(&config.id),
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
        use domain::id::{RANDOM_LEN, TokenId};
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
