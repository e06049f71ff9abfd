//! One process of a kind for one data directory: held for life, so it also tells who lives.

use rustix::fs::{FlockOperation, flock};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Supervisor,
    Console,
    Engine,
    Agent,
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Supervisor => "serve",
            Role::Console => "console",
            Role::Engine => "engine",
            Role::Agent => "agent",
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("the {} of this data directory runs already (process {pid}); stop it, or choose another --data-dir", role.as_str())]
    Taken { role: Role, pid: String },
    #[error("the lock file {} cannot be opened: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
}

/// Released when dropped, or when the process ends however it ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

fn path(run: &Path, role: Role) -> PathBuf {
    run.join(format!("{}.lock", role.as_str()))
}

fn open(run: &Path, role: Role) -> Result<File, LockError> {
    let path = path(run, role);
    let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
    opened.map_err(|source| LockError::File { path, source })
}

/// Takes the lock and writes this process's number into it. Tries for a moment: the supervisor looks at it too.
pub fn take(run: &Path, role: Role) -> Result<Lock, LockError> {
    let mut file = open(run, role)?;
    let deadline = Instant::now() + Duration::from_secs(1);
    while flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
        if Instant::now() > deadline {
            let pid = holder(run, role).map_or_else(|| "unknown".into(), |pid| pid.to_string());
            return Err(LockError::Taken { role, pid });
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let written = file
        .set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| write!(file, "{}", std::process::id()))
        .and_then(|()| file.flush());
    written.map_err(|source| LockError::File { path: path(run, role), source })?;
    Ok(Lock { _file: file })
}

/// Blocks until nobody holds it.
pub fn wait_until_free(run: &Path, role: Role) -> Result<(), LockError> {
    let file = open(run, role)?;
    flock(&file, FlockOperation::LockExclusive)
        .map_err(|error| LockError::File { path: path(run, role), source: error.into() })
}

pub fn is_free(run: &Path, role: Role) -> bool {
    open(run, role).is_ok_and(|file| flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok())
}

/// The process that wrote its number last; meaningful while the lock is held.
pub fn holder(run: &Path, role: Role) -> Option<i32> {
    let mut text = String::new();
    File::open(path(run, role)).ok()?.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
