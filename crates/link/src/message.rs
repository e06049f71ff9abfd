//! What is said. *Up* goes from the caller (engine, agent) to who is called.

use crate::telemetry::Telemetry;
use domain::endpoint::{Endpoint, ReplicaAction, ReplicaReport, ReplicaUsage, WantedService};
use domain::host::HostDoors;
use domain::id::{AgentId, EngineId, HostId, ReplicaId};
use domain::network::HostAddress;
use domain::secret::Secret;
use domain::snapshot::{Delta, SnapshotHash};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// From an engine to the console.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineUp {
    /// Always first.
    Hello(EngineHello),
    /// Every worker has loaded the configuration with this hash.
    Loaded {
        version: u64,
        hash: SnapshotHash,
    },
    /// The configuration was not taken; the one before still serves. The console sends the whole one next.
    Refused {
        version: u64,
        hash: SnapshotHash,
        reason: String,
    },
    /// All doors of the engine, after every change.
    Doors(Vec<DoorReport>),
    /// All addresses of the engine's host, after every change.
    Addresses(Vec<HostAddress>),
    Telemetry(Telemetry),
    #[serde(other)]
    Unknown,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EngineHello {
    pub engine_id: EngineId,
    /// Version of the program.
    pub software: String,
    pub pid: u32,
    /// What it has: from its disk, or from the console before.
    pub version: u64,
    pub hash: SnapshotHash,
    /// How many it may have; each connection is one.
    #[serde(default)]
    pub open_files: Option<u64>,
    /// All addresses of its host. Known before the first configuration is sent: listeners depend on them.
    #[serde(default)]
    pub addresses: Vec<HostAddress>,
    /// Where it takes public requests, on a host that has joined. `None` on the console's own host: the console has the
    /// same configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public: Option<HostDoors>,
}

/// A listening socket, or one that should listen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoorReport {
    pub address: SocketAddr,
    /// The network interface that it is bound to. A listener of several interfaces has a report for each.
    #[serde(default)]
    pub device: Option<String>,
    pub open: bool,
    /// Why it is not open, in the operating system's words.
    pub error: Option<String>,
}

/// From the console to an engine.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineDown {
    Config(Delta),
    /// Ready replicas of an agent on another host; this host's agent calls the engine itself.
    Endpoints {
        agent_id: AgentId,
        endpoints: Vec<Endpoint>,
    },
    /// Telemetry up to this number arrived.
    TelemetryReceived {
        sequence: u64,
    },
    #[serde(other)]
    Unknown,
}

/// From an agent to the console.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentUp {
    /// Always first.
    Hello(AgentHello),
    /// This version of the wanted services is on disk and being worked on.
    Accepted { version: u64 },
    /// All replicas, after every change.
    Replicas(Vec<ReplicaReport>),
    /// Of all replicas that run, every few seconds, measured at this moment of the agent's clock that nobody sets,
    /// microseconds.
    Usage { at_us: u64, replicas: Vec<ReplicaUsage> },
    /// The answer to [`AgentDown::Act`]: done, or why not.
    Acted { request: u64, refused: Option<String> },
    /// The answer to [`AgentDown::ReadOutput`].
    Output { request: u64, output: Output },
    #[serde(other)]
    Unknown,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AgentHello {
    pub agent_id: AgentId,
    pub software: String,
    pub pid: u32,
    pub version: u64,
    /// The unprivileged user that replicas run as; `None` where the agent may not switch users and they run as its
    /// own.
    pub replica_user: Option<String>,
    #[serde(default)]
    pub means: HostMeans,
}

/// From the console to an agent.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentDown {
    /// Everything this agent shall run; what is not named shall end.
    Wanted {
        version: u64,
        services: Vec<WantedService>,
    },
    Act {
        request: u64,
        replica_id: ReplicaId,
        action: ReplicaAction,
    },
    ReadOutput {
        request: u64,
        replica_id: ReplicaId,
        read: ReadOutput,
    },
    #[serde(other)]
    Unknown,
}

/// A part of what a replica printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadOutput {
    /// Behind this place; `None`: the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
    /// Before this place, where `after` is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
    /// At most so much, bytes.
    pub bytes: u32,
}

/// Whole lines as far as there are any.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// Where `text` starts, bytes from the first that the replica ever printed.
    pub from: u64,
    /// The end of `text`; where the next read goes on.
    pub to: u64,
    /// The oldest that is still kept.
    pub oldest: u64,
    /// Untrusted text; what is not UTF-8 is replaced.
    pub text: String,
    /// Why nothing could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// What a host can run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HostMeans {
    /// Name and version of what runs containers; `None`: `no_containers` says why.
    pub containers: Option<String>,
    pub no_containers: Option<String>,
    /// Whether processes' CPU and memory can be limited; otherwise why not.
    pub no_limits: Option<String>,
    pub cores: u32,
    pub memory_mib: u64,
    /// As their driver calls them.
    pub gpus: Vec<String>,
    /// Why none is known.
    pub no_gpus: Option<String>,
}

/// From an agent to its host's engine.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointUp {
    /// All ready replicas of this agent.
    Ready { agent_id: AgentId, sequence: u64, endpoints: Vec<Endpoint> },
    #[serde(other)]
    Unknown,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointDown {
    /// The engine balances over the endpoints of this number.
    Loaded { sequence: u64 },
    #[serde(other)]
    Unknown,
}

/// From a host that wants to join. Sent over TLS to a console that has proved to be the one that the token names.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JoinRequest {
    /// The secret part of the [`crate::JoinToken`] that was shown once.
    pub token: Secret,
    /// PEM: what the host's certificate shall be for. Its subject is the authority's business.
    pub csr: String,
    pub engine_id: EngineId,
    pub agent_id: AgentId,
    /// As the host calls itself. Untrusted text.
    pub hostname: String,
    /// Version of the program.
    pub software: String,
    pub public: HostDoors,
}

/// A refusal is a status with a sentence.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JoinReply {
    pub host_id: HostId,
    /// PEM: the host's own.
    pub certificate: String,
}
