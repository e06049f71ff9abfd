//! Connections to the console and to the host's engine; both are kept up forever.

mod console;
mod engine;
mod usage;

pub use console::{Ask, console};
pub use engine::{EngineView, engine};

use crate::backoff::Backoff;
use link::LinkError;
use link::socket::SocketError;
use std::time::Duration;

/// Why a session ended.
#[derive(Debug, thiserror::Error)]
enum SessionError {
    #[error(transparent)]
    Socket(#[from] SocketError),
    #[error(transparent)]
    Link(#[from] LinkError),
    #[error("the session was ended: {0}")]
    Status(#[from] Box<tonic::Status>),
    #[error("the session was closed")]
    Closed,
    #[error("what the console wants could not be kept")]
    NotKept,
}

impl From<tonic::Status> for SessionError {
    fn from(status: tonic::Status) -> Self {
        Self::Status(Box::new(status))
    }
}

/// Calls again and again; one line in the log for each change.
struct Line {
    name: &'static str,
    up: Option<bool>,
    backoff: Backoff,
}

impl Line {
    fn new(name: &'static str) -> Self {
        Self { name, up: None, backoff: Backoff::new(Duration::from_millis(50), Duration::from_secs(1)) }
    }

    fn is_up(&mut self) {
        self.backoff.reset();
        if self.up.replace(true) != Some(true) {
            tracing::info!(peer = self.name, "connected");
        }
    }

    async fn is_down(&mut self, error: &SessionError) {
        if self.up.replace(false) != Some(false) {
            tracing::warn!(peer = self.name, %error, "not connected; trying again");
        }
        tokio::time::sleep(self.backoff.next()).await;
    }
}
