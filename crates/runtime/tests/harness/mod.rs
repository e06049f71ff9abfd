//! Plays the console and the engine for an agent that runs as a process of its own.
#![allow(dead_code, unused_imports, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod peers;
mod processes;

pub use peers::{Engine, Heard};
pub use processes::{is_there, kill, members, session_members, uid_of};

use domain::endpoint::{Endpoint, ReplicaAction, ReplicaReport, WantedService};
use domain::id::ReplicaId;
use domain::service::{Probe, Workload};
use domain::status::ReplicaState;
use link::message::{AgentDown, Output, ReadOutput};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::sync::{broadcast, watch};

/// Of a test, before it fails; `pip` takes its time on two busy cores.
pub const PATIENCE: Duration = Duration::from_secs(60);
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_runtime-testbin");

/// A host with its folders and sockets. When it is dropped, everything that ran on it is gone.
pub struct Host {
    pub folder: TempDir,
    pub heard: watch::Receiver<Heard>,
    wanted: watch::Sender<(u64, Vec<WantedService>)>,
    asks: broadcast::Sender<AgentDown>,
    asked: AtomicU64,
    pub engine: Engine,
    agent: Option<Child>,
    ports: (u16, u16),
    user: &'static str,
    program: PathBuf,
    /// The agent's `replica_address`.
    pub replica_address: &'static str,
    container_socket: Option<PathBuf>,
    /// Where the agent looks for GPUs; nowhere.
    pub gpus: PathBuf,
    pub control_groups: bool,
}

impl Host {
    pub async fn new() -> Self {
        Self::with("", PROGRAM.as_ref()).await
    }

    pub async fn with(user: &'static str, program: &Path) -> Self {
        Self::make(user, program, None).await
    }

    /// Whose agent knows this engine of containers.
    pub async fn with_containers(socket: PathBuf) -> Self {
        Self::make("", PROGRAM.as_ref(), Some(socket)).await
    }

    async fn make(user: &'static str, program: &Path, container_socket: Option<PathBuf>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("state")).unwrap();
        let (wanted, wants) = watch::channel((0, Vec::new()));
        let (hears, heard) = watch::channel(Heard::default());
        let asks = broadcast::Sender::new(16);
        peers::console(&folder.path().join("console"), wants, asks.clone(), hears.clone());
        let engine = Engine::start(&folder.path().join("engine"), hears);
        // Below the ports that the system hands out, and other ones for each test.
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let from = 10_000 + (std::process::id() % 200) as u16 * 100 + NEXT.fetch_add(1, Ordering::SeqCst) * 20;
        let mut host = Self {
            folder,
            heard,
            wanted,
            asks,
            asked: AtomicU64::new(0),
            engine,
            agent: None,
            ports: (from, from + 19),
            user,
            program: program.into(),
            replica_address: "127.0.0.1",
            container_socket,
            gpus: "/nonexistent".into(),
            control_groups: true,
        };
        host.start_agent();
        host
    }

    pub fn start_agent(&mut self) {
        assert!(self.agent.is_none());
        let path = |name: &str| self.folder.path().join(name);
        let mut command = Command::new(&self.program);
        if !self.control_groups {
            command.env("NO_CONTROL_GROUPS", "1");
        }
        let child = command
            .arg("agent")
            .args([path("state"), path("console"), path("engine")])
            .args([self.ports.0.to_string(), self.ports.1.to_string()])
            .arg(self.user)
            .env("REPLICA_ADDRESS", self.replica_address)
            .envs(self.container_socket.iter().map(|socket| ("CONTAINER_SOCKET", socket)))
            .env("AGENT_ID", self.agent_id())
            .env("GPUS_DIR", &self.gpus)
            .stdin(Stdio::null())
            .spawn();
        self.agent = Some(child.unwrap());
    }

