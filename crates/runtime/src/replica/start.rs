//! Starts a replica's shim.

use super::live::{self, Live};
use super::{LOCK, READY, Replica, files, find, pid_of};
use crate::port::PortError;
use crate::spec::{RunState, SHIM_LOG, SPEC, WORK};
use crate::sys;
use domain::status::ReplicaState;
use std::fs::File;
use std::io;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Why a replica was not started; told in its report.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Port(#[from] PortError),
    #[error("its folder cannot be prepared: {source}; check the disk of the agent's host")]
    Folder { source: io::Error },
    #[error("its folder is still in use by a shim; trying again")]
    Held,
    #[error("the shim {} cannot be started: {source}", program.display())]
    Shim { program: PathBuf, source: io::Error },
}

impl Replica {
    pub(super) async fn start(&mut self) -> Result<Live, StartError> {
        let folder_error = |source| StartError::Folder { source };
        let options = &self.shared.options;
        files::folder(&self.folder, if options.replica_user.is_some() { 0o711 } else { 0o700 })
            .map_err(folder_error)?;
        let lock = self.lock().await?;
        if let Some(state) = find::state(&self.folder) {
            live::clear(&state).await;
        }
        let id = &self.spec.replica_id;
        let before = (self.spec.port != 0).then_some(self.spec.port);
        self.spec.port = self.shared.ports.assign(id, self.spec.workload.fixed_port, before)?;
        self.spec.address = options.replica_address;
        self.spec.work_dir = self.work_dir().map_err(folder_error)?;
        self.spec.user = options.replica_user.clone();
        self.spec.program = options.program.clone();
        self.spec.run += 1;
        self.spec.restarts += u32::from(std::mem::take(&mut self.restart));
        let _ = std::fs::remove_file(self.folder.join(READY));
        files::write_json(&self.folder.join(SPEC), &self.spec, false).map_err(folder_error)?;

        let program = options.program.clone();
        let live = spawn_shim(&program, &self.folder, lock).map_err(|source| StartError::Shim { program, source })?;
        self.ready_since = None;
        let address = self.address();
        self.shared.board.update(id, |report| {
            report.state = ReplicaState::Starting;
            report.address = address;
            report.restarts = self.spec.restarts;
        });
        if let Some(state) = begun(&self.folder, self.spec.run, &live).await {
            self.shared.board.update(id, |report| report.pid = pid_of(&state));
            tracing::info!(replica = %id, service = %self.spec.service_id, port = self.spec.port, "started a replica");
        }
        Ok(live)
    }

    /// Between fork and exec of any other shim a copy of the lock may be open for a moment.
    async fn lock(&self) -> Result<File, StartError> {
        let deadline = Instant::now() + Duration::from_secs(2);
        while Instant::now() < deadline {
            match files::lock(&self.folder.join(LOCK)).map_err(|source| StartError::Folder { source })? {
                Some(lock) => return Ok(lock),
                None => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
        Err(StartError::Held)
    }

    /// The replica's own folder, where its user can get there.
    fn work_dir(&self) -> io::Result<Option<PathBuf>> {
        let path = self.folder.join(WORK);
        files::folder(&path, 0o700)?;
        let Some(user) = &self.shared.options.replica_user else { return Ok(Some(path)) };
        chown(&path, Some(user.uid), Some(user.gid))?;
        Ok(user.reaches(&path).then_some(path))
    }
}

fn spawn_shim(program: &Path, folder: &Path, lock: File) -> io::Result<Live> {
    let mut command = Command::new(program);
    command.arg("replica-shim").arg(folder).env_clear().current_dir("/");
    // With the lock as its standard input the shim holds it from its first moment on.
    command.stdin(lock).stdout(Stdio::null()).stderr(File::create(folder.join(SHIM_LOG))?);
    sys::in_new_session(&mut command);
    let mut child = tokio::process::Command::from(command).spawn()?;
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).ok_or(io::ErrorKind::NotFound)?;
    let live = Live::open(pid);
    // Somebody has to take note of its end, or it stays as a zombie.
    tokio::spawn(async move { child.wait().await });
    live
}

/// What the shim says of this start, once it has started the replica or could not.
async fn begun(folder: &Path, run: u64, live: &Live) -> Option<RunState> {
    let deadline = Instant::now() + Duration::from_secs(10);
    while Instant::now() < deadline {
        let state = find::state(folder).filter(|state| state.run == run);
        if state.as_ref().is_some_and(|state| state.child.is_some() || state.ended.is_some()) {
            return state;
        }
        tokio::select! {
            () = live.ended() => return find::state(folder).filter(|state| state.run == run),
            () = tokio::time::sleep(Duration::from_millis(10)) => {}
        }
    }
    None
}
