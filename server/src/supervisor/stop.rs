//! Telling a process to end.

use crate::lock::{self, Role};
use rustix::process::{Pid, Signal, kill_process};
use std::path::Path;
use std::time::Duration;

/// What tells a process to end in order, and how long it may take.
pub(super) fn order(role: Role) -> (Signal, Duration) {
    match role {
        // SIGTERM alone would leave the replicas running, for an upgrade of the agent.
        Role::Agent => (Signal::INT, Duration::from_secs(45)),
        Role::Engine => (Signal::TERM, Duration::from_secs(40)),
        _ => (Signal::TERM, Duration::from_secs(15)),
    }
}

/// Signals the process that holds the lock of this role, if one does.
pub(super) async fn signal_holder(run: &Path, role: Role, signal: Signal) {
    for _ in 0..20 {
        if lock::is_free(run, role) {
            return;
        }
        // Between taking the lock and writing its number a process cannot be told from the one before it.
        if let Some(pid) = lock::holder(run, role).filter(|pid| is_role(*pid, role)).and_then(Pid::from_raw) {
            let _ = kill_process(pid, signal);
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Whether this process was started as this role: numbers are used again.
fn is_role(pid: i32, role: Role) -> bool {
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    line.split(|byte| *byte == 0).any(|argument| argument == role.as_str().as_bytes())
}
