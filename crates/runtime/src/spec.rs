//! What agent and shim tell each other by files in a replica's folder.

use crate::process::ProcessId;
use crate::user::ReplicaUser;
use chrono::{DateTime, Utc};
use domain::id::{ReplicaId, ServiceId};
use domain::service::Workload;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::SystemTime;

/// Written by the agent before each start.
pub const SPEC: &str = "spec.json";
/// Written by the shim.
pub const STATE: &str = "state.json";
/// Held by the shim while it lives.
pub const LOCK: &str = "lock";
/// Standard output and error of all starts.
pub const OUTPUT: &str = "output.log";
/// What went wrong in the shim itself.
pub const SHIM_LOG: &str = "shim.log";
/// There while the replica is ready, so that the next agent need not ask again first.
pub const READY: &str = "ready";
/// The replica's own folder.
pub const WORK: &str = "work";

/// How a replica is run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplicaSpec {
    pub replica_id: ReplicaId,
    pub service_id: ServiceId,
    pub service_name: String,
    pub workload: Workload,
    /// Where it listens; one that runs on keeps it, whatever the agent is told now.
    #[serde(default = "loopback", skip_serializing_if = "is_loopback")]
    pub address: IpAddr,
    pub port: u16,
    /// Counts the starts; a `state.json` of another start says nothing about this one.
    pub run: u64,
    /// Starts after the first that were not asked for.
    pub restarts: u32,
    /// Ends in a row; decides how long to wait.
    pub setbacks: u32,
    pub user: Option<ReplicaUser>,
    /// `None` where the user cannot get there.
    pub work_dir: Option<PathBuf>,
    /// The product's program.
    pub program: PathBuf,
    /// Bytes in one file of output.
    pub output_bytes: u64,
    /// Number of such files.
    pub output_files: u32,
}

pub fn loopback() -> IpAddr {
    Ipv4Addr::LOCALHOST.into()
}

fn is_loopback(address: &IpAddr) -> bool {
    *address == loopback()
}

/// What became of one start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunState {
    pub run: u64,
    /// Process numbers mean nothing after a reboot.
    pub boot_id: String,
    /// Leads the session of everything the replica started.
    pub shim: ProcessId,
    /// Leads the replica's process group.
    pub child: Option<ProcessId>,
    pub started_at: DateTime<Utc>,
    pub ended: Option<Ended>,
}

/// The end of a replica's process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    pub outcome: Outcome,
    /// Last non-empty line of output, for people.
    pub last_line: Option<String>,
    /// The shim had been told to end it.
    pub requested: bool,
    pub at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Exited { status: i32 },
    Signalled { signal: i32 },
    NotStarted { reason: String },
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.outcome {
            Outcome::Exited { status } => write!(f, "exited with status {status}")?,
            Outcome::Signalled { signal: 9 } => f.write_str("was killed by signal 9 (SIGKILL)")?,
            Outcome::Signalled { signal } => write!(f, "was ended by signal {signal}")?,
            Outcome::NotStarted { reason } => f.write_str(reason)?,
        }
        match &self.last_line {
            Some(line) => write!(f, ": {line}"),
            None => Ok(()),
        }
    }
}

/// The agent compares workloads without their number of replicas: that is no property of one replica.
pub fn of_one_replica(workload: &Workload) -> Workload {
    Workload { replicas: 1, ..workload.clone() }
}

pub fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::service::Probe;

    #[test]
    fn one_from_before_there_were_addresses_is_on_loopback() {
        let workload = Workload {
            command: vec!["model".into()],
            env: vec![],
            fixed_port: None,
            replicas: 1,
            probe: Probe::Tcp,
            grace_seconds: 5,
        };
        let mut spec = ReplicaSpec {
            replica_id: ReplicaId::from_random([1; 18]),
            service_id: ServiceId::from_random([2; 18]),
            service_name: "model".into(),
            workload,
            address: loopback(),
            port: 20_000,
            run: 1,
            restarts: 0,
            setbacks: 0,
            user: None,
            work_dir: None,
            program: "/usr/bin/inference-gateway".into(),
            output_bytes: 1,
            output_files: 1,
        };
        let before = serde_json::to_value(&spec).unwrap();
        assert!(before.get("address").is_none(), "as an agent before this one reads and writes it");
        assert_eq!(serde_json::from_value::<ReplicaSpec>(before).unwrap(), spec);
        spec.address = [10, 0, 0, 2].into();
        assert_eq!(serde_json::from_value::<ReplicaSpec>(serde_json::to_value(&spec).unwrap()).unwrap(), spec);
    }
}
