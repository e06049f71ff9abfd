//! Starts a replica's shim.

use super::live::Live;
use crate::driver::StartError;
use crate::files;
use crate::spec::{LOCK, ReplicaSpec, RunState, SHIM_LOG, WORK};
use crate::sys;
use crate::user::ReplicaUser;
use std::fs::File;
use std::io;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Between fork and exec of any other shim a copy of the lock may be open for a moment.
pub async fn lock(folder: &Path) -> Result<File, StartError> {
    let deadline = Instant::now() + Duration::from_secs(2);
    while Instant::now() < deadline {
        match files::lock(&folder.join(LOCK)).map_err(|source| StartError::Folder { source })? {
            Some(lock) => return Ok(lock),
            None => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
    Err(StartError::Held)
}

/// The replica's own folder, where its user can get there.
pub fn work_dir(folder: &Path, user: Option<&ReplicaUser>) -> io::Result<Option<PathBuf>> {
    let path = folder.join(WORK);
    files::folder(&path, 0o700)?;
    let Some(user) = user else { return Ok(Some(path)) };
    chown(&path, Some(user.uid), Some(user.gid))?;
    Ok(user.reaches(&path).then_some(path))
}

pub fn spawn_shim(spec: &ReplicaSpec, folder: &Path, lock: File) -> Result<Live, StartError> {
    let wrong = |source| StartError::Shim { program: spec.program.clone(), source };
    let mut command = Command::new(&spec.program);
    command.arg("replica-shim").arg(folder).env_clear().current_dir("/");
    // With the lock as its standard input the shim holds it from its first moment on.
    command.stdin(lock).stdout(Stdio::null()).stderr(File::create(folder.join(SHIM_LOG)).map_err(wrong)?);
    sys::in_new_session(&mut command);
    let mut child = tokio::process::Command::from(command).spawn().map_err(wrong)?;
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).ok_or(io::ErrorKind::NotFound.into());
    let live = pid.and_then(Live::open).map_err(wrong);
    // Somebody has to take note of its end, or it stays as a zombie.
    tokio::spawn(async move { child.wait().await });
    live
}

/// What the shim says of this start, once it has started the replica or could not.
pub async fn begun(folder: &Path, run: u64, live: &Live) -> Option<RunState> {
    let deadline = Instant::now() + Duration::from_secs(10);
    let told = || super::state(folder).filter(|state| state.run == run);
    while Instant::now() < deadline {
        let state = told();
        if state.as_ref().is_some_and(|state| state.child.is_some() || state.ended.is_some()) {
            return state;
        }
        tokio::select! {
            () = live.ended() => return told(),
            () = tokio::time::sleep(Duration::from_millis(10)) => {}
        }
    }
    None
}
