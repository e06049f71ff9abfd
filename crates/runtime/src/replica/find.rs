//! Finds replicas of the agent before.

use crate::agent::Shared;
use crate::driver::{Adopted, Running, process};
use crate::files;
use crate::spec::{ReplicaSpec, SPEC};
use domain::id::ReplicaId;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// A replica's folder and what lives in it.
pub struct Found {
    pub spec: ReplicaSpec,
    pub folder: PathBuf,
    pub(super) running: Option<Arc<dyn Running>>,
    pub(super) asked: bool,
}

impl Found {
    pub fn is_live(&self) -> bool {
        self.running.is_some()
    }

    /// A dead one that is of no use any more.
    pub async fn remove(self, shared: &Shared) {
        shared.drivers.of(&self.spec.workload.runtime).remove(&self.spec, &self.folder).await;
        super::act::forget(shared, &self.spec.replica_id);
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
            (Some(id), Ok(Some(spec))) if spec.replica_id == id => {
                let driver = shared.drivers.of(&spec.workload.runtime);
                let Adopted { running, asked } = driver.adopt(&spec, &folder).await?;
                all.push(Found { spec, folder, running, asked });
            }
            (Some(_), _) => {
                tracing::error!(folder = %folder.display(), "a replica's folder is damaged; ending and removing it");
                process::discard(&folder).await?;
                remove(folder).await;
            }
            (None, _) => tracing::warn!(folder = %folder.display(), "this is no replica's folder; leaving it alone"),
        }
    }
    let live = all.iter().filter(|found| found.is_live()).count();
    if !all.is_empty() {
        tracing::info!(live, dead = all.len() - live, "found replicas of the agent before");
    }
    let known = all.iter().map(|found| found.spec.replica_id.clone()).collect();
    for driver in shared.drivers.all() {
        driver.sweep(&known).await;
    }
    all.sort_by_key(|found| !found.is_live());
    Ok(all)
}

pub async fn remove(folder: PathBuf) {
    let removed = tokio::task::spawn_blocking(move || (std::fs::remove_dir_all(&folder), folder)).await;
    if let Ok((Err(error), folder)) = removed
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, folder = %folder.display(), "cannot remove a replica's folder");
    }
}
