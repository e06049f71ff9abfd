//! What is measured, and in which way.

mod memory;
mod round;

pub use memory::Memory;
pub use round::{Round, Sample};

use crate::backend::BODY;
use crate::load::{h2load::Load, head};
use crate::scene::Scene;
use anyhow::{Result, bail};
use std::path::Path;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    Get,
    Post,
    Tls,
    Handshakes,
    Http2,
    Grpc,
    Events,
    WebSockets,
}

/// Event streams that are open at once.
pub const STREAMS: usize = 200;
pub const WEBSOCKETS: usize = 1000;
const MESSAGE: usize = 128;

impl Workload {
    pub const ALL: [Self; 8] =
        [Self::Get, Self::Post, Self::Tls, Self::Handshakes, Self::Http2, Self::Grpc, Self::Events, Self::WebSockets];

    /// On the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
            Self::Tls => "tls",
            Self::Handshakes => "handshakes",
            Self::Http2 => "http2",
            Self::Grpc => "grpc",
            Self::Events => "events",
            Self::WebSockets => "websockets",
        }
    }

    pub fn parse(text: &str) -> Result<Self> {
        match Self::ALL.iter().find(|each| each.name() == text) {
            Some(found) => Ok(*found),
            None => bail!("there is no workload {text}; there are {:?}", Self::ALL.map(Self::name)),
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Get => "GET, HTTP/1.1 keep-alive, 64 connections, answers of 590 bytes",
            Self::Post => "POST 4 kB, answer 4 kB, HTTP/1.1 keep-alive, 64 connections",
            Self::Tls => "GET over TLS 1.3, HTTP/1.1 keep-alive, 64 connections",
            Self::Handshakes => "New TLS 1.3 connections, ECDSA P-256, no resumption, one GET on each",
            Self::Http2 => "GET over TLS, HTTP/2, 8 connections with 16 streams each",
            Self::Grpc => "gRPC unary, 128 bytes, TLS and HTTP/2, 8 connections with 16 calls each; h2c to the replica",
            Self::Events => "200 event streams with 50 events a second each",
            Self::WebSockets => "1,000 WebSockets, 64 bytes and their echo 5 times a second each",
        }
    }

    /// What is counted.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Handshakes => "connection",
            Self::Grpc => "call",
            Self::Events => "event",
            Self::WebSockets => "message",
            _ => "request",
        }
    }

    pub fn over_tls(self) -> bool {
        matches!(self, Self::Tls | Self::Handshakes | Self::Http2 | Self::Grpc)
    }

    /// For those that h2load can make.
    pub fn load(self, scene: &Scene, folder: &Path) -> Result<Option<Load>> {
        let service = if self == Self::Grpc { scene.grpc() } else { scene.web() };
        let (http1, clients, streams) = match self {
            Self::Get | Self::Post | Self::Tls => (true, 64, 1),
            Self::Http2 | Self::Grpc => (false, 8, 16),
            Self::Handshakes | Self::Events | Self::WebSockets => return Ok(None),
        };
        let body = match self {
            Self::Post => Some(vec![b'p'; BODY]),
            // One message, not compressed.
            Self::Grpc => Some([&[0, 0, 0, 0, MESSAGE as u8][..], &[b'm'; MESSAGE]].concat()),
            _ => None,
        };
        let body = match body {
            Some(bytes) => {
                let path = folder.join(format!("{}.body", self.name()));
                std::fs::write(&path, bytes)?;
                Some(path)
            }
            None => None,
        };
        let path = match self {
            Self::Post => "post",
            Self::Grpc => "bench.Echo/Say",
            _ => "get",
        };
        let scheme = if self.over_tls() { "https" } else { "http" };
        let headers: &[&str] = match self {
            Self::Post => &["content-type: application/json"],
            Self::Grpc => &["content-type: application/grpc", "te: trailers"],
            _ => &[],
        };
        let url = format!("{scheme}://{}{}{path}", service.host_name(), service.prefix());
        Ok(Some(Load { url, token: service.token.clone(), http1, clients, streams, body, headers }))
    }

    /// For those that our own clients make.
    pub fn head(self, scene: &Scene) -> String {
        let service = if self == Self::Handshakes { scene.web() } else { scene.streams() };
        let path = format!("{}get", service.prefix());
        match self {
            Self::WebSockets => head::websocket(service, &path),
            _ => head::get(service, &path, ""),
        }
    }
}
