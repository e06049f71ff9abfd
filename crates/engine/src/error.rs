//! Why an engine cannot run at all. Everything that can be healed while it runs is logged and retried instead.

use std::io;

/// Ends [`crate::run`].
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// `workers` was 0.
    #[error("an engine needs at least one worker; set the number of workers to 1 or more")]
    NoWorkers,
    /// The operating system gave no thread or no event queue.
    #[error("cannot start the thread {name}: {source}; raise the limits on processes and open files")]
    Thread { name: String, source: io::Error },
    /// The socket that the host's agent calls.
    #[error(transparent)]
    EndpointSocket(#[from] link::socket::SocketError),
    /// The server on that socket ended.
    #[error("the endpoint socket is no longer served: {0}")]
    EndpointServer(#[from] tonic::transport::Error),
    /// rustls cannot serve with what it was built with.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// The system's source of randomness failed.
    #[error("the operating system gives no random bytes")]
    NoRandomness,
}
