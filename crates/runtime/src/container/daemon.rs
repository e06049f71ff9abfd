//! The one that runs containers: asked over its socket, and known to be away when it does not answer.

use super::error::{Answer, ContainerError, answer, inert};
use super::registry;
use bollard::errors::Error;
use bollard::models::{ContainerInspectResponse, SystemInfo};
use bollard::{API_DEFAULT_VERSION, Docker};
use chrono::{DateTime, Utc};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// Seconds until the head of an answer is there. Making a container of a large image takes long on a slow disk.
const PATIENCE: u64 = 120;
/// For questions that are answered at once.
pub const SHORT: Duration = Duration::from_secs(10);
const DOCKER: &str = "Docker";
pub const PODMAN: &str = "Podman";
/// Until the next look at something that changes now.
const MOMENT: Duration = Duration::from_millis(50);
/// Between attempts to reach one that is away.
const PAUSE: Duration = Duration::from_millis(500);

/// A daemon, there or away.
pub struct Daemon {
    socket: PathBuf,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    docker: Option<Docker>,
    name: Option<&'static str>,
    version: String,
    away_since: Option<DateTime<Utc>>,
}

impl Daemon {
    pub fn new(socket: PathBuf) -> Self {
        Self { socket, seen: Mutex::default() }
    }

    fn with<T>(&self, f: impl FnOnce(&mut Seen) -> T) -> T {
        // Each field stands for itself, so a panic elsewhere does not spoil it.
        f(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// As people call it; "Docker" until it has said that it is another one.
    pub fn name(&self) -> &'static str {
        self.with(|seen| seen.name).unwrap_or(DOCKER)
    }

    /// A client that speaks the daemon's version of the API. One that was away may come back as another version.
    pub(super) async fn client(&self) -> Result<Docker, ContainerError> {
        if let Some(docker) = self.with(|seen| seen.docker.clone()) {
            return Ok(docker);
        }
        let docker = Docker::connect_with_unix(&self.socket.to_string_lossy(), PATIENCE, API_DEFAULT_VERSION);
        let docker = docker.map_err(|error| self.wrong(&error))?.with_request_modifier(registry::mend);
        let docker = match timeout(SHORT, docker.negotiate_version()).await {
            Ok(docker) => docker.map_err(|error| self.wrong(&error))?,
            Err(_) => return Err(self.wrong(&Error::RequestTimeoutError)),
        };
        let version = docker.version().await.map_err(|error| self.wrong(&error))?;
        let podman = version.components.iter().flatten().any(|part| part.name.contains(PODMAN));
        let version = inert(&version.version.unwrap_or_default());
        let before = self.with(|seen| {
            seen.docker = Some(docker.clone());
            seen.name = Some(if podman { PODMAN } else { DOCKER });
            seen.version = version.clone();
            seen.away_since.take()
        });
        match before {
            Some(since) => {
                tracing::info!(daemon = self.name(), version, %since, "the daemon of containers answers again")
            }
            None => tracing::info!(daemon = self.name(), version, "containers can be run"),
        }
        Ok(docker)
    }

    /// What an error means; an answer that did not come is remembered with its time.
    pub(super) fn wrong(&self, error: &Error) -> ContainerError {
        match answer(error) {
            Answer::No(words) => ContainerError::Refused { words },
            Answer::Silence(words) => self.away(words),
        }
    }

    fn away(&self, words: String) -> ContainerError {
        let (since, first) = self.with(|seen| {
            seen.docker = None;
            let first = seen.away_since.is_none();
            (*seen.away_since.get_or_insert_with(crate::spec::now), first)
        });
        let (name, socket) = (self.name(), self.socket.clone());
        if first {
            tracing::warn!(daemon = name, socket = %socket.display(), %words, "the daemon of containers is away");
        }
        if words.contains("ermission denied") {
            return ContainerError::Forbidden { socket };
        }
        ContainerError::Away { name, socket, since, words }
    }

    /// One question that is answered at once; `None` where what it is about is not there.
    pub(super) async fn ask<T>(
        &self,
        question: impl AsyncFnOnce(Docker) -> Result<T, Error>,
    ) -> Result<Option<T>, ContainerError> {
        let docker = self.client().await?;
        match timeout(SHORT, question(docker)).await {
            Ok(Ok(answer)) => Ok(Some(answer)),
            Ok(Err(Error::DockerResponseServerError { status_code: 404, .. })) => Ok(None),
            Ok(Err(error)) => Err(self.wrong(&error)),
            Err(_) => Err(self.wrong(&Error::RequestTimeoutError)),
        }
    }

    /// Waits until it answers; asks seldom enough to be free.
    pub(super) async fn back(&self) {
        while self.client().await.is_err() {
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The state of those that it cannot be asked about; `None` while it answers.
    pub fn silence(&self) -> Option<String> {
        let since = self.with(|seen| seen.away_since)?;
        Some(format!(
            "unknown: {} does not answer since {} UTC; start it, its replicas are found again then",
            self.name(),
            since.format("%Y-%m-%d %H:%M:%S")
        ))
    }

    pub(super) async fn info(&self) -> Result<SystemInfo, ContainerError> {
        let info = self.ask(async |docker: Docker| docker.info().await).await?;
        info.ok_or(ContainerError::Refused { words: "it does not say what it is".into() })
    }

    /// Of this name, or with this id.
    pub(super) async fn inspect(&self, name: &str) -> Result<Option<ContainerInspectResponse>, ContainerError> {
        let deadline = Instant::now() + SHORT;
        let question = async |docker: Docker| loop {
            match docker.inspect_container(name, None).await {
                // Between a container's end and its clean-up Podman has a word for its state that is none of Docker's.
                Err(Error::JsonDataError { .. }) if Instant::now() < deadline => tokio::time::sleep(MOMENT).await,
                answer => return answer,
            }
        };
        self.ask(question).await
    }

    /// Name and version, as far as it has been asked; otherwise why they are not known.
    pub fn told(&self) -> Result<String, String> {
        if let Some(silence) = self.silence() {
            return Err(silence);
        }
        let version = self.with(|seen| seen.name.map(|name| format!("{name} {}", seen.version)));
        version.ok_or_else(|| format!("{} has not been asked yet; look again in a moment", self.socket.display()))
    }
}
