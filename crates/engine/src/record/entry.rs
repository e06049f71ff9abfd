//! A record as a worker leaves it: shared objects instead of copied texts.

use crate::config::{Endpoint, Gateway, Service};
use crate::worker::{Conn, Protocol, Worker};
use chrono::{DateTime, Utc};
use http::{Method, StatusCode};
use link::telemetry::{AccessRecord, Llm};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

pub struct Entry {
    pub at: DateTime<Utc>,
    pub request_id: Box<str>,
    pub gateway: Option<Arc<Gateway>>,
    pub service: Option<Arc<Service>>,
    pub replica: Option<Arc<Endpoint>>,
    /// Its place in the service's list.
    pub token: Option<usize>,
    pub client: IpAddr,
    pub local: SocketAddr,
    pub method: Method,
    pub host: Box<str>,
    pub path: Box<str>,
    pub status: u16,
    pub detail: Option<&'static str>,
    pub bytes_in: u64,
    pub bytes_out: u64,
    pub duration_us: u64,
    pub upstream_us: Option<u64>,
    pub sent_us: Option<u64>,
    pub tries: u8,
    pub protocol: Protocol,
    pub tls: Option<&'static str>,
    pub user_agent: Box<str>,
    /// 0 where there is none.
    pub trace: u128,
    pub llm: Option<Box<Llm>>,
}

/// What a connection is recorded as that ended before there was a request.
pub fn connection(worker: &Worker, conn: &Conn, gateway: Option<Arc<Gateway>>, detail: &'static str) {
    connection_from(worker, conn.peer, conn.local, gateway, detail);
}

pub fn connection_from(
    worker: &Worker,
    client: IpAddr,
    local: SocketAddr,
    gateway: Option<Arc<Gateway>>,
    detail: &'static str,
) {
    worker.ring.push(Entry::bare(client, local, gateway, detail));
}

/// What came instead of a request: nobody could read whom it was for. hyper answered it.
pub fn unread(worker: &Worker, conn: &Conn, status: StatusCode) {
    worker.ring.push(Entry {
        request_id: worker.next_request_id().to_str().unwrap_or_default().into(),
        status: status.as_u16(),
        tls: conn.tls,
        ..Entry::bare(conn.peer, conn.local, None, "BadRequest")
    });
}

/// A dash, as access logs have where there is nothing.
fn no_method() -> Method {
    Method::from_bytes(b"-").unwrap_or_default()
}

impl Entry {
    fn bare(client: IpAddr, local: SocketAddr, gateway: Option<Arc<Gateway>>, detail: &'static str) -> Self {
        Self {
            at: Utc::now(),
            request_id: Box::default(),
            gateway,
            service: None,
            replica: None,
            token: None,
            client,
            local,
            method: no_method(),
            host: Box::default(),
            path: Box::default(),
            status: 0,
            detail: Some(detail),
            bytes_in: 0,
            bytes_out: 0,
            duration_us: 0,
            upstream_us: None,
            sent_us: None,
            tries: 0,
            protocol: Protocol::Http1,
            tls: None,
            user_agent: Box::default(),
            trace: 0,
            llm: None,
        }
    }

    pub fn into_record(self) -> AccessRecord {
        let token = self.service.as_ref().zip(self.token).and_then(|(service, at)| service.tokens.get(at));
        AccessRecord {
            at: self.at,
            request_id: self.request_id.into(),
            gateway_id: self.gateway.as_ref().map(|gateway| gateway.id.clone()),
            token_id: token.map(|token| token.id.clone()),
            service_id: self.service.as_ref().map(|service| service.id.clone()),
            replica_id: self.replica.as_ref().map(|replica| replica.replica_id.clone()),
            client: self.client,
            local: self.local,
            method: self.method.to_string(),
            host: self.host.into(),
            path: self.path.into(),
            status: self.status,
            detail: self.detail.map(str::to_owned),
            bytes_in: self.bytes_in,
            bytes_out: self.bytes_out,
            duration_us: self.duration_us,
            upstream_us: self.upstream_us,
            sent_us: self.sent_us,
            tries: self.tries,
            protocol: self.protocol.as_str().into(),
            tls: self.tls.map(str::to_owned),
            user_agent: self.user_agent.into(),
            llm: self.llm.map(|llm| *llm),
            trace_id: (self.trace != 0).then(|| format!("{:032x}", self.trace)),
        }
    }
}
