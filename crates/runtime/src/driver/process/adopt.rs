//! Finds what a shim of the agent before runs.

use super::live::{self, Live};
use super::running::Process;
use super::state;
use crate::driver::{Adopted, Running};
use crate::spec::{LOCK, ReplicaSpec, RunState};
use crate::{files, process};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub async fn adopt(spec: &ReplicaSpec, folder: &Path) -> io::Result<Adopted> {
    if let Some((live, state)) = attach(folder, Some(spec.run)).await? {
        let running = Process { live, spec: spec.clone(), folder: folder.into(), state: Some(state) };
        return Ok(Adopted { running: Some(Arc::new(running) as Arc<dyn Running>), asked: false });
    }
    let state = state(folder);
    if let Some(state) = &state {
        live::clear(state, spec).await;
    }
    let asked = state.and_then(|state| state.ended).is_some_and(|ended| ended.requested);
    Ok(Adopted { running: None, asked })
}

/// The shim that holds the lock; `None` where nobody does.
async fn attach(folder: &Path, run: Option<u64>) -> io::Result<Option<(Live, RunState)>> {
    let deadline = Instant::now() + Duration::from_secs(10);
    while files::lock(&folder.join(LOCK))?.is_none() {
        // A shim that was only just started has yet to say who it is.
        let told =
            state(folder).filter(|state| run.is_none_or(|run| run == state.run) && state.boot_id == process::boot_id());
        if let Some(state) = told
            && state.child.is_some()
            && process::ProcessId::of(state.shim.pid) == Some(state.shim)
            && let Ok(live) = Live::open(state.shim.pid)
            && files::lock(&folder.join(LOCK))?.is_none()
        {
            return Ok(Some((live, state)));
        }
        if Instant::now() > deadline {
            tracing::error!(folder = %folder.display(), "a shim holds the lock and does not say who it is");
            return Ok(None);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(None)
}

/// A folder without a readable spec: whatever runs in it cannot be looked after, so it is killed.
pub async fn discard(folder: &Path) -> io::Result<()> {
    if let Some((live, _)) = attach(folder, None).await? {
        live.signal(rustix::process::Signal::KILL);
        live.ended().await;
    }
    if let Some(state) = state(folder) {
        live::clear_processes(&state).await;
    }
    Ok(())
}
