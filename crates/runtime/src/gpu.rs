//! GPUs of the host, each given to one replica at a time.

use crate::driver::Progress;
use crate::spec::ReplicaSpec;
use domain::id::ReplicaId;
use link::message::HostMeans;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use tokio::sync::watch;

/// Where NVIDIA's driver tells of its GPUs, a folder for each with a file `information`.
pub const NVIDIA: &str = "/proc/driver/nvidia/gpus";

/// Why a replica has no GPU.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum GpuError {
    #[error("{wanted} GPUs are asked for and this host has none: {reason}; ask for none, or choose another host")]
    None { wanted: u32, reason: String },
    #[error(
        "{wanted} GPUs are asked for and {free} of this host's {all} are free; it starts when there are enough, so ask for fewer or end another one"
    )]
    Few { wanted: u32, free: usize, all: usize },
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Gpu {
    name: String,
    /// As `CUDA_VISIBLE_DEVICES` takes it.
    id: String,
}

/// Which replica has which.
pub struct Gpus {
    folder: PathBuf,
    held: Mutex<BTreeMap<String, ReplicaId>>,
    released: watch::Sender<()>,
}

impl Gpus {
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, held: Mutex::default(), released: watch::Sender::new(()) }
    }

    fn held<T>(&self, f: impl FnOnce(&mut BTreeMap<String, ReplicaId>) -> T) -> T {
        f(&mut self.held.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Gives `spec` as many as it asks for, once there are enough.
    pub async fn wait(&self, spec: &mut ReplicaSpec, progress: &Progress) -> Result<(), GpuError> {
        let mut released = self.released.subscribe();
        loop {
            match self.assign(spec) {
                Err(error @ GpuError::Few { wanted, all, .. }) if usize::try_from(wanted).is_ok_and(|n| n <= all) => {
                    progress.say(&error.to_string());
                    if released.changed().await.is_err() {
                        return Err(error);
                    }
                }
                settled => return settled,
            }
        }
    }

    /// Those it had, or free ones.
    fn assign(&self, spec: &mut ReplicaSpec) -> Result<(), GpuError> {
        let wanted = spec.workload.resources.gpus;
        let count = usize::try_from(wanted).unwrap_or(usize::MAX);
        if count == 0 {
            spec.gpus.clear();
            return Ok(());
        }
        let all = all(&self.folder).map_err(|reason| GpuError::None { wanted, reason })?;
        self.held(|held| {
            held.retain(|_, holder| *holder != spec.replica_id);
            let free: Vec<&Gpu> = all.iter().filter(|gpu| !held.contains_key(&gpu.id)).collect();
            if free.len() < count {
                return Err(GpuError::Few { wanted, free: free.len(), all: all.len() });
            }
            let before = |gpu: &&&Gpu| spec.gpus.contains(&gpu.id);
            let again = free.iter().filter(before).chain(free.iter().filter(|gpu| !before(gpu)));
            let gpus: Vec<String> = again.take(count).map(|gpu| gpu.id.clone()).collect();
            held.extend(gpus.iter().map(|id| (id.clone(), spec.replica_id.clone())));
            spec.gpus = gpus;
            Ok(())
        })
    }

    /// For a replica that runs already.
    pub fn hold(&self, spec: &ReplicaSpec) {
        self.held(|held| held.extend(spec.gpus.iter().map(|id| (id.clone(), spec.replica_id.clone()))));
    }

    pub fn release(&self, id: &ReplicaId) {
        self.held(|held| held.retain(|_, holder| holder != id));
        self.released.send_replace(());
    }

    pub fn means(&self, means: &mut HostMeans) {
        match all(&self.folder) {
            Ok(gpus) => means.gpus = gpus.into_iter().map(|gpu| gpu.name).collect(),
            Err(reason) => means.no_gpus = Some(reason),
        }
    }
}

/// All that the driver knows now, or why none.
fn all(folder: &Path) -> Result<Vec<Gpu>, String> {
    let entries = fs::read_dir(folder)
        .map_err(|_| format!("NVIDIA's driver is not loaded ({} is not there)", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let gpus: Vec<Gpu> =
        paths.iter().filter_map(|path| parse(&fs::read_to_string(path.join("information")).ok()?)).collect();
    if gpus.is_empty() {
        return Err("NVIDIA's driver is loaded and reports no GPU".into());
    }
    Ok(gpus)
}

fn parse(information: &str) -> Option<Gpu> {
    let field = |name: &str| {
        let value = information.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'));
        value.map(str::trim).filter(|value| !value.is_empty())
    };
    // A GPU that was never used has not told its number yet; its place is good enough then.
    let uuid = field("GPU UUID").filter(|uuid| !uuid.contains('?'));
    let id = uuid.or_else(|| field("Device Minor"))?;
    Some(Gpu { name: field("Model").unwrap_or("GPU").into(), id: id.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_driver_says_is_read() {
        let text = "Model: \t\t NVIDIA L4\nIRQ:   \t\t 35\nGPU UUID: \t GPU-3d6a\nDevice Minor: \t 0\n";
        assert_eq!(parse(text), Some(Gpu { name: "NVIDIA L4".into(), id: "GPU-3d6a".into() }));
        let unused = "Model: \t X\nGPU UUID: \t GPU-????????-????\nDevice Minor: \t 1\n";
        assert_eq!(parse(unused).map(|gpu| gpu.id), Some("1".into()));
        assert_eq!(parse("nothing of it"), None);
    }
}
