//! Nodes of a fully managed gateway, as engines say.

use crate::id::EngineId;
use crate::spec::Thresholds;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeView {
    /// From 1.
    pub number: u32,
    pub engine: EngineId,
    /// Its name.
    pub host: String,
    pub connected: bool,
    /// When the engine connected or was lost.
    pub since: DateTime<Utc>,
    pub zone: String,
    /// The version of the configuration that every worker of the engine has loaded.
    pub loaded: Option<u64>,
    pub newest: u64,
    /// Of the newest telemetry; `None` while there is none, and from an engine that does not answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<NodeUsage>,
}

/// Nodes of a gateway that are on the same engine share its workers: what is counted for all of them is divided evenly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeUsage {
    /// Threads of the gateway's own on this engine; 0 before its first connection.
    pub workers: u16,
    /// Nodes that share them.
    pub shared_by: u32,
    /// Of those threads together, percent of what they could use; `None` before there are two measurements.
    pub cpu_percent: Option<u64>,
    /// Of the whole engine process: memory is not counted by gateway.
    pub memory_bytes: Option<u64>,
    /// Open ones of this node.
    pub connections: u64,
    /// As this installation enforces them.
    pub thresholds: Thresholds,
}

/// When the newest change of a gateway's size took effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// There was none that this console knows of: it remembers them as long as it runs.
    #[default]
    Unknown,
    /// It is written, and not every engine has loaded it.
    Pending,
    /// From the write to the moment that every engine had loaded it.
    After { millis: u64 },
}
