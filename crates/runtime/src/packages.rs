//! Python packages of processes: a virtual environment for each list, shared by all replicas that ask for the same.

use crate::driver::Progress;
use crate::files;
use crate::group::Group;
use crate::output::last_lines;
use crate::spec::{ReplicaSpec, SYSTEM_PATH};
use crate::sys;
use crate::user::ReplicaUser;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Packages of gigabytes over a slow line.
const PATIENCE: Duration = Duration::from_secs(30 * 60);
/// How often its report tells what is printed.
const TOLD: Duration = Duration::from_secs(1);
const WORDS: &str = "installing Python packages";

/// Why they are not there.
#[derive(Debug, thiserror::Error)]
pub enum PackagesError {
    #[error("the folder for Python packages cannot be used: {0}; check the disk of the agent's host")]
    Folder(#[from] io::Error),
    #[error(
        "Python packages cannot be installed: user {user} does not get to {}; let everybody enter the folders above",
        path.display()
    )]
    Unreachable { user: String, path: PathBuf },
    #[error("Python packages cannot be installed: python3 cannot be started ({0}); install it on this host")]
    NoPython(io::Error),
    #[error("Python's venv failed: {last_line}; install python3-venv on this host")]
    Venv { last_line: String },
    #[error("pip failed: {last_line}; correct the list of Python packages")]
    Pip { last_line: String },
    #[error("pip was not done within {} minutes; install fewer packages, or from somewhere nearer", PATIENCE.as_secs() / 60)]
    Slow,
}

/// Tells that an environment is complete. Written by the agent, where replicas cannot.
#[derive(Debug, Serialize, Deserialize)]
struct Complete {
    venv: PathBuf,
}

/// All environments of a host.
pub struct Packages {
    folder: PathBuf,
    user: Option<ReplicaUser>,
    /// Each list is installed by one replica at a time.
    busy: Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<()>>>>,
    /// By replicas of the agent before.
    used: Mutex<BTreeSet<PathBuf>>,
}

impl Packages {
    pub fn new(folder: PathBuf, user: Option<ReplicaUser>) -> Self {
        Self { folder, user, busy: Mutex::default(), used: Mutex::default() }
    }

    /// Where the packages of `spec` are; installs them where nobody has. Dropped half way, it leaves nothing that
    /// counts.
    pub async fn prepare(
        &self,
        spec: &ReplicaSpec,
        folder: &Path,
        progress: &Progress,
    ) -> Result<Option<PathBuf>, PackagesError> {
        if spec.workload.python_packages.is_empty() {
            return Ok(None);
        }
        let key = key(spec);
        let busy = Arc::clone(self.busy.lock().unwrap_or_else(PoisonError::into_inner).entry(key.clone()).or_default());
        let _turn = match busy.try_lock() {
            Ok(turn) => turn,
            Err(_) => {
                progress.say("waits for the Python packages, which another replica installs");
                busy.lock().await
            }
        };
        let complete = self.folder.join(format!("{key}.json"));
        if let Ok(Some(Complete { venv })) = files::read_json(&complete)
            && venv.join("bin/python").exists()
        {
            return Ok(Some(venv));
        }
        progress.say(WORDS);
        let venv = self.empty(&key)?;
        let mut log =
            Log { writer: progress.output(folder)?, folder, from: spec.output_from, told: Instant::now(), progress };
        let install = async {
            self.make(&venv, spec, &mut log).await?;
            self.install(&venv, spec, &mut log).await
        };
        let done = tokio::time::timeout(PATIENCE, install).await.unwrap_or(Err(PackagesError::Slow));
        if done.is_err() {
            let _ = fs::remove_dir_all(&venv);
        }
        done?;
        files::write_json(&complete, &Complete { venv: venv.clone() }, false)?;
        Ok(Some(venv))
    }

    /// Never one that somebody may still write to: environments cannot be moved, so it has its final name.
    fn empty(&self, key: &str) -> Result<PathBuf, PackagesError> {
        files::folder(&self.folder, if self.user.is_some() { 0o711 } else { 0o700 })?;
        let number = crate::spec::now().timestamp_micros();
        let venv = self.folder.join(format!("{key}.{number}"));
        files::folder(&venv, 0o700)?;
        if let Some(user) = &self.user {
            chown(&venv, Some(user.uid), Some(user.gid))?;
            if !user.reaches(&venv) {
                let _ = fs::remove_dir(&venv);
                return Err(PackagesError::Unreachable { user: user.name.clone(), path: self.folder.clone() });
            }
        }
        Ok(venv)
    }

