//! A process sees the host's folders as they are.

use crate::driver::StartError;
use crate::spec::ReplicaSpec;
use std::fs;

/// Whether all of its mounts are true already.
pub fn check(spec: &ReplicaSpec) -> Result<(), StartError> {
    for mount in &spec.workload.mounts {
        if mount.source != mount.target {
            let (source_path, target) = (mount.source.clone(), mount.target.clone());
            return Err(StartError::MountMoves { source_path, target });
        }
        let path = mount.source.clone();
        let entry = fs::metadata(&path).map_err(|source| StartError::MountMissing { path: path.clone(), source })?;
        let writable = spec.user.as_ref().is_none_or(|user| user.may_write(&entry));
        if mount.read_only && writable {
            return Err(StartError::MountWritable { path });
        }
    }
    Ok(())
}
