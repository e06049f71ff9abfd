//! What every proxy is configured with: the same hosts, services, tokens, rates and addresses.

mod certificate;

pub use certificate::Certificate;

use std::net::SocketAddr;

pub const HOSTS: usize = 10;
pub const SERVICES: usize = 1000;
/// Requests a second of a service that nobody is to reach.
pub const FAST: u32 = 1_000_000;
/// Of the service that shows that the limit holds.
pub const SLOW: u32 = 5;
/// Replicas are asked over as many idle connections as this.
pub const KEPT: usize = 64;

/// Which backend answers for a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// Short answers, by nginx.
    Web,
    /// Event streams and WebSockets.
    Streams,
    /// gRPC over HTTP/2 without TLS.
    Grpc,
}

pub struct Service {
    pub number: usize,
    pub name: String,
    /// Index of the host that it is reached at.
    pub host: usize,
    pub token: String,
    pub answers: Answers,
    /// Requests a second, and as many at once.
    pub rate: u32,
}

impl Service {
    pub fn host_name(&self) -> String {
        host(self.host)
    }

    /// Where clients find it.
    pub fn prefix(&self) -> String {
        format!("/api/predict/{}/", self.name)
    }
}

pub fn host(number: usize) -> String {
    format!("gw-{number}.bench.example")
}

/// Where the backends listen.
#[derive(Clone, Copy, Debug)]
pub struct Backends {
    pub web: SocketAddr,
    pub web_tls: SocketAddr,
    pub streams: SocketAddr,
    pub grpc: SocketAddr,
}

impl Backends {
    pub fn of(&self, answers: Answers) -> SocketAddr {
        match answers {
            Answers::Web => self.web,
            Answers::Streams => self.streams,
            Answers::Grpc => self.grpc,
        }
    }
}

pub struct Scene {
    pub services: Vec<Service>,
    pub whitelist: Vec<String>,
    pub certificate: Certificate,
    pub backends: Backends,
}

impl Scene {
    pub fn new(backends: Backends) -> anyhow::Result<Self> {
        let service = |number: usize| {
            let (answers, rate) = match number {
                STREAMS => (Answers::Streams, FAST),
                GRPC => (Answers::Grpc, FAST),
                LIMITED => (Answers::Web, SLOW),
                _ => (Answers::Web, FAST),
            };
            Service {
                number,
                name: format!("model_{number:04}"),
                host: number % HOSTS,
                token: format!("{number:08x}c0ffee5eedc0ffee5eedc0ffee5eed"),
                answers,
                rate,
            }
        };
        // As long as a list may be; who calls is the last of it.
        let strangers = (1..=11).map(|n| format!("203.0.113.{n}/32"));
        let private = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map(String::from);
        let whitelist = strangers.chain(private).chain([String::from("127.0.0.1/32")]).collect();
        let services = (0..SERVICES).map(service).collect();
        Ok(Self { services, whitelist, certificate: Certificate::new()?, backends })
    }

    /// The one that is measured.
    pub fn web(&self) -> &Service {
        &self.services[WEB]
    }

    pub fn streams(&self) -> &Service {
        &self.services[STREAMS]
    }

    pub fn grpc(&self) -> &Service {
        &self.services[GRPC]
    }

    pub fn limited(&self) -> &Service {
        &self.services[LIMITED]
    }
}

// Somewhere in the middle, on the same host.
const WEB: usize = 577;
const STREAMS: usize = 587;
const GRPC: usize = 597;
const LIMITED: usize = 607;
