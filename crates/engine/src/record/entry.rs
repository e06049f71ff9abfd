//! What a connection is recorded as that ended before there was a request.

use crate::config::Gateway;
use crate::worker::{Conn, Worker};
use link::records::Packing;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

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
    worker.recorder.push(&Packing {
        at: worker.clock.utc(worker.clock.tick()).timestamp_micros(),
        request_id: "",
        gateway_id: gateway.as_ref().map(|gateway| gateway.id.as_str()),
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
        detail: Some(detail),
        bytes_in: 0,
        bytes_out: 0,
        duration_us: 0,
        upstream_us: None,
        sent_us: None,
        tries: 0,
        protocol: "HTTP/1.1",
        tls: None,
        user_agent: "",
        trace_id: None,
        llm: None,
    });
}
