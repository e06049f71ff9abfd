//! The compiled configuration: immutable, everything resolved, shared by all workers.

use super::groups::{Groups, Services};
use super::shares::Shares;
use super::{Certificates, Challenges, Changes, Listeners, Parted, Sides};
use crate::balance::{Load, Spread, Weights};
use crate::limit::{Bucket, Capacity, Limits};
use crate::message::Fields;
use crate::record::{Shards, Side};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use domain::cidr::Cidr;
use domain::id::{GatewayId, ReplicaId, ServiceId, TokenId, VpcId};
use domain::secret::Digest256;
use domain::snapshot::HeaderMatch;
use domain::snapshot::policy::{Balance, Health, Retry, UpstreamProtocol};
use http::HeaderValue;
use ring::hmac;
use rustls::ServerConfig;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// What a request is decided with. Cloning copies little: tables share what is the same in them.
#[derive(Clone, Default)]
pub struct Table {
    pub gateways: Parted<GatewayId, Arc<Gateway>>,
    pub sides: Sides,
    pub listeners: Listeners,
    pub certificates: Arc<Certificates>,
    /// `None` nearly always: only while a certificate is ordered.
    pub challenges: Option<Arc<Challenges>>,
}

impl Table {
    /// Whether the same sockets shall listen as in `before`, from which `changes` led here.
    pub fn has_doors_of(&self, before: &Table, changes: &Changes) -> bool {
        let own = |table: &Table, id| table.gateways.get(id).and_then(|gateway: &Arc<Gateway>| gateway.own);
        changes.listeners.is_empty() && changes.gateways.keys().all(|id| own(self, id) == own(before, id))
    }
}

pub struct Gateway {
    pub id: GatewayId,
    pub public: Option<Entrance>,
    /// One for each VPC that it can be entered from.
    pub private: Box<[Private]>,
    /// Its own port on the public side.
    pub own: Option<SocketAddr>,
    /// Addresses in VPCs that are its alone.
    pub listeners: Box<[SocketAddr]>,
    /// By name; shared between two states of a gateway that differ elsewhere.
    pub services: Arc<Services>,
    pub groups: Arc<Groups>,
    /// What the bare root answers, JSON.
    pub greeting: Bytes,
    pub capacity: Capacity,
    pub counters: Arc<Shards>,
    /// Threads of its own; 0 for none.
    pub workers: u16,
    /// Up to so many while the load asks for it; never fewer than `workers`.
    pub most_workers: u16,
    pub client_auth: Option<ClientAuth>,
    /// Who is believed on its own port and on its own listeners when it says whose connection it brings.
    pub proxies: Box<[Cidr]>,
    /// Requests in clear are sent there.
    pub redirect_to_port: Option<u16>,
    /// `Strict-Transport-Security`.
    pub hsts: Option<HeaderValue>,
}

impl Gateway {
    /// How it is entered from this VPC, or from the public side; `None` if it is not.
    pub fn entrance(&self, vpc: Option<&VpcId>) -> Option<&Entrance> {
        match vpc {
            None => self.public.as_ref(),
            Some(vpc) => self.private.iter().find(|private| private.vpc == *vpc).map(|private| &private.entrance),
        }
    }

    /// Bodies of a request that came from this VPC, or from the public side, and of its answer.
    pub fn count_bytes(&self, worker: usize, vpc: Option<&VpcId>, bytes_in: u64, bytes_out: u64) {
        let private = vpc.and_then(|vpc| self.private.iter().find(|private| private.vpc == *vpc));
        match private {
            Some(private) => private.bytes.add(worker, bytes_in, bytes_out),
            None => self.counters.add_public(worker, bytes_in, bytes_out),
        }
    }
}

/// What holds for those who come from one side.
pub struct Entrance {
    /// Lower case, without port; `*.` in front for any one label.
    pub hosts: Box<[Box<str>]>,
    pub whitelist: Box<[Cidr]>,
    /// Who is not on the list gets no answer.
    pub drop_strangers: bool,
}

pub struct Private {
    pub vpc: VpcId,
    pub entrance: Entrance,
    /// What came through it.
    pub bytes: Arc<Side>,
}

/// Who asks for client certificates.
#[derive(Clone)]
pub struct ClientAuth {
    /// PEM, as configured.
    pub authorities: Arc<str>,
    pub config: Arc<ServerConfig>,
}

pub struct Service {
    pub id: ServiceId,
    pub name: Arc<str>,
    pub tokens: Box<[Token]>,
    /// Bytes.
    pub body_limit: u64,
    pub timers: Timers,
    pub upstream: UpstreamProtocol,
    /// Of silent event streams; 0 for none.
    pub keep_alive: Duration,
    /// Answers are looked into.
    pub observe: bool,
    /// The replica sees the client's `Authorization`.
    pub pass_token: bool,
    pub limits: Limits,
    pub endpoints: Arc<[Arc<Endpoint>]>,
    /// `None` where they all weigh the same.
    pub weights: Option<Box<Weights>>,
    pub counters: Arc<Shards>,
    pub balance: Balance,
    pub retry: Retry,
    pub health: Health,
    pub spread: Arc<Spread>,
    pub member: Option<Member>,
}

impl Service {
    /// There is no replica, and requests wait for one.
    pub fn is_asleep(&self) -> bool {
        self.endpoints.is_empty() && self.limits.hold.is_some()
    }

    /// Its place in this group, if it is its group.
    pub fn within(&self, group: &str) -> Option<&Member> {
        self.member.as_ref().filter(|member| *member.group == *group)
    }
}

/// A service's place in a group.
pub struct Member {
    pub group: Arc<str>,
    /// `None`: as many as it has ready replicas.
    pub weight: Option<u32>,
    pub header: Option<HeaderMatch>,
    /// The service as the group's name leads to it: the group's tokens open it. All else is the same, also the state.
    pub inside: Arc<Service>,
}

/// Services behind one name.
pub struct Group {
    pub members: Box<[Arc<Service>]>,
    pub shares: Shares,
    /// Who gets requests with a certain header, whoever's turn it is.
    pub by_header: Box<[Meant]>,
    /// Goes on when the group changes, or whoever is first would get more with every change.
    pub turn: Arc<AtomicU64>,
}

/// The member that a header means.
pub struct Meant {
    pub name: Box<str>,
    pub value: Box<str>,
    /// Its place among the members.
    pub at: usize,
}

impl Group {
    /// Who is meant by a header, or whose turn it is, opened by the group's tokens; `None` if no service takes what is
    /// sent to the group.
    pub fn next(&self, fields: &Fields) -> Option<&Arc<Service>> {
        let at = match self.by_header.iter().find(|meant| fields.has_value(&meant.name, meant.value.as_bytes())) {
            Some(meant) => meant.at,
            None => self.shares.of(self.turn.fetch_add(1, Relaxed))?,
        };
        Some(&self.members.get(at)?.member.as_ref()?.inside)
    }
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
    /// Its share of requests is this among all; not 0.
    pub weight: u32,
    pub load: Arc<Load>,
}
