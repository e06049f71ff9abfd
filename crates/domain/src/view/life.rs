//! The life of a service: its versions, the rollout between them, and its replicas.

use crate::endpoint::ReplicaReport;
use crate::service::Why;
use crate::service::rollout::{Because, Phase};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionView {
    pub number: u32,
    pub replica_version: u32,
    pub why: Why,
    /// Name of the user; `None`: the console, or somebody who is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
    pub created_at: DateTime<Utc>,
    pub is_wanted: bool,
    /// What it says otherwise than the one that is wanted.
    #[serde(default)]
    pub changes: Vec<VersionChange>,
}

/// `None`: nothing was said, or it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionChange {
    pub key: String,
    /// In that version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolloutView {
    pub from: u32,
    pub to: u32,
    pub phase: Phase,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<Because>,
    /// Back to a version that was there before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_back: bool,
    /// The batch that was let in last, and how many there are; `None` without batches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<(u32, u32)>,
    /// When the next batch is let in by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_batch_at: Option<DateTime<Utc>>,
    /// New replicas that are ready, of so many.
    pub ready: u32,
    pub wanted: u32,
    /// Of versions before.
    pub old: u32,
    pub began_at: DateTime<Utc>,
    pub since: DateTime<Utc>,
}

/// A replica, where it is and what it uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplicaView {
    #[serde(flatten)]
    pub report: ReplicaReport,
    /// Name of its host.
    #[serde(default)]
    pub host: String,
    /// Its host does not answer: this is what was known last.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_old_news: bool,
    /// Of one core.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_percent: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu_percent: Option<u8>,
    /// Requests that it has and has not answered to the end; `None` while no engine says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_flight: Option<u64>,
}

/// A part of what a replica printed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputView {
    /// Where `text` starts, bytes from the first that the replica ever printed.
    pub from: u64,
    /// Where the next part starts.
    pub to: u64,
    /// The oldest that is still kept.
    pub oldest: u64,
    /// Untrusted text.
    pub text: String,
}
