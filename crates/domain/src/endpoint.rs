//! What an agent runs and what it saw of it.

use crate::id::{ReplicaId, ServiceId};
use crate::service::Workload;
use crate::status::ReplicaState;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// A replica that can take requests now.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Endpoint {
    pub service_id: ServiceId,
    pub replica_id: ReplicaId,
    pub address: SocketAddr,
}

/// A service that an agent shall run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedService {
    pub service_id: ServiceId,
    /// For people who look at processes and files; has no meaning to the agent.
    pub name: String,
    pub workload: Workload,
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
}
