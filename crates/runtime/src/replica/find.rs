//! Finds replicas of the agent before.

use super::live::{self, Live};
use super::{LOCK, READY, files, process};
use crate::agent::Shared;
use crate::spec::{ReplicaSpec, RunState, SPEC, STATE};
use chrono::{DateTime, Utc};
use domain::id::ReplicaId;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A replica's folder and what lives in it.
pub struct Found {
    pub spec: ReplicaSpec,
    pub folder: PathBuf,
    /// The newest start that the shim told of.
    pub state: Option<RunState>,
    pub(super) live: Option<(Live, RunState)>,
}

impl Found {
    pub fn is_live(&self) -> bool {
        self.live.is_some()
    }

    /// A dead one that is of no use any more.
    pub async fn remove(self) {
        remove(self.folder).await;
    }
}

/// All of them, those that live first. What is left of dead ones is killed; folders that make no sense are removed.
pub async fn find(shared: &Shared) -> io::Result<Vec<Found>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(shared.replicas_dir())? {
        let folder = entry?.path();
        let id = folder.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse::<ReplicaId>().ok());
        let spec = files::read_json::<ReplicaSpec>(&folder.join(SPEC));
        match (id, spec) {
            (Some(id), Ok(Some(spec))) if spec.replica_id == id => all.push(look(spec, folder).await?),
            (Some(_), _) => discard(folder).await?,
            (None, _) => tracing::warn!(folder = %folder.display(), "this is no replica's folder; leaving it alone"),
        }
    }
    let live = all.iter().filter(|found| found.is_live()).count();
    if !all.is_empty() {
        tracing::info!(live, dead = all.len() - live, "found replicas of the agent before");
    }
    all.sort_by_key(|found| !found.is_live());
    Ok(all)
}

async fn look(spec: ReplicaSpec, folder: PathBuf) -> io::Result<Found> {
    if let Some((live, state)) = attach(&folder, Some(spec.run)).await? {
        return Ok(Found { spec, folder, state: Some(state.clone()), live: Some((live, state)) });
    }
    let state = state(&folder);
    if let Some(state) = &state {
        live::clear(state).await;
    }
    Ok(Found { spec, folder, state, live: None })
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

/// A folder without a readable spec: whatever runs in it cannot be looked after.
async fn discard(folder: PathBuf) -> io::Result<()> {
    tracing::error!(folder = %folder.display(), "a replica's folder is damaged; ending and removing it");
    if let Some((live, _)) = attach(&folder, None).await? {
        live.signal(rustix::process::Signal::KILL);
        live.ended().await;
    }
    if let Some(state) = state(&folder) {
        live::clear(&state).await;
    }
    remove(folder).await;
    Ok(())
}

pub fn state(folder: &Path) -> Option<RunState> {
    files::read_json(&folder.join(STATE)).ok().flatten()
}

pub fn ready_since(folder: &Path) -> Option<DateTime<Utc>> {
    std::fs::read_to_string(folder.join(READY)).ok()?.parse().ok()
}

pub async fn remove(folder: PathBuf) {
    let removed = tokio::task::spawn_blocking(move || (std::fs::remove_dir_all(&folder), folder)).await;
    if let Ok((Err(error), folder)) = removed
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, folder = %folder.display(), "cannot remove a replica's folder");
    }
}
