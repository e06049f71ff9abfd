//! A command that the agent itself runs for a replica, with whatever it starts.

use rustix::process::{Pid, Signal, kill_process_group};
use std::io;
use std::os::fd::OwnedFd;
use std::process::{Command, ExitStatus, Stdio};
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::process::Child;

/// Its process group is killed when this is dropped.
pub struct Group {
    child: Child,
    leader: Option<Pid>,
    output: Option<Receiver>,
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.leader {
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

impl Group {
    /// `command` makes a process group of its own.
    pub fn spawn(mut command: Command) -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
        let mut command = tokio::process::Command::from(command);
        let child = command.kill_on_drop(true).spawn()?;
        // The command holds the other end, which would stay open.
        drop(command);
        let leader = child.id().and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
        let output = Receiver::from_owned_fd(OwnedFd::from(reader))?;
        Ok(Self { child, leader, output: Some(output) })
    }

    /// Waits for its end and passes on what it prints. What it may have left with the pipe open does not count.
    pub async fn finish(&mut self, mut printed: impl FnMut(&[u8])) -> io::Result<ExitStatus> {
        let mut buffer = vec![0; 8 * 1024];
        let status = loop {
            tokio::select! {
                biased;
                len = some(&mut self.output, &mut buffer) => match len {
                    0 => self.output = None,
                    len => printed(buffer.get(..len).unwrap_or_default()),
                },
                status = self.child.wait() => break status?,
            }
        };
        if let Some(output) = &mut self.output {
            while let Ok(len @ 1..) = output.try_read(&mut buffer) {
                printed(buffer.get(..len).unwrap_or_default());
            }
        }
        Ok(status)
    }
}

async fn some(reader: &mut Option<Receiver>, buffer: &mut [u8]) -> usize {
    match reader {
        Some(reader) => reader.read(buffer).await.unwrap_or(0),
        None => std::future::pending().await,
    }
}
