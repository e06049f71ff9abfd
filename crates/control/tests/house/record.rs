//! Access records as an engine sends them.

use link::records::{Packer, Packing, Records};

/// One of a request that was answered with 200; `at` in microseconds.
pub fn record(at: i64, request_id: &str, token_id: Option<&str>) -> Records {
    let mut packer = Packer::default();
    packer.push(&Packing {
        at,
        request_id,
        gateway_id: None,
        service_id: None,
        replica_id: None,
        token_id,
        client: [127, 0, 0, 1].into(),
        local: ([127, 0, 0, 1], 80).into(),
        method: "GET",
        host: "h",
        path: "/",
        status: 200,
        detail: None,
        bytes_in: 0,
        bytes_out: 0,
        duration_us: 1,
        upstream_us: None,
        sent_us: None,
        tries: 0,
        protocol: "HTTP/1.1",
        tls: None,
        user_agent: "",
        trace_id: None,
        llm: None,
        span_id: None,
        parent_span_id: None,
    });
    let mut records = Records::default();
    records.push(packer.take(0));
    records
}
