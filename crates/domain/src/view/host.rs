//! Hosts as their page shows them.

use crate::host::{HostDoors, HostDraft};
use crate::id::HostId;
use crate::network::HostAddress;
use crate::secret::Digest256;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostsView {
    /// Where other hosts call; `None`: nobody can join.
    pub link: Option<SocketAddr>,
    /// Of the region.
    pub zones: Vec<String>,
    pub hosts: Vec<HostView>,
    /// Hosts that may join and have not yet.
    pub waiting: Vec<JoinTokenView>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostView {
    pub id: HostId,
    pub name: String,
    pub zone: String,
    /// The console's.
    pub is_own: bool,
    pub draining: bool,
    pub status: HostStatus,
    /// Since when nobody has heard of them.
    pub engine_away: Option<DateTime<Utc>>,
    pub agent_away: Option<DateTime<Utc>>,
    /// Version of the program; empty before it was heard of.
    pub software: String,
    pub configuration: Option<Loaded>,
    pub addresses: Vec<HostAddress>,
    pub public: HostDoors,
    /// Of gateways, as they are placed.
    pub nodes: u32,
    /// As its agent says, in any state.
    pub replicas: u32,
    /// Under way.
    pub requests: u64,
    pub revision: i64,
}

/// Versions of a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loaded {
    pub loaded: Option<u64>,
    pub newest: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostStatus {
    /// Engine and agent answer.
    Running,
    /// One of them does.
    Degraded,
    /// Neither does.
    Unknown,
    /// Gets nothing new; something is still there.
    Draining,
    /// Nothing is.
    Drained,
}

/// A token that nobody has used. The token itself was shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinTokenView {
    pub digest: Digest256,
    pub host: HostDraft,
    pub expires_at: DateTime<Utc>,
}
