//! Keeping one process running.

use crate::exit;
use crate::lock::{self, Role};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};

const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);
/// Who ran this long is not in a crash loop.
const STEADY: Duration = Duration::from_secs(10);

pub(super) struct Keeper {
    pub role: Role,
    pub run: PathBuf,
    pub environment: Vec<(String, String)>,
}

impl Keeper {
    /// Until `stopped`. A process that says at its first start that its configuration is wrong is reported as fatal:
    /// somebody is looking and can mend it.
    pub async fn keep(self, mut stopped: watch::Receiver<bool>, fatal: mpsc::Sender<Role>) {
        let mut pause = SHORTEST;
        let mut first = true;
        while !*stopped.borrow() {
            let started = Instant::now();
            let code = if lock::is_free(&self.run, self.role) {
                self.start().await
            } else {
                tracing::info!(role = self.role.as_str(), "takes up the running process");
                self.adopted().await
            };
            if *stopped.borrow() {
                return;
            }
            if first && code == Some(i32::from(exit::CONFIG)) {
                let _ = fatal.send(self.role).await;
                return;
            }
            first = false;
            pause = if started.elapsed() > STEADY { SHORTEST } else { LONGEST.min(pause * 2) };
            tracing::warn!(role = self.role.as_str(), ?code, again_in = ?pause, "ended");
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stopped.changed() => {}
            }
        }
    }

    async fn start(&self) -> Option<i32> {
        // The running program, also when its file was replaced by a newer one meanwhile.
        let program = std::env::current_exe().ok()?;
        let program = program.to_str().map_or(program.clone(), |path| path.trim_end_matches(" (deleted)").into());
        let mut command = std::process::Command::new(program);
        command
            .arg(self.role.as_str())
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null())
            // Its own group: Ctrl-C in a terminal is for the supervisor, which stops the others in order.
            .process_group(0);
        match tokio::process::Command::from(command).spawn() {
            Ok(mut child) => child.wait().await.ok().as_ref().and_then(ExitStatus::code),
            Err(error) => {
                tracing::error!(role = self.role.as_str(), %error, "cannot be started");
                None
            }
        }
    }

    /// Not a child of this process: its lock tells when it ends.
    async fn adopted(&self) -> Option<i32> {
        let (run, role) = (self.run.clone(), self.role);
        let waited = tokio::task::spawn_blocking(move || lock::wait_until_free(&run, role)).await;
        if let Ok(Err(error)) = waited {
            tracing::error!(%error, "cannot watch a process");
            tokio::time::sleep(LONGEST).await;
        }
        None
    }
}
