//! Why the agent does not run.

use std::io;
use std::path::PathBuf;

/// What ends the agent. Troubles of single replicas never do; they are told in their reports.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// A file or folder of its state cannot be used.
    #[error("cannot use {}: {source}; check that the agent's user owns it and that the disk has room", path.display())]
    State { path: PathBuf, source: io::Error },
    /// Another agent works on the same state.
    #[error("another agent runs with {}; end it first", path.display())]
    AlreadyRunning { path: PathBuf },
}

impl AgentError {
    /// For programs and runbooks; never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::State { .. } => "AgentState",
            Self::AlreadyRunning { .. } => "AgentAlreadyRunning",
        }
    }
}
