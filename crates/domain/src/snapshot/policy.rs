//! How the engine treats a service's requests. All of it has a default that a configuration without it means, and is
//! left out of the text then (see [`super::Resource`]).

use serde::{Deserialize, Serialize};

pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Everything about a service's requests besides who may make them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    #[serde(skip_serializing_if = "is_default")]
    pub upstream: UpstreamProtocol,
    #[serde(skip_serializing_if = "is_default")]
    pub balance: Balance,
    #[serde(skip_serializing_if = "is_default")]
    pub limits: Limits,
    #[serde(skip_serializing_if = "is_default")]
    pub retry: Retry,
    #[serde(skip_serializing_if = "is_default")]
    pub health: Health,
    #[serde(skip_serializing_if = "is_default")]
    pub stream: Stream,
    /// The replica sees the client's `Authorization`.
    #[serde(skip_serializing_if = "is_default")]
    pub pass_token: bool,
    /// While no replica is ready requests wait for one instead of being refused.
    #[serde(skip_serializing_if = "is_default")]
    pub hold: Option<Hold>,
}

/// Requests that wait for a replica. An event stream that stays silent meanwhile is begun after
/// [`Stream::keep_alive_ms`], where that is set, and says so in comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Requests that may wait; not 0.
    pub length: u32,
    /// How long each may, milliseconds; then 503. It is no part of the service's request time.
    pub wait_ms: u64,
}

/// What replicas speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpstreamProtocol {
    /// HTTP/1.1; HTTP/2 without TLS for gRPC.
    #[default]
    Auto,
    Http1,
    /// Without TLS, with prior knowledge.
    Http2,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Balance {
    #[default]
    RoundRobin,
    /// The less busy of two that are picked at random.
    LeastRequests,
    /// The same by recent latency times requests in flight.
    PeakEwma,
    /// The same replica for the same value, as long as it is ready.
    ConsistentHash { on: HashOn },
    /// The same replica for prompts that begin alike, unless it is much busier than the others: replicas keep what
    /// they computed for a prefix.
    PrefixAffinity {
        /// How much of the request's body is looked at, bytes.
        bytes: u32,
        /// A replica takes at most this share of the mean load, per cent (125: a quarter more than the mean).
        load_percent: u16,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HashOn {
    Header(String),
    Cookie(String),
    Address,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// All requests of the service, this engine's share.
    #[serde(skip_serializing_if = "is_default")]
    pub rate: Option<Rate>,
    /// Requests of each token.
    #[serde(skip_serializing_if = "is_default")]
    pub token_rate: Option<Rate>,
    /// Requests under way; more wait or are refused.
    #[serde(skip_serializing_if = "is_default")]
    pub in_flight: Option<u32>,
    #[serde(skip_serializing_if = "is_default")]
    pub in_flight_per_replica: Option<u32>,
    /// Where a request waits that would be one too many in flight.
    #[serde(skip_serializing_if = "is_default")]
    pub queue: Option<Queue>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// Requests a second; not 0.
    pub per_second: u32,
    /// How many may come at once; at least 1.
    pub burst: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// Requests that may wait.
    pub length: u32,
    /// How long each may, milliseconds.
    pub wait_ms: u64,
}

/// A request is tried again only while nothing of an answer has come, on another replica where there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Retry {
    /// Tries in all, the first included; connections that are refused count.
    pub tries: u8,
    /// Retries among requests that reached a replica, per cent, over ten seconds; a few are always allowed.
    pub budget_percent: u8,
    /// Also after the answers 502, 503 and 504 of a replica, for requests that may be repeated.
    pub on_status: bool,
    /// A body up to this size is kept for another try, bytes.
    pub replay_bytes: u32,
}

impl Default for Retry {
    fn default() -> Self {
        Self { tries: 3, budget_percent: 20, on_status: false, replay_bytes: 64 * 1024 }
    }
}

/// When a replica that the agent calls ready gets no requests all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Health {
    /// Answers 5xx or failed connections in a row; 0 never ejects.
    pub failures: u32,
    /// For how long, milliseconds; longer each time.
    pub ejection_ms: u64,
    /// Of a service's replicas at most this share is ejected, per cent.
    pub max_ejected_percent: u8,
    /// A new replica gets its full share after this time, milliseconds; 0 at once.
    pub slow_start_ms: u64,
}

impl Default for Health {
    fn default() -> Self {
        Self { failures: 5, ejection_ms: 10_000, max_ejected_percent: 50, slow_start_ms: 0 }
    }
}

/// Answers that come in pieces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stream {
    /// A comment is sent on a silent event stream after this time, milliseconds; 0 never.
    #[serde(skip_serializing_if = "is_default")]
    pub keep_alive_ms: u64,
    /// Reads answers in OpenAI's shape for their model, tokens and times.
    #[serde(skip_serializing_if = "is_default")]
    pub observe: bool,
}
