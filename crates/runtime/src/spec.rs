//! What agent and shim tell each other by files in a replica's folder.

use crate::cgroup::Cgroup;
use crate::files;
use crate::process::ProcessId;
use crate::user::ReplicaUser;
use chrono::{DateTime, Utc};
use domain::endpoint::WantedService;
use domain::id::{ReplicaId, ServiceId};
use domain::service::{Runtime, Workload};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Written by the agent before each start.
pub const SPEC: &str = "spec.json";
/// Written by the shim.
pub const STATE: &str = "state.json";
/// Held by the shim while it lives.
pub const LOCK: &str = "lock";
/// What went wrong in the shim itself.
pub const SHIM_LOG: &str = "shim.log";
/// There while the replica is ready, so that the next agent need not ask again first.
pub const READY: &str = "ready";
/// The replica's own folder.
pub const WORK: &str = "work";
/// Where programs are, for replicas that say nothing else.
pub const SYSTEM_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Of one file of output, and how many are kept.
pub const OUTPUT_BYTES: u64 = 10 * 1024 * 1024;
pub const OUTPUT_FILES: u32 = 3;

/// How a replica is run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplicaSpec {
    pub replica_id: ReplicaId,
    pub service_id: ServiceId,
    pub service_name: String,
    /// Of the service, which it was made for.
    #[serde(default)]
    pub version: u32,
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
    /// Where the output of this start begins.
    #[serde(default)]
    pub output_from: u64,
    /// What limits it and counts what it uses; of a process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cgroup: Option<Cgroup>,
    /// What it has for itself alone, as `CUDA_VISIBLE_DEVICES` names it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gpus: Vec<String>,
    /// Where its Python packages are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub venv: Option<PathBuf>,
}

impl ReplicaSpec {
    /// What is started: with the place where it has to listen in its words.
    pub fn filled(&self) -> Workload {
        match self.workload.runtime {
            // From inside, the host's side of a published port is outside: loopback would not do.
            Runtime::Container { .. } => {
                self.workload.listening_on("0.0.0.0", self.workload.fixed_port.unwrap_or(self.port))
            }
            _ => self.workload.listening_on(&self.address.to_string(), self.port),
        }
    }

    /// Of the next start.
    pub fn save(&self, folder: &Path) -> io::Result<()> {
        files::write_json(&folder.join(SPEC), self, false)
    }

    /// A replica that has not been started yet.
    pub fn fresh(replica_id: ReplicaId, service: &WantedService, address: IpAddr, program: PathBuf) -> Self {
        Self {
            replica_id,
            service_id: service.service_id.clone(),
            service_name: service.name.clone(),
            version: service.version,
            workload: service.workload.clone(),
            address,
            port: 0,
            run: 0,
            restarts: 0,
            setbacks: 0,
            user: None,
            work_dir: None,
            program,
            output_bytes: OUTPUT_BYTES,
            output_files: OUTPUT_FILES,
            output_from: 0,
            cgroup: None,
            gpus: Vec::new(),
            venv: None,
        }
    }

    pub fn socket_address(&self) -> SocketAddr {
        (self.address, self.port).into()
    }
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
    /// It was killed since it used more than so much memory, MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over_memory: Option<u32>,
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
        if let Some(most) = self.over_memory {
            let words = "and was killed; give it more, or make it use less";
            return write!(f, "used more than its {most} MiB of memory {words}");
        }
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

pub fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_from_before_there_were_addresses_is_on_loopback() {
        let workload = Workload { command: vec!["model".into()], grace_seconds: 5, ..Workload::default() };
        let service = WantedService {
            service_id: ServiceId::from_random([2; 18]),
            name: "model".into(),
            version: 1,
            replicas: 1,
            workload,
        };
        let program = "/usr/bin/inference-gateway".into();
        let mut spec = ReplicaSpec::fresh(ReplicaId::from_random([1; 18]), &service, loopback(), program);
        let before = serde_json::to_value(&spec).unwrap();
        assert!(before.get("address").is_none(), "as an agent before this one reads and writes it");
        assert_eq!(serde_json::from_value::<ReplicaSpec>(before).unwrap(), spec);
        spec.address = [10, 0, 0, 2].into();
        assert_eq!(serde_json::from_value::<ReplicaSpec>(serde_json::to_value(&spec).unwrap()).unwrap(), spec);
    }
}
