//! A check's command, run inside the container.

use super::error::inert;
use super::{ContainerError, Daemon};
use bollard::Docker;
use bollard::exec::{CreateExecOptions, StartExecResults};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::fs;
use std::time::Duration;
use tokio::time::timeout;
use tokio_stream::StreamExt;

/// Bytes of output that are kept to find the last line.
const TAIL: usize = 4 * 1024;

/// Passes when the command ends with status 0 in time; one that does not is killed.
pub async fn exec(
    daemon: &Daemon,
    container: &str,
    command: &[String],
    patience: Duration,
) -> Result<(), ContainerError> {
    let docker = daemon.client().await?;
    let options = CreateExecOptions {
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        cmd: Some(command.to_vec()),
        ..CreateExecOptions::default()
    };
    let made = docker.create_exec(container, options).await.map_err(|error| daemon.wrong(&error))?;
    let tail = match timeout(patience, output(&docker, &made.id)).await {
        Ok(tail) => tail.map_err(|error| daemon.wrong(&error))?,
        Err(_) => {
            kill(&docker, &made.id, container).await;
            return Err(ContainerError::Slow { seconds: patience.as_secs() });
        }
    };
    // The status may come a moment after the end of the output.
    for _ in 0..50 {
        let state = docker.inspect_exec(&made.id).await.map_err(|error| daemon.wrong(&error))?;
        match (state.running, state.exit_code) {
            (Some(false), Some(0)) => return Ok(()),
            (Some(false), Some(status)) => return Err(ContainerError::Check { status, last_line: last_line(&tail) }),
            _ => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    // It has closed its output and runs on.
    kill(&docker, &made.id, container).await;
    Err(ContainerError::Slow { seconds: patience.as_secs() })
}

async fn output(docker: &Docker, id: &str) -> Result<Vec<u8>, bollard::errors::Error> {
    let mut tail = Vec::new();
    if let StartExecResults::Attached { mut output, input: _input } = docker.start_exec(id, None).await? {
        while let Some(piece) = output.next().await {
            tail.extend_from_slice(&piece?.into_bytes());
            if tail.len() > 2 * TAIL {
                tail.drain(..tail.len() - TAIL);
            }
        }
    }
    Ok(tail)
}

fn last_line(tail: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(tail);
    text.lines().rev().map(inert).find(|line| !line.is_empty())
}

/// The API ends no command, so the agent does it itself, where it is a process that it can see.
async fn kill(docker: &Docker, id: &str, container: &str) {
    let Ok(state) = docker.inspect_exec(id).await else { return };
    let pid = state.pid.filter(|pid| *pid > 1).and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
    let Some((pid, file)) = pid.and_then(|pid| Some((pid, pidfd_open(pid, PidfdFlags::empty()).ok()?))) else { return };
    // Held by its file, the number can mean no other process from here on.
    let groups = fs::read_to_string(format!("/proc/{}/cgroup", pid.as_raw_nonzero())).unwrap_or_default();
    if state.running == Some(true) && groups.contains(container) {
        let _ = pidfd_send_signal(&file, Signal::KILL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_words_are_inert() {
        assert_eq!(last_line(b"first\nno \x1b[31mGPU\n \n").as_deref(), Some("no \u{fffd}[31mGPU"));
        assert_eq!(last_line(b"\xff\n").as_deref(), Some("\u{fffd}"));
        assert_eq!(last_line(b"  \n"), None);
    }
}
