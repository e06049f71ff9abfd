//! Processes that are started, pinned to a core, measured and ended.

mod syscalls;
mod usage;

pub use syscalls::Trace;
pub use usage::{Cpu, resident};

use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What is measured has this core for itself …
pub const PROXY_CORE: &str = "0";
/// … and everything else shares this one.
pub const LOAD_CORE: &str = "1";

pub struct Process {
    child: Child,
    pub name: &'static str,
}

impl Process {
    /// Starts it on a core; what it prints goes to `output`, at the end of it.
    pub fn start(name: &'static str, core: &str, program: &Path, arguments: &[String], output: &Path) -> Result<Self> {
        let file = append(output)?;
        let child = Command::new("taskset")
            .args(["-c", core])
            .arg(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("{name} cannot be started"))?;
        Ok(Self { child, name })
    }

    /// `taskset` becomes what it starts.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Fails as soon as it has ended by itself.
    pub fn check(&mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("{} has ended: {status}", self.name);
        }
        Ok(())
    }

    /// It and all below it.
    pub fn tree(&self) -> Vec<u32> {
        let mut children = BTreeMap::<u32, Vec<u32>>::new();
        for pid in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let Some(pid) = pid.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            if let Some(parent) = usage::parent(pid) {
                children.entry(parent).or_default().push(pid);
            }
        }
        let mut tree = vec![self.child.id()];
        let mut next = 0;
        while let Some(pid) = tree.get(next) {
            tree.extend(children.get(pid).into_iter().flatten());
            next += 1;
        }
        tree
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        for pid in self.tree() {
            if let Some(pid) = rustix::process::Pid::from_raw(pid.cast_signed()) {
                let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
            }
        }
        let end = Instant::now() + Duration::from_secs(3);
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn append(path: &Path) -> Result<File> {
    OpenOptions::new().create(true).append(true).open(path).with_context(|| path.display().to_string())
}
