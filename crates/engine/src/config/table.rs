//! The compiled configuration: immutable, everything resolved, shared by all workers.

use super::Certificates;
use crate::balance::{Load, Spread};
use crate::limit::{Bucket, Limits};
use crate::record::Shards;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use domain::cidr::Cidr;
use domain::id::{GatewayId, ReplicaId, ServiceId, TokenId};
use domain::secret::Digest256;
use domain::snapshot::Scheme;
use domain::snapshot::policy::{Balance, Health, Retry, UpstreamProtocol};
use ring::hmac;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// What a request is decided with. Cloning copies the maps, not what they hold.
#[derive(Clone, Default)]
pub struct Table {
    pub gateways: HashMap<GatewayId, Arc<Gateway>>,
    /// Lower case, without port.
    pub hosts: HashMap<Arc<str>, Arc<Gateway>>,
    /// A gateway's own address: every Host is welcome there.
    pub own: HashMap<SocketAddr, Arc<Gateway>>,
    /// Listeners where the Host decides.
    pub shared: BTreeMap<SocketAddr, Scheme>,
    pub certificates: Arc<Certificates>,
}

impl Table {
    /// All sockets that shall listen.
    pub fn doors(&self) -> BTreeSet<SocketAddr> {
        self.shared.keys().chain(self.own.keys()).copied().collect()
    }
}

pub struct Gateway {
    pub id: GatewayId,
    pub hosts: Vec<Arc<str>>,
    pub own: Option<SocketAddr>,
    pub whitelist: Vec<Cidr>,
    /// By name; shared between two states of a gateway that differ elsewhere.
    pub services: Arc<HashMap<Box<str>, Arc<Service>>>,
    /// What the bare root answers, JSON.
    pub greeting: Bytes,
    pub counters: Arc<Shards>,
}

pub struct Service {
    pub id: ServiceId,
    pub name: Box<str>,
    pub tokens: Box<[Token]>,
    /// Bytes.
    pub body_limit: u64,
    pub timers: Timers,
    pub upstream: UpstreamProtocol,
    /// The replica sees the client's `Authorization`.
    pub pass_token: bool,
    pub limits: Limits,
    pub endpoints: Arc<[Arc<Endpoint>]>,
    pub counters: Arc<Shards>,
    pub balance: Balance,
    pub retry: Retry,
    pub health: Health,
    pub spread: Arc<Spread>,
}

pub struct Token {
    pub id: TokenId,
    pub digest: Digest256,
    pub expires_at: Option<DateTime<Utc>>,
    /// Where requests signed with it are recognised.
    pub signing: Option<hmac::Key>,
    /// Requests made with it.
    pub bucket: Arc<Bucket>,
}

#[derive(Clone, Copy)]
pub struct Timers {
    pub connect: Duration,
    pub first_byte: Duration,
    pub idle: Duration,
    pub request: Duration,
}

/// A replica that can take requests. One object as long as it stays ready at its address.
pub struct Endpoint {
    /// Never used again in this process: names the workers' pools.
    pub key: u64,
    pub replica_id: ReplicaId,
    pub address: SocketAddr,
    pub load: Load,
}
