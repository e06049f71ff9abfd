//! What an agent runs and what it saw of it.

use crate::id::{ReplicaId, ServiceId};
use crate::service::Workload;
use crate::status::ReplicaState;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// What a replica weighs when nothing is said: twice as much gets twice the requests.
pub const DEFAULT_WEIGHT: u32 = 100;
/// From 1 on.
pub const MAX_WEIGHT: u32 = 1000;

fn default_weight() -> u32 {
    DEFAULT_WEIGHT
}

fn is_default_weight(weight: &u32) -> bool {
    *weight == DEFAULT_WEIGHT
}

/// A replica that can take requests now.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Endpoint {
    pub service_id: ServiceId,
    pub replica_id: ReplicaId,
    pub address: SocketAddr,
    /// Its share of the service's requests is this among the weights of all.
    #[serde(default = "default_weight", skip_serializing_if = "is_default_weight")]
    pub weight: u32,
}

/// A service that an agent shall run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedService {
    pub service_id: ServiceId,
    /// For people who look at processes and files; has no meaning to the agent.
    pub name: String,
    /// The version that `workload` is of.
    #[serde(default)]
    pub version: u32,
    #[serde(default = "one")]
    pub replicas: u32,
    pub workload: Workload,
}

fn one() -> u32 {
    1
}

/// What an agent saw of one replica.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplicaReport {
    pub replica_id: ReplicaId,
    pub service_id: ServiceId,
    pub state: ReplicaState,
    pub address: SocketAddr,
    pub pid: Option<u32>,
    /// How often it was started again.
    pub restarts: u32,
    /// Why it is not ready, in the operating system's or the probe's words.
    pub detail: Option<String>,
    pub since: DateTime<Utc>,
    /// Of the service, which it was started for; 0 from before there were versions.
    #[serde(default)]
    pub version: u32,
    /// Of its newest start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<DateTime<Utc>>,
    /// Runs, and gets no requests because somebody said so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub isolated: bool,
    /// What it printed last, where it failed. Untrusted text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub last_lines: Vec<String>,
    /// See [`Endpoint::weight`].
    #[serde(default = "default_weight", skip_serializing_if = "is_default_weight")]
    pub weight: u32,
}

/// What one replica uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplicaUsage {
    pub replica_id: ReplicaId,
    /// CPU time since its newest start, microseconds.
    pub cpu_us: u64,
    pub memory_bytes: u64,
    /// What of its GPUs is in use, per cent; `None` without a GPU or a driver that says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu_percent: Option<u8>,
}

/// What somebody asks of one replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplicaAction {
    /// Ended in order and started again.
    Restart,
    /// Ended in order; another one takes its place.
    Delete,
    /// Gets no requests, runs on.
    Isolate,
    /// Gets requests again.
    Admit,
}

impl ReplicaAction {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::Delete => "delete",
            Self::Isolate => "isolate",
            Self::Admit => "admit",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_is_only_said_where_it_is_another() {
        let before = r#"{"service_id":"svc-a","replica_id":"rep-a","address":"192.0.2.7:80"}"#;
        let endpoint: Endpoint = serde_json::from_str(before).expect("is read");
        assert_eq!(endpoint.weight, DEFAULT_WEIGHT);
        assert_eq!(serde_json::to_string(&endpoint).expect("is written"), before);
        let heavy = Endpoint { weight: 300, ..endpoint };
        let text = serde_json::to_string(&heavy).expect("is written");
        assert!(text.contains(r#""weight":300"#), "{text}");
        assert_eq!(serde_json::from_str::<Endpoint>(&text).expect("is read"), heavy);
    }
}