    async fn make(&self, venv: &Path, spec: &ReplicaSpec, log: &mut Log<'_>) -> Result<(), PackagesError> {
        let mut command = Command::new("python3");
        command.args(["-m", "venv"]).arg(venv);
        match self.run(command, venv, spec, log).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(PackagesError::Venv { last_line: log.last_line() }),
            Err(error) => Err(PackagesError::NoPython(error)),
        }
    }

    async fn install(&self, venv: &Path, spec: &ReplicaSpec, log: &mut Log<'_>) -> Result<(), PackagesError> {
        let mut command = Command::new(venv.join("bin/python"));
        command.args(["-m", "pip", "install", "--no-input", "--no-cache-dir", "--disable-pip-version-check"]);
        // Behind the two dashes nothing is an option.
        command.args(["--progress-bar", "off", "--"]).args(&spec.workload.python_packages);
        match self.run(command, venv, spec, log).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(PackagesError::Pip { last_line: log.last_line() }),
            Err(error) => Err(PackagesError::NoPython(error)),
        }
    }

    /// As the replica's user, with the service's own variables (`PIP_INDEX_URL`, a proxy).
    async fn run(&self, mut command: Command, venv: &Path, spec: &ReplicaSpec, log: &mut Log<'_>) -> io::Result<bool> {
        command.env_clear().env("PATH", SYSTEM_PATH).env("LANG", "C.UTF-8").env("HOME", venv);
        command.envs(spec.workload.env.iter().map(|(k, v)| (k, v)));
        command.current_dir(venv).process_group(0);
        if let Some(user) = &self.user {
            command.uid(user.uid).gid(user.gid);
        }
        sys::dies_with_caller(&mut command, self.user.is_some());
        let status = Group::spawn(command)?.finish(|bytes| log.print(bytes)).await?;
        Ok(status.success())
    }

    /// This one is needed though its agent is gone.
    pub fn use_by(&self, spec: &ReplicaSpec) {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).extend(spec.venv.clone());
    }

    /// Removes those that no replica uses: half ones too.
    pub async fn sweep(&self) {
        let (folder, used) =
            (self.folder.clone(), std::mem::take(&mut *self.used.lock().unwrap_or_else(PoisonError::into_inner)));
        let swept = tokio::task::spawn_blocking(move || sweep(&folder, &used)).await;
        if let Ok(Err(error)) = swept {
            tracing::warn!(%error, "cannot remove Python packages that nobody uses");
        }
    }
}

fn sweep(folder: &Path, used: &BTreeSet<PathBuf>) -> io::Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = entry?.path();
        let complete = path.extension().is_some_and(|extension| extension == "json");
        match files::read_json::<Complete>(&path) {
            Ok(Some(Complete { venv })) if complete && used.contains(&venv) => {}
            _ if complete => fs::remove_file(&path)?,
            _ if used.contains(&path) => {}
            _ => fs::remove_dir_all(&path)?,
        }
    }
    Ok(())
}

/// The same for the same packages in any order, installed by the same Python.
fn key(spec: &ReplicaSpec) -> String {
    let list: BTreeSet<&str> = spec.workload.python_packages.iter().map(|package| package.trim()).collect();
    let path = spec.workload.env.iter().find(|(name, _)| name == "PATH").map(|(_, path)| path);
    let digest = Sha256::digest(format!("{list:?} {path:?}"));
    digest.iter().take(10).map(|byte| format!("{byte:02x}")).collect()
}

/// What is printed goes to the replica's output, and its end to the report.
struct Log<'a> {
    writer: crate::output::Writer,
    folder: &'a Path,
    from: u64,
    told: Instant,
    progress: &'a Progress,
}

impl Log<'_> {
    fn print(&mut self, bytes: &[u8]) {
        self.writer.write(bytes);
        if self.told.elapsed() >= TOLD {
            self.told = Instant::now();
            self.progress.say_with(WORDS, last_lines(self.folder, self.from));
        }
    }

    /// What pip calls an error, if it does.
    fn last_line(&self) -> String {
        let lines = last_lines(self.folder, self.from);
        let error = lines.iter().rev().find(|line| line.starts_with("ERROR:")).or(lines.last());
        error.map_or_else(|| "it said nothing".into(), |line| line.trim_start_matches("ERROR:").trim().to_owned())
    }
}
