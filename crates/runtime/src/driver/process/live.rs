//! A shim that lives, held by a file descriptor that can mean no other process.

use crate::process;
use crate::spec::{ReplicaSpec, RunState};
use crate::sys;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};
use tokio::io::unix::AsyncFd;

pub struct Live(AsyncFd<OwnedFd>);

impl Live {
    /// The caller makes sure that `pid` is the shim's: it is a child not waited for, or holds the lock before and
    /// after.
    pub fn open(pid: i32) -> io::Result<Self> {
        let pid = Pid::from_raw(pid).ok_or(io::ErrorKind::InvalidInput)?;
        let file = pidfd_open(pid, PidfdFlags::empty())?;
        sys::until_readable(file).map(Self)
    }

    pub async fn ended(&self) {
        // An error here is one of the runtime, which is about to end.
        if self.0.readable().await.is_err() {
            std::future::pending().await
        }
    }

    pub fn signal(&self, signal: Signal) {
        // It may have ended just now.
        let _ = pidfd_send_signal(self.0.get_ref(), signal);
    }
}

/// Kills what is left of a run whose shim is dead, and waits until it is gone.
pub async fn clear(state: &RunState, spec: &ReplicaSpec) {
    clear_processes(state).await;
    let Some(cgroup) = &spec.cgroup else { return };
    let deadline = Instant::now() + Duration::from_secs(5);
    while !cgroup.clear() {
        if Instant::now() > deadline {
            tracing::error!(replica = %spec.replica_id, "processes of a replica's cgroup do not die");
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The same by sessions and process groups only.
pub async fn clear_processes(state: &RunState) {
    let deadline = Instant::now() + Duration::from_secs(5);
    while Instant::now() < deadline {
        let left = process::leftovers(state);
        if left.is_empty() {
            return;
        }
        left.into_iter().for_each(process::kill);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tracing::error!(run = state.run, "processes of a replica do not die");
}
