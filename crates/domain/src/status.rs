//! What was observed, in words of a fixed vocabulary.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Of a gateway. Never assumed: each word follows from what engines said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GatewayStatus {
    /// No engine has loaded a configuration with it yet.
    Creating,
    /// Every engine that serves it has loaded its newest configuration.
    Running,
    /// Some have, or a door of it does not open.
    Degraded,
    /// No engine answers.
    Unknown,
    /// An engine refused it.
    Failed,
}

/// Of a gateway's Access Portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PortalStatus {
    Off,
    Activating,
    Activated,
    Deactivating,
    Failed,
    Unknown,
}

/// Of a VPC that reaches a gateway, and of each of the gateway's addresses in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkStatus {
    /// Engines listen on every address.
    Running,
    /// Not yet.
    Creating,
    /// On some of them.
    Degraded,
    /// On none, and it is known why.
    Failed,
    /// No engine answers.
    Unknown,
}

/// Of an ALB instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlbStatus {
    /// No engine serves it yet, or not at every listener.
    Provisioning,
    /// Engines have loaded it and listen wherever they should.
    Active,
    /// Some listener does not open, or an engine does not take it.
    Degraded,
    /// No engine answers.
    Unknown,
}

/// Of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceStatus {
    /// Replicas are wanted and none is there yet.
    Creating,
    /// Replicas were started and none is ready yet.
    Waiting,
    /// All wanted replicas are ready.
    Running,
    /// Replicas of another version take the place of those that are there.
    Updating,
    /// Some are.
    Degraded,
    /// None is, and at least one has failed.
    Failed,
    Stopping,
    Stopped,
    /// The agent does not answer.
    Unknown,
}

/// Of a replica, as its agent sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplicaState {
    /// Started; its probe has not passed yet.
    Starting,
    Ready,
    /// Was ready; its probe fails now.
    Unready,
    /// Ended; waits before it is started again.
    BackOff,
    Stopping,
}

/// One reason behind a status word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    pub reason: Reason,
    /// The observer's own words (an operating system's error, say). Untrusted text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    pub since: DateTime<Utc>,
    pub seen_by: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// The engine loaded the newest configuration.
    ConfigLoaded,
    /// It has not yet.
    ConfigPending,
    /// It refused it.
    ConfigRefused,
    /// The door is open.
    Listening,
    /// It could not be opened.
    BindFailed,
    /// The address is on no interface of the engine's host any more.
    AddressGone,
    /// The VPC is another account's, which has taken its grant back.
    NotGranted,
    /// A listener that gateways share could not be opened: this one is not reached by its name.
    SharedBindFailed,
    /// The engine may open fewer files than the gateway's connections need.
    FewOpenFiles,
    EngineDisconnected,
    AgentDisconnected,
    /// The replica could not be started.
    StartFailed,
    /// It ended.
    Exited,
    ProbeFailed,
    ProbePassed,
}
