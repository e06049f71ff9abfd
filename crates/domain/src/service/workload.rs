//! What one replica of a service is. Whatever changes here needs new replicas.

use crate::endpoint::DEFAULT_WEIGHT;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// Set by the agent for every replica that it starts.
pub const RESERVED_ENV: [&str; 3] = ["PORT", "HOST", "LISTENING_PORT"];
/// How long a replica may take to finish its requests when nothing else is said, seconds.
pub const DEFAULT_GRACE: u32 = 30;

/// What runs, or where it runs already.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workload {
    #[serde(default, skip_serializing_if = "is_default")]
    pub runtime: Runtime,
    /// Program and arguments; no shell is involved. Empty: what the image says, or nothing where nothing is started.
    pub command: Vec<String>,
    pub env: Vec<(String, String)>,
    /// The one port the program insists on; `None` where it listens on `$PORT`. In a container each replica has its
    /// own ports, so that many may insist on one.
    pub fixed_port: Option<u16>,
    /// Passes when a replica can take requests.
    #[serde(rename = "probe")]
    pub readiness: Check,
    /// While it has not passed, the others are not asked: for programs that load a model for minutes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub startup: Option<Check>,
    /// A replica that fails it is started again.
    #[serde(default, skip_serializing_if = "is_default")]
    pub liveness: Option<Check>,
    /// How long a replica may take to finish its requests when it is stopped.
    pub grace_seconds: u32,
    #[serde(default, skip_serializing_if = "is_default")]
    pub resources: Resources,
    #[serde(default, skip_serializing_if = "is_default")]
    pub mounts: Vec<Mount>,
    /// What `pip` installs for it, one requirement each (`numpy==2.1`), before it is started for the first time.
    #[serde(default, skip_serializing_if = "is_default")]
    pub python_packages: Vec<String>,
    /// Counts the restarts that somebody asked for: another number is another replica.
    #[serde(default, skip_serializing_if = "is_default")]
    pub restart: u32,
}

impl Workload {
    /// The same without what may be a secret.
    pub fn without_values(&self) -> Self {
        let env = self.env.iter().map(|(name, _)| (name.clone(), String::new())).collect();
        let runtime = match self.runtime.clone() {
            Runtime::Container { image, .. } => Runtime::Container { image, credentials: None },
            other => other,
        };
        Self { env, runtime, ..self.clone() }
    }

    /// What the replica at this address weighs, see [`crate::endpoint::Endpoint::weight`].
    pub fn weight_of(&self, address: SocketAddr) -> u32 {
        match &self.runtime {
            Runtime::External { weights, .. } => weights.get(&address).copied().unwrap_or(DEFAULT_WEIGHT),
            _ => DEFAULT_WEIGHT,
        }
    }

    /// Whether two replicas on one host would want the same port.
    pub fn insists_on_port(&self) -> Option<u16> {
        self.fixed_port.filter(|_| self.runtime == Runtime::Process)
    }
}

/// Who runs it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Runtime {
    /// The host, as a process.
    #[default]
    Process,
    /// Docker Engine or Podman, by its API.
    Container {
        /// As `docker pull` takes it.
        image: String,
        /// Of the image's registry.
        #[serde(default, skip_serializing_if = "is_default")]
        credentials: Option<RegistryCredentials>,
    },
    /// Nobody here: it runs at these addresses already and is only probed.
    External {
        addresses: Vec<SocketAddr>,
        /// Of those whose weight is not [`DEFAULT_WEIGHT`].
        #[serde(default, skip_serializing_if = "is_default")]
        weights: BTreeMap<SocketAddr, u32>,
    },
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistryCredentials {
    pub user: String,
    pub password: String,
}

impl std::fmt::Debug for RegistryCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RegistryCredentials").field("user", &self.user).finish_non_exhaustive()
    }
}

/// A question to a replica that is asked again and again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    #[serde(flatten)]
    pub method: Probe,
    #[serde(flatten)]
    pub pace: Pace,
}

impl From<Probe> for Check {
    fn from(method: Probe) -> Self {
        Self { method, pace: Pace::default() }
    }
}

/// How a replica is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum Probe {
    /// A connection to its port is accepted.
    #[default]
    Tcp,
    /// `GET path` answers 200 to 399.
    Http { path: String },
    /// The command, run where the replica runs, ends with status 0.
    Exec { command: Vec<String> },
}

/// When a replica is asked, and how often until it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pace {
    #[serde(skip_serializing_if = "is_default")]
    pub initial_delay_seconds: u32,
    pub period_seconds: u32,
    pub timeout_seconds: u32,
    /// In a row, until it counts as failed.
    pub failures: u32,
    /// In a row, until it counts as passed again.
    pub successes: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self { initial_delay_seconds: 0, period_seconds: 1, timeout_seconds: 2, failures: 3, successes: 1 }
    }
}

/// What one replica may use; `None` and 0: no limit, none asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Resources {
    /// Thousandths of a core.
    #[serde(skip_serializing_if = "is_default")]
    pub cpu_millis: Option<u32>,
    /// MiB.
    #[serde(skip_serializing_if = "is_default")]
    pub memory_mib: Option<u32>,
    #[serde(skip_serializing_if = "is_default")]
    pub gpus: u32,
    /// Of `/dev/shm`, MiB; only containers have one of their own.
    #[serde(skip_serializing_if = "is_default")]
    pub shm_mib: Option<u32>,
}

/// A folder of the host that a replica finds at a path of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// On the host, absolute.
    pub source: String,
    /// For the replica, absolute. A process sees the host's folders: there it has to be the same as `source`.
    pub target: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub read_only: bool,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_before_there_were_runtimes_is_read() {
        let before = r#"{"command":["model"],"env":[["A","1"]],"fixed_port":null,"replicas":2,
            "probe":{"method":"http","path":"/ready"},"grace_seconds":30}"#;
        let workload: Workload = serde_json::from_str(before).expect("is read");
        assert_eq!(workload.runtime, Runtime::Process);
        assert_eq!(workload.readiness, Check::from(Probe::Http { path: "/ready".into() }));
        let again = serde_json::to_string(&workload).expect("is written");
        assert_eq!(serde_json::from_str::<Workload>(&again).expect("is read"), workload);
    }

    #[test]
    fn secrets_stay_inside() {
        let credentials = RegistryCredentials { user: "ci".into(), password: "hidden".into() };
        let runtime = Runtime::Container { image: "model:1".into(), credentials: Some(credentials) };
        let workload = Workload { runtime, env: vec![("KEY".into(), "hidden".into())], ..Workload::default() };
        assert!(!serde_json::to_string(&workload.without_values()).expect("is written").contains("hidden"));
        assert!(!format!("{:?}", workload.runtime).contains("hidden"));
    }
}
