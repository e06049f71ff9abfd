//! Plays the console and the engine for an agent that runs as a process of its own.
#![allow(dead_code, unused_imports, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod peers;
mod processes;

pub use peers::{Engine, Heard};
pub use processes::{is_there, kill, session_members, uid_of};

use domain::endpoint::{Endpoint, ReplicaReport, WantedService};
use domain::id::ReplicaId;
use domain::service::{Probe, Workload};
use domain::status::ReplicaState;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::sync::watch;

pub const PATIENCE: Duration = Duration::from_secs(20);
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_runtime-testbin");

/// A host with its folders and sockets. When it is dropped, everything that ran on it is gone.
pub struct Host {
    pub folder: TempDir,
    pub heard: watch::Receiver<Heard>,
    wanted: watch::Sender<(u64, Vec<WantedService>)>,
    pub engine: Engine,
    agent: Option<Child>,
    ports: (u16, u16),
    user: &'static str,
    program: PathBuf,
    /// The agent's `replica_address`.
    pub replica_address: &'static str,
}

impl Host {
    pub async fn new() -> Self {
        Self::with("", PROGRAM.as_ref()).await
    }

    pub async fn with(user: &'static str, program: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("state")).unwrap();
        let (wanted, wants) = watch::channel((0, Vec::new()));
        let (hears, heard) = watch::channel(Heard::default());
        peers::console(&folder.path().join("console"), wants, hears.clone());
        let engine = Engine::start(&folder.path().join("engine"), hears);
        // Below the ports that the system hands out, and other ones for each test.
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let from = 10_000 + (std::process::id() % 200) as u16 * 100 + NEXT.fetch_add(1, Ordering::SeqCst) * 20;
        let mut host = Self {
            folder,
            heard,
            wanted,
            engine,
            agent: None,
            ports: (from, from + 19),
            user,
            program: program.into(),
            replica_address: "127.0.0.1",
        };
        host.start_agent();
        host
    }

    pub fn start_agent(&mut self) {
        assert!(self.agent.is_none());
        let path = |name: &str| self.folder.path().join(name);
        let child = Command::new(&self.program)
            .arg("agent")
            .args([path("state"), path("console"), path("engine")])
            .args([self.ports.0.to_string(), self.ports.1.to_string()])
            .arg(self.user)
            .env("REPLICA_ADDRESS", self.replica_address)
            .stdin(Stdio::null())
            .spawn();
        self.agent = Some(child.unwrap());
    }

    pub fn signal_agent(&self, signal: rustix::process::Signal) {
        let agent = self.agent.as_ref().expect("an agent");
        rustix::process::kill_process(rustix::process::Pid::from_child(agent), signal).unwrap();
    }

    /// Waits for its end; `true` for a good one.
    pub async fn agent_ended(&mut self) -> bool {
        let mut agent = self.agent.take().expect("an agent");
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = agent.try_wait().unwrap() {
                return status.success();
            }
            assert!(Instant::now() < deadline, "the agent does not end");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub async fn kill_agent(&mut self) {
        self.signal_agent(rustix::process::Signal::KILL);
        self.agent_ended().await;
    }

    /// Waits until it is accepted.
    pub async fn want(&self, services: Vec<WantedService>) {
        let version = self.wanted.borrow().0 + 1;
        self.wanted.send_replace((version, services));
        self.until("accepted", |heard| heard.accepted >= version).await;
    }

    pub async fn until(&self, what: &str, f: impl Fn(&Heard) -> bool) -> Heard {
        let mut heard = self.heard.clone();
        match tokio::time::timeout(PATIENCE, heard.wait_for(|heard| f(heard))).await {
            Ok(heard) => heard.unwrap().clone(),
            Err(_) => panic!("waited in vain for: {what}; heard {:#?}", self.heard.borrow()),
        }
    }

    /// Exactly so many replicas, all ready at console and engine.
    pub async fn ready(&self, count: usize) -> Vec<ReplicaReport> {
        let all = |heard: &Heard| {
            heard.replicas.len() == count
                && heard.replicas.iter().all(|report| report.state == ReplicaState::Ready && report.pid.is_some())
                && heard.endpoints == endpoints(&heard.replicas)
        };
        self.until(&format!("{count} ready replicas"), all).await.replicas
    }

    pub fn replica_folder(&self, id: &ReplicaId) -> PathBuf {
        self.folder.path().join("state/replicas").join(id.as_str())
    }

    /// All shims of this host, by what the system says.
    pub fn shims(&self) -> Vec<i32> {
        processes::with_argument(&self.folder.path().join("state/replicas"))
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if let Some(mut agent) = self.agent.take() {
            let _ = agent.kill();
            let _ = agent.wait();
        }
        for shim in self.shims() {
            let deadline = Instant::now() + PATIENCE;
            while !session_members(shim).is_empty() && Instant::now() < deadline {
                session_members(shim).into_iter().for_each(kill);
                std::thread::sleep(Duration::from_millis(2));
            }
        }
    }
}

pub fn endpoints(reports: &[ReplicaReport]) -> Vec<Endpoint> {
    let endpoint = |report: &ReplicaReport| Endpoint {
        service_id: report.service_id.clone(),
        replica_id: report.replica_id.clone(),
        address: report.address,
    };
    reports.iter().map(endpoint).collect()
}

pub fn service(command: &[&str], replicas: u32) -> WantedService {
    WantedService {
        service_id: "svc-test".parse().unwrap(),
        name: "test".into(),
        workload: Workload {
            command: command.iter().map(|&word| word.into()).collect(),
            env: vec![],
            fixed_port: None,
            replicas,
            probe: Probe::Http { path: "/health".into() },
            grace_seconds: 5,
        },
    }
}

pub fn sample(replicas: u32) -> WantedService {
    service(&["runtime-testbin", "sample-model"], replicas)
}

/// The same with another workload.
pub fn changed(mut service: WantedService, value: &str) -> WantedService {
    service.workload.env.push(("VERSION".into(), value.into()));
    service
}

pub fn pids(reports: &[ReplicaReport]) -> Vec<(ReplicaId, u32)> {
    reports.iter().map(|report| (report.replica_id.clone(), report.pid.expect("a pid"))).collect()
}

pub async fn eventually(what: &str, mut f: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !f() {
        assert!(Instant::now() < deadline, "waited in vain for: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub fn state_json(folder: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(folder.join("state.json")).unwrap()).unwrap()
}