    /// A number of /proc/<agent>/status.
    pub fn agent_status(&self, field: &str) -> u64 {
        let pid = self.agent.as_ref().expect("an agent").id();
        let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(field)).expect("a field");
        line.split_whitespace().next().unwrap().parse().unwrap()
    }

    /// Another one for each host: hosts of these tests share an engine of containers.
    pub fn agent_id(&self) -> String {
        format!("agt-t{}", self.ports.0)
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

    /// Another agent, after `change`.
    pub async fn again(&mut self, change: impl FnOnce(&mut Self)) {
        self.kill_agent().await;
        change(self);
        let hellos = self.heard.borrow().hellos.len();
        self.start_agent();
        self.until("hello", |heard| heard.hellos.len() > hellos).await;
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

    /// Why it is refused, if it is.
    pub async fn act(&self, replica_id: &ReplicaId, action: ReplicaAction) -> Option<String> {
        let request = self.asked.fetch_add(1, Ordering::SeqCst);
        self.asks.send(AgentDown::Act { request, replica_id: replica_id.clone(), action }).expect("a session");
        let answered = |heard: &Heard| heard.acted.iter().any(|(to, _)| *to == request);
        let heard = self.until("an answer", answered).await;
        heard.acted.into_iter().find(|(to, _)| *to == request).and_then(|(_, refused)| refused)
    }

    pub async fn read(&self, replica_id: &ReplicaId, read: ReadOutput) -> Output {
        let request = self.asked.fetch_add(1, Ordering::SeqCst);
        self.asks.send(AgentDown::ReadOutput { request, replica_id: replica_id.clone(), read }).expect("a session");
        let answered = |heard: &Heard| heard.outputs.iter().any(|(to, _)| *to == request);
        let heard = self.until("output", answered).await;
        heard.outputs.into_iter().find(|(to, _)| *to == request).map(|(_, output)| output).unwrap()
    }

    pub fn replica_folder(&self, id: &ReplicaId) -> PathBuf {
        self.folder.path().join("state/replicas").join(id.as_str())
    }

    /// Of all replicas that have a folder.
    pub fn control_groups(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.folder.path().join("state/replicas")) else { return Vec::new() };
        let mut all = Vec::new();
        for entry in entries.flatten() {
            let Ok(spec) = std::fs::read(entry.path().join("spec.json")) else { continue };
            let spec: serde_json::Value = serde_json::from_slice(&spec).unwrap_or_default();
            all.extend(
                ["memory", "cpu", "cpuacct"].iter().filter_map(|name| Some(spec["cgroup"][name].as_str()?.into())),
            );
        }
        all
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
        let groups = self.control_groups();
        for shim in self.shims() {
            let deadline = Instant::now() + PATIENCE;
            while !session_members(shim).is_empty() && Instant::now() < deadline {
                session_members(shim).into_iter().for_each(kill);
                std::thread::sleep(Duration::from_millis(2));
            }
        }
        for group in groups {
            let deadline = Instant::now() + PATIENCE;
            while group.exists() && std::fs::remove_dir(&group).is_err() && Instant::now() < deadline {
                processes::members(&group).into_iter().for_each(kill);
                std::thread::sleep(Duration::from_millis(2));
            }
            let _ = group.parent().map(std::fs::remove_dir);
        }
    }
}

pub fn endpoints(reports: &[ReplicaReport]) -> Vec<Endpoint> {
    let endpoint = |report: &ReplicaReport| Endpoint {
        service_id: report.service_id.clone(),
        replica_id: report.replica_id.clone(),
        address: report.address,
        weight: report.weight,
    };
    reports.iter().map(endpoint).collect()
}

pub fn service(command: &[&str], replicas: u32) -> WantedService {
    WantedService {
        service_id: "svc-test".parse().unwrap(),
        name: "test".into(),
        version: 1,
        replicas,
        workload: Workload {
            command: command.iter().map(|&word| word.into()).collect(),
            readiness: Probe::Http { path: "/health".into() }.into(),
            grace_seconds: 5,
            ..Workload::default()
        },
    }
}

/// The first one's, or nothing.
pub fn detail(heard: &Heard) -> &str {
    heard.replicas.first().and_then(|report| report.detail.as_deref()).unwrap_or_default()
}

pub fn sample(replicas: u32) -> WantedService {
    service(&["runtime-testbin", "sample-model"], replicas)
}

/// The same with another workload.
pub fn changed(mut service: WantedService, value: &str) -> WantedService {
    service.workload.env.push(("VERSION".into(), value.into()));
    service.version += 1;
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
