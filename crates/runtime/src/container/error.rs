//! Why a container cannot be had, in words for a replica's report.

use bollard::errors::Error;
use chrono::{DateTime, Utc};
use std::path::PathBuf;

/// Characters of what a daemon or a registry says.
const WORDS: usize = 400;

#[derive(Debug, thiserror::Error)]
pub enum ContainerError {
    #[error(
        "{name} at {} does not answer since {} UTC ({words}); start it, or correct --container-socket; the rest goes by \
         itself", socket.display(), since.format("%Y-%m-%d %H:%M:%S")
    )]
    Away { name: &'static str, socket: PathBuf, since: DateTime<Utc>, words: String },
    #[error("the agent may not use {}; let its user read and write that socket", socket.display())]
    Forbidden { socket: PathBuf },
    #[error(
        "the image {image} cannot be pulled: {words}; check its name and tag, and the registry's user and password"
    )]
    Pull { image: String, words: String },
    #[error(
        "`{program}` was not found in the image {image}; correct the command, or leave it empty for the image's own"
    )]
    NoProgram { program: String, image: String },
    #[error("the container cannot be started: {words}; correct the service or the host, it is tried again")]
    Refused { words: String },
    #[error("the container {name} was made by somebody else; remove it, and the replica starts")]
    Foreign { name: String },
    #[error("{} cannot be mounted: {why}", path.display())]
    Mount { path: PathBuf, why: &'static str },
    #[error(
        "it asks for GPUs, and {name} reports nothing that hands them to containers; install Docker Engine with the \
         NVIDIA Container Toolkit on this host, or ask for no GPU"
    )]
    NoGpu { name: &'static str },
    #[error("the replica's folder cannot be used: {0}; check the disk of the agent's host")]
    Folder(#[from] std::io::Error),
    #[error("the command did not end within {seconds} s and was killed; give it more time")]
    Slow { seconds: u64 },
    #[error("the command ended with status {status}")]
    Check { status: i64, last_line: Option<String> },
}

impl ContainerError {
    /// Nothing is wrong with the replica; the same is tried again when the daemon answers.
    pub fn is_away(&self) -> bool {
        matches!(self, Self::Away { .. } | Self::Forbidden { .. })
    }
}

/// What a daemon's answer means.
pub(super) enum Answer {
    /// It answered, and said no in these words.
    No(String),
    /// Nobody answered.
    Silence(String),
}

pub(super) fn answer(error: &Error) -> Answer {
    match error {
        Error::DockerResponseServerError { message, .. } => Answer::No(inert(message)),
        Error::DockerStreamError { error } | Error::DockerContainerWaitError { error, .. } => Answer::No(inert(error)),
        Error::JsonDataError { .. } | Error::JsonSerdeError { .. } | Error::StrParseError { .. } => {
            Answer::No(inert(&error.to_string()))
        }
        Error::RequestTimeoutError => Answer::Silence("no answer in time".into()),
        Error::SocketNotFoundError(_) => Answer::Silence("there is no such socket".into()),
        other => Answer::Silence(inert(&innermost(other))),
    }
}

/// Clients wrap the system's own words many times.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// Others' text as one short line without control characters.
pub(super) fn inert(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.trim_end_matches('.').chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(WORDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_daemons_words_are_one_short_inert_line() {
        let error = Error::DockerResponseServerError { status_code: 404, message: "no\n such \x1b[31mimage.\n".into() };
        assert!(matches!(answer(&error), Answer::No(words) if words == "no such \u{fffd}[31mimage"));
        assert_eq!(inert(&"x".repeat(10_000)).len(), WORDS);
    }

    #[test]
    fn silence_says_the_systems_words() {
        let refused = std::io::Error::from_raw_os_error(111);
        assert!(matches!(answer(&refused.into()), Answer::Silence(words) if words.contains("refused")));
    }
}
