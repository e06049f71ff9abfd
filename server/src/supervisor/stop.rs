//! Stopping one process in order.

use crate::lock::{self, Role};
use rustix::process::{Pid, Signal, kill_process};
use std::path::Path;
use std::time::Duration;

/// What tells a process to end in order, and how long it may take.
fn order(role: Role) -> (Signal, Duration) {
    match role {
        // SIGTERM alone would leave the replicas running, for an upgrade of the agent.
        Role::Agent => (Signal::INT, Duration::from_secs(45)),
        Role::Engine => (Signal::TERM, Duration::from_secs(40)),
        _ => (Signal::TERM, Duration::from_secs(15)),
    }
}

pub(super) async fn stop(run: &Path, role: Role) {
    let (signal, patience) = order(role);
    if !send(run, role, signal) {
        return;
    }
    let ended = {
        let run = run.to_owned();
        tokio::task::spawn_blocking(move || lock::wait_until_free(&run, role))
    };
    if tokio::time::timeout(patience, ended).await.is_err() {
        tracing::warn!(role = role.as_str(), "does not end; killed");
        send(run, role, Signal::KILL);
    }
}

/// Whether there was somebody to send it to.
fn send(run: &Path, role: Role, signal: Signal) -> bool {
    if lock::is_free(run, role) {
        return false;
    }
    match lock::holder(run, role).and_then(Pid::from_raw) {
        Some(pid) => kill_process(pid, signal).is_ok(),
        None => false,
    }
}
