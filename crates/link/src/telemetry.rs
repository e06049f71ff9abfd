//! What an engine counted and recorded.

use crate::records::Records;
use chrono::{DateTime, Utc};
use domain::histogram::Histogram;
use domain::id::{GatewayId, ReplicaId, ServiceId, TokenId, VpcId};
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};

/// Sent about once a second, and again until its number was received.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Telemetry {
    pub sequence: u64,
    /// When the engine that counts was started; a smaller counter with another start is no decrease.
    pub started_at: DateTime<Utc>,
    pub gateways: Vec<GatewayCounters>,
    pub services: Vec<ServiceCounters>,
    /// Of gateways with threads of their own, measured when the batch was made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub usage: Vec<GatewayUsage>,
    /// When that was, microseconds from the start of the engine by a clock that nobody sets.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub usage_at_us: u64,
    /// Memory of the whole engine process, with `usage`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resident_bytes: Option<u64>,
    pub records: Records,
    /// Records that did not fit since the engine was started.
    pub records_dropped: u64,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Totals since the engine was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayCounters {
    pub gateway_id: GatewayId,
    /// CPU time of its own threads, microseconds; 0 where it has none.
    #[serde(default)]
    pub cpu_us: u64,
    /// Its bytes by side; only sides that requests came through.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sides: Vec<SideBytes>,
    #[serde(flatten)]
    pub counters: Counters,
}

/// Bodies of requests and answers that came through one side of a gateway; totals since the engine was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideBytes {
    /// `None`: the public side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc: Option<VpcId>,
    pub bytes_in: u64,
    pub bytes_out: u64,
}

/// What a gateway uses of an engine now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayUsage {
    pub gateway_id: GatewayId,
    /// Its own threads that take new connections.
    pub workers: u16,
    /// CPU time of its own threads since the engine was started, microseconds.
    pub cpu_us: u64,
    /// Open connections that count against its capacity.
    pub connections: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceCounters {
    pub service_id: ServiceId,
    /// Of those under way some may wait: see `held` and `queued`.
    #[serde(flatten)]
    pub counters: Counters,
    /// Requests that wait for a replica now, because there is none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub held: u64,
    /// Requests that wait for a place now, because as many are under way as may be.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub queued: u64,
    /// Of the replicas that are ready now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replicas: Vec<ReplicaCounters>,
    /// Durations of requests to the last byte of their answers, microseconds.
    #[serde(default, skip_serializing_if = "Histogram::is_empty")]
    pub latency: Histogram,
    /// Where the service wants its answers looked into.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tokens_in: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tokens_out: u64,
    /// The same, of streams: from the request to the first piece with content, microseconds.
    #[serde(default, skip_serializing_if = "Histogram::is_empty")]
    pub first_token: Histogram,
    /// Of the same streams: from the first piece with content to the last, for each token behind the first, microseconds.
    #[serde(default, skip_serializing_if = "Histogram::is_empty")]
    pub per_token: Histogram,
}

/// Totals since this engine was told that the replica is ready at its address; one that goes and comes back begins
/// anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplicaCounters {
    pub replica_id: ReplicaId,
    /// Requests whose answers have not ended.
    pub in_flight: u64,
    /// Sent to it, second tries included.
    pub requests: u64,
    /// No connection, no answer in time, or a 5xx.
    pub failures: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    pub requests: u64,
    pub status_2xx: u64,
    pub status_3xx: u64,
    pub status_4xx: u64,
    pub status_5xx: u64,
    /// Bodies, bytes.
    pub bytes_in: u64,
    pub bytes_out: u64,
    /// Sum of durations, microseconds.
    pub micros: u64,
    pub in_flight: u64,
    /// Over a gateway's capacity; of connections that came to requests these are in `requests` as well.
    #[serde(default)]
    pub connections_refused: u64,
    #[serde(default)]
    pub handshakes_refused: u64,
    /// Of gateways whose connections are counted: those that came to them.
    #[serde(default)]
    pub connections: u64,
}

/// One request, also one that was refused at the edge. [`crate::records::Packing`] has the same fields in the same order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRecord {
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub at: DateTime<Utc>,
    pub request_id: String,
    pub gateway_id: Option<GatewayId>,
    pub service_id: Option<ServiceId>,
    pub replica_id: Option<ReplicaId>,
    pub token_id: Option<TokenId>,
    pub client: IpAddr,
    pub local: SocketAddr,
    pub method: String,
    pub host: String,
    /// Without the query, which may hold secrets.
    pub path: String,
    pub status: u16,
    /// Why the engine answered this itself (`SourceNotAllowed`, …); `None` where the replica answered.
    pub detail: Option<String>,
    pub bytes_in: u64,
    pub bytes_out: u64,
    /// Microseconds from the first byte of the request to the last of the answer.
    pub duration_us: u64,
    /// Microseconds until the head of the replica's answer.
    #[serde(default)]
    pub upstream_us: Option<u64>,
    /// Microseconds until the request had a connection to its replica; waiting in a queue is part of it.
    #[serde(default)]
    pub sent_us: Option<u64>,
    /// Replicas that it was sent to, one after the other.
    #[serde(default)]
    pub tries: u8,
    /// `HTTP/1.1` or `HTTP/2`.
    #[serde(default)]
    pub protocol: String,
    /// `TLSv1.2` or `TLSv1.3`; `None` in clear.
    #[serde(default)]
    pub tls: Option<String>,
    #[serde(default)]
    pub user_agent: String,
    /// W3C trace id, hexadecimal.
    #[serde(default)]
    pub trace_id: Option<String>,
    /// Where the service wants its answers looked into.
    #[serde(default)]
    pub llm: Option<Llm>,
    /// The request's own span in its trace, which its replica was told of; `None` where its spans are not wanted: the
    /// engine was not told to make any, or who began the trace did not sample it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span_id: Option<u64>,
    /// The client's span; `None` where the trace began here. Only with a span of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_span_id: Option<u64>,
}

/// What an answer in OpenAI's shape said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Llm {
    pub model: Option<String>,
    pub tokens_in: Option<u64>,
    pub tokens_out: Option<u64>,
    /// The replica said nothing about tokens; the pieces of its stream were counted.
    pub tokens_out_counted: bool,
    /// Microseconds from the request to the first and to the last piece with content, of streams.
    pub first_token_us: Option<u64>,
    pub last_token_us: Option<u64>,
}
