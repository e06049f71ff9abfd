//! An engine that can be told changes, and what it uses.

use super::setting::Setting;
use crate::ports::free;
use crate::process::{Cpu, LOAD_CORE, PROXY_CORE, Process, resident};
use crate::proxy::link::{self, Link};
use crate::scene::Backends;
use anyhow::{Context, Result};
use domain::snapshot::{Delta, Resource, Snapshot};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

pub struct Running {
    pub process: Process,
    pub door: SocketAddr,
    pub link: Link,
    snapshot: Snapshot,
    /// From its start until it served all.
    pub ready: Duration,
}

/// CPU time since it was started, microseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Used {
    pub all: f64,
    /// Of it the thread that serves requests.
    pub worker: f64,
}

impl Running {
    pub async fn start(program: &Path, backends: Backends, setting: &Setting, folder: &Path) -> Result<Self> {
        let _ = fs::remove_dir_all(folder);
        let data = folder.join("data");
        let run = data.join("run");
        fs::create_dir_all(&run)?;
        let door = free()?;
        let snapshot = setting.snapshot(door)?;
        let console = link::listen(&run.join("link.sock"))?;
        let began = Instant::now();
        let arguments = ["engine", "--data-dir", &data.display().to_string(), "--workers", "1", "--log", "warn"];
        let process = Process::start("engine", PROXY_CORE, program, &arguments.map(String::from), &folder.join("out"))?;
        let endpoints = setting.endpoints(backends);
        let link = Link::tell(console, snapshot.clone(), &run.join("endpoints.sock"), endpoints).await?;
        Ok(Self { process, door, link, snapshot, ready: began.elapsed() })
    }

    /// What leads from what it has to the same with this resource; it counts as told.
    pub fn change(&mut self, resource: Resource) -> Delta {
        let mut next = self.snapshot.clone();
        next.put(resource);
        next.version += 1;
        let delta = Delta::between(&self.snapshot, &next);
        self.snapshot = next;
        delta
    }

    /// How often it was changed.
    pub fn changed(&self) -> u64 {
        self.snapshot.version - 1
    }

    pub fn memory(&self) -> u64 {
        resident(&self.process.tree())
    }

    pub fn used(&self) -> Result<Used> {
        let mut worker = 0.0;
        for task in self.tasks()?.iter().filter(|task| is_worker(task)) {
            let text = fs::read_to_string(task.join("schedstat"))?;
            worker += text.split(' ').next().context("schedstat")?.parse::<f64>()? / 1e3;
        }
        // Threads come and go; the process keeps what they used.
        Ok(Used { all: Cpu::of(&[self.process.id()]).since(Cpu::default()).0, worker })
    }

    fn tasks(&self) -> Result<Vec<std::path::PathBuf>> {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.process.id()))?;
        Ok(tasks.flatten().map(|task| task.path()).collect())
    }

    /// All but what serves requests goes to the load's core, or back.
    pub fn set_apart(&self, apart: bool) -> Result<()> {
        let core = if apart { LOAD_CORE } else { PROXY_CORE };
        for task in self.tasks()?.iter().filter(|task| !is_worker(task)) {
            let Some(id) = task.file_name().and_then(|name| name.to_str()) else { continue };
            let set = Command::new("taskset").args(["-c", "-p", core, id]).output()?;
            anyhow::ensure!(set.status.success(), "{}", String::from_utf8_lossy(&set.stderr));
        }
        Ok(())
    }

    /// Does nothing at all until [`Running::wake`]: another one is measured.
    pub fn pause(&self) -> Result<()> {
        self.signal(Signal::STOP)
    }

    pub fn wake(&self) -> Result<()> {
        self.signal(Signal::CONT)
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        Ok(kill_process(Pid::from_raw(self.process.id().cast_signed()).context("no process")?, signal)?)
    }
}

fn is_worker(task: &Path) -> bool {
    fs::read_to_string(task.join("comm")).is_ok_and(|name| name.starts_with("worker-"))
}

impl Drop for Running {
    fn drop(&mut self) {
        // A paused process cannot end.
        let _ = self.wake();
    }
}
