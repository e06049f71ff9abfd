//! Keeping one process running, and stopping it in the end.

use super::stop::{order, signal_holder};
use crate::exit;
use crate::lock::{self, Role};
use rustix::process::{Pid, Signal, kill_process};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};
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
    /// Until `stopped`; then the process has ended, too. One that says at its first start that its configuration is
    /// wrong is reported as fatal: somebody is looking and can mend it.
    pub async fn keep(self, mut stopped: watch::Receiver<bool>, fatal: mpsc::Sender<Role>) {
        let mut pause = SHORTEST / 2;
        let mut first = true;
        while !*stopped.borrow() {
            let started = Instant::now();
            let code = if lock::is_free(&self.run, self.role) {
                self.own(&mut stopped).await
            } else {
                tracing::info!(role = self.role.as_str(), "takes up the running process");
                self.adopted(&mut stopped).await
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

    /// A process of this supervisor's own, known by its handle from the moment it is there.
    async fn own(&self, stopped: &mut watch::Receiver<bool>) -> Option<i32> {
        let mut child = match self.spawn() {
            Ok(child) => child,
            Err(error) => {
                tracing::error!(role = self.role.as_str(), %error, "cannot be started");
                return None;
            }
        };
        tokio::select! {
            ended = child.wait() => return ended.ok().as_ref().and_then(ExitStatus::code),
            _ = stopped.wait_for(|stopped| *stopped) => {}
        }
        let (signal, patience) = order(self.role);
        tell(&child, signal);
        if tokio::time::timeout(patience, child.wait()).await.is_err() {
            tracing::warn!(role = self.role.as_str(), "does not end; killed");
            tell(&child, Signal::KILL);
            let _ = child.wait().await;
        }
        None
    }

    fn spawn(&self) -> std::io::Result<Child> {
        // The running program, also when its file was replaced by a newer one meanwhile.
        let program = std::env::current_exe()?;
        let program = program.to_str().map_or(program.clone(), |path| path.trim_end_matches(" (deleted)").into());
        let mut command = std::process::Command::new(program);
        command
            .arg(self.role.as_str())
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null())
            // Its own group: Ctrl-C in a terminal is for the supervisor, which stops the others in order.
            .process_group(0);
        Command::from(command).spawn()
    }

    /// Not a child of this process: its lock tells when it ends.
    async fn adopted(&self, stopped: &mut watch::Receiver<bool>) -> Option<i32> {
        let (run, role) = (self.run.clone(), self.role);
        let mut ended = tokio::task::spawn_blocking(move || lock::wait_until_free(&run, role));
        tokio::select! {
            waited = &mut ended => {
                if let Ok(Err(error)) = waited {
                    tracing::error!(%error, "cannot watch a process");
                }
                return None;
            }
            _ = stopped.wait_for(|stopped| *stopped) => {}
        }
        let (signal, patience) = order(self.role);
        signal_holder(&self.run, self.role, signal).await;
        if tokio::time::timeout(patience, &mut ended).await.is_err() {
            tracing::warn!(role = self.role.as_str(), "does not end; killed");
            signal_holder(&self.run, self.role, Signal::KILL).await;
        }
        None
    }
}

fn tell(child: &Child, signal: Signal) {
    // Not waited for yet, so the number is still its own.
    if let Some(pid) = child.id().and_then(|id| Pid::from_raw(id.cast_signed())) {
        let _ = kill_process(pid, signal);
    }
}
