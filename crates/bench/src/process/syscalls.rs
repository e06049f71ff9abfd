//! System calls, counted by `strace -c`. It slows everything down, so it has rounds of its own.

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub struct Trace {
    child: Child,
    output: PathBuf,
}

impl Trace {
    /// Returns when all threads are watched.
    pub fn start(pids: &[u32], folder: &Path) -> Result<Self> {
        let output = folder.join("strace");
        let mut strace = Command::new("strace");
        strace.args(["-c", "-f", "-qq", "-o"]).arg(&output).stdin(Stdio::null()).stderr(Stdio::null());
        for pid in pids {
            strace.args(["-p", &pid.to_string()]);
        }
        let child = strace.spawn().context("strace")?;
        let end = Instant::now() + Duration::from_secs(5);
        while !pids.iter().all(|pid| is_traced(*pid)) {
            anyhow::ensure!(Instant::now() < end, "strace does not get hold of {pids:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(Self { child, output })
    }

    /// How many calls there were.
    pub fn stop(mut self) -> Result<u64> {
        let pid = Pid::from_raw(self.child.id().cast_signed()).context("strace")?;
        kill_process(pid, Signal::INT)?;
        self.child.wait()?;
        let text = fs::read_to_string(&self.output)?;
        // The fourth column; the last line holds the sums.
        let total = text.lines().rev().find(|line| line.ends_with("total")).context("strace counted nothing")?;
        Ok(total.split_whitespace().nth(3).context("strace")?.parse()?)
    }
}

fn is_traced(pid: u32) -> bool {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let traced = |path: PathBuf| {
        let text = fs::read_to_string(path.join("status")).unwrap_or_default();
        !text.lines().any(|line| line == "TracerPid:\t0")
    };
    tasks.map(|task| task.path()).all(traced)
}
