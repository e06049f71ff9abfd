//! Copies a container's output into the same files that processes have.

use super::position::{Position, Reading, Stream};
use super::{ContainerError, Daemon};
use crate::files;
use crate::output::{self, Writer};
use crate::spec::ReplicaSpec;
use bollard::container::LogOutput;
use bollard::query_parameters::LogsOptionsBuilder;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_stream::StreamExt;

/// How far the copy is.
const POSITION: &str = "output.position";
/// Lines written together, and how long the first of them waits for the others.
const LINES: usize = 512;
const TOGETHER: Duration = Duration::from_millis(20);
/// Between two attempts to follow.
const PAUSE: Duration = Duration::from_millis(200);
/// How long after a container's end its last lines may take.
const LAST_LINES: Duration = Duration::from_secs(5);

/// Copies until the container has ended and all it printed is there, or until it is dropped.
pub struct Follower {
    task: Mutex<Option<JoinHandle<()>>>,
    /// Told when the container has ended.
    ended: Arc<Notify>,
    output: Arc<Mutex<Writer>>,
}

impl Follower {
    pub fn start(daemon: Arc<Daemon>, container: &str, spec: &ReplicaSpec, folder: &Path) -> io::Result<Self> {
        let writer = Writer::open(folder, spec.output_bytes, spec.output_files)?;
        let output = Arc::new(Mutex::new(writer));
        let path = folder.join(POSITION);
        let before = files::read_json::<Position>(&path).ok().flatten().filter(|position| position.is_of(container));
        let position = before.unwrap_or_else(|| Position::of(container, spec.output_from));
        // Written by an agent that was killed before it could say so.
        let unsaid = usize::try_from(output::end(folder).saturating_sub(position.end())).unwrap_or(usize::MAX);
        let ended = Arc::new(Notify::new());
        let copy = Copy { daemon, container: container.into(), output: Arc::clone(&output), path, position, unsaid };
        let task = tokio::spawn(copy.run(Arc::clone(&ended)));
        Ok(Self { task: Mutex::new(Some(task)), ended, output })
    }

    /// Of a container that has ended: waits until everything is copied; not for ever, should the daemon be away again.
    pub async fn finished(&self) {
        self.ended.notify_one();
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut task) = task
            && timeout(LAST_LINES, &mut task).await.is_err()
        {
            task.abort();
        }
    }

    /// Of what was copied since this agent began.
    pub fn last_line(&self) -> Option<String> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner).last_line()
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        if let Some(task) = self.task.get_mut().unwrap_or_else(PoisonError::into_inner) {
            task.abort();
        }
    }
}

struct Copy {
    daemon: Arc<Daemon>,
    container: String,
    output: Arc<Mutex<Writer>>,
    path: PathBuf,
    position: Position,
    /// Bytes behind the position that are in the files already.
    unsaid: usize,
}

impl Copy {
    async fn run(mut self, ended: Arc<Notify>) {
        loop {
            tokio::select! {
                // It ends with the container, with the daemon, or because log files were changed: ask which.
                _ = self.read(true) => {}
                // Podman goes on following for seconds.
                () = ended.notified() => break,
            }
            match self.runs().await {
                Ok(true) => tokio::time::sleep(PAUSE).await,
                Ok(false) => break,
                Err(_) => {
                    tokio::time::sleep(PAUSE).await;
                    self.daemon.back().await;
                }
            }
        }
        // A daemon may stop following a moment before it has sent the last lines.
        if let Err(error) = self.read(false).await {
            tracing::warn!(container = %self.container, %error, "the last lines of a container cannot be read");
        }
    }

    async fn runs(&self) -> Result<bool, ContainerError> {
        let state = self.daemon.inspect(&self.container).await?.and_then(|container| container.state);
        Ok(state.is_some_and(|state| state.running == Some(true)))
    }

    async fn read(&mut self, follow: bool) -> Result<(), ContainerError> {
        let docker = self.daemon.client().await?;
        let options = LogsOptionsBuilder::default().follow(follow).stdout(true).stderr(true).timestamps(true);
        let options = options.since(self.position.since()).build();
        let mut reading = Reading::from(self.position.clone());
        let lines = docker.logs(&self.container, Some(options)).chunks_timeout(LINES, TOGETHER);
        let mut lines = std::pin::pin!(lines);
        while let Some(some) = lines.next().await {
            let mut text = Vec::new();
            let mut wrong = None;
            for line in some {
                match line {
                    Ok(LogOutput::StdErr { message }) => {
                        text.extend_from_slice(reading.take(Stream::Err, &message).unwrap_or_default())
                    }
                    Ok(other) => {
                        text.extend_from_slice(reading.take(Stream::Out, &other.into_bytes()).unwrap_or_default());
                    }
                    Err(error) => wrong = Some(error),
                }
            }
            if !text.is_empty() {
                let known = self.unsaid.min(text.len());
                self.unsaid -= known;
                self.output.lock().unwrap_or_else(PoisonError::into_inner).write(text.get(known..).unwrap_or_default());
                reading.position.copied(text.len());
                self.position = reading.position.clone();
                // What is written and not said here is found by the length of the files.
                let _ = files::write_json(&self.path, &self.position, false);
            }
            if let Some(error) = wrong {
                return Err(self.daemon.wrong(&error));
            }
        }
        Ok(())
    }
}
