//! What is recorded where there was no request that anybody could read.

use crate::config::Gateway;
use crate::worker::{Conn, Protocol, Worker};
use link::records::Packing;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// A connection that ended before there was a request.
pub fn connection(worker: &Worker, conn: &Conn, gateway: Option<Arc<Gateway>>, detail: &'static str) {
    let gateway = gateway.as_ref().map(|gateway| gateway.id.as_str());
    let record = nothing(worker, conn.peer, conn.local, detail);
    worker.recorder.push(&Packing { gateway_id: gateway, protocol: conn.protocol.as_str(), tls: conn.tls, ..record });
}

pub fn connection_from(
    worker: &Worker,
    client: IpAddr,
    local: SocketAddr,
    gateway: Option<Arc<Gateway>>,
    detail: &'static str,
) {
    let gateway_id = gateway.as_ref().map(|gateway| gateway.id.as_str());
    worker.recorder.push(&Packing { gateway_id, ..nothing(worker, client, local, detail) });
}

/// A stream that was refused before anybody read what it asks for: it was malformed, or one too many.
pub fn stream(worker: &Worker, conn: &Conn) {
    let id = worker.next_request_id();
    let record = nothing(worker, conn.peer, conn.local, "StreamRefused");
    let protocol = Protocol::Http2.as_str();
    worker.recorder.push(&Packing { request_id: id.as_str(), protocol, tls: conn.tls, ..record });
}

fn nothing(worker: &Worker, client: IpAddr, local: SocketAddr, detail: &'static str) -> Packing<'static> {
    let at = worker.clock.utc(worker.clock.tick()).timestamp_micros();
    empty(at, client, local, Some(detail))
}

fn empty(at: i64, client: IpAddr, local: SocketAddr, detail: Option<&'static str>) -> Packing<'static> {
    Packing {
        at,
        request_id: "",
        gateway_id: None,
        service_id: None,
        replica_id: None,
        token_id: None,
        client,
        local,
        // As access logs have it where there is nothing.
        method: "-",
        host: "",
        path: "",
        status: 0,
        detail,
        bytes_in: 0,
        bytes_out: 0,
        duration_us: 0,
        upstream_us: None,
        sent_us: None,
        tries: 0,
        protocol: Protocol::Http1.as_str(),
        tls: None,
        user_agent: "",
        trace_id: None,
        llm: None,
        span_id: None,
        parent_span_id: None,
    }
}

#[cfg(test)]
pub fn blank(status: u16) -> Packing<'static> {
    Packing { status, ..empty(0, IpAddr::from([127, 0, 0, 1]), SocketAddr::from(([127, 0, 0, 1], 1)), None) }
}
