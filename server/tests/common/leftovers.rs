//! Who holds a lock of a data directory, and ending whoever still does.

use super::signal;
use rustix::fs::{FlockOperation, flock};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;
use std::fs::File;
use std::path::{Path, PathBuf};

fn is_held(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| flock(&file, FlockOperation::NonBlockingLockExclusive).is_err())
}

/// A number in a lock file means something only while the lock is held.
pub fn holder(path: &Path) -> Option<u32> {
    // Looking takes a lock file for a moment, so a process that starts may be looked at twice.
    let pid = std::fs::read_to_string(path).ok()?.trim().parse().ok()?;
    is_held(path).then_some(pid)
}

fn folders(data: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(data.join("agent/replicas"));
    entries.into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

fn state(folder: &Path) -> Option<Value> {
    serde_json::from_slice(&std::fs::read(folder.join("state.json")).ok()?).ok()
}

pub fn replicas(data: &Path) -> Vec<i64> {
    let live = folders(data).into_iter().filter(|folder| is_held(&folder.join("lock")));
    let mut pids: Vec<i64> = live.filter_map(|folder| state(&folder)?["child"]["pid"].as_i64()).collect();
    pids.sort_unstable();
    pids
}

/// After an orderly stop there is nobody; after a failed test there may be.
pub fn end(data: &Path) {
    for role in ["serve", "console", "agent", "engine"] {
        if let Some(pid) = holder(&data.join(format!("run/{role}.lock"))) {
            signal(pid, Signal::KILL);
        }
    }
    for folder in folders(data).into_iter().filter(|folder| is_held(&folder.join("lock"))) {
        let Some(state) = state(&folder) else { continue };
        let pid = |name: &str| state[name]["pid"].as_i64().and_then(|pid| i32::try_from(pid).ok());
        if let Some(child) = pid("child").and_then(Pid::from_raw) {
            let _ = kill_process_group(child, Signal::KILL);
        }
        if let Some(shim) = pid("shim").and_then(|pid| u32::try_from(pid).ok()) {
            signal(shim, Signal::KILL);
        }
    }
}
