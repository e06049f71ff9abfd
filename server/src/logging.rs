//! Logs go to standard error; what people shall read goes to standard output.

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

pub fn start(filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        // A terminal that was closed, or a pipe whose reader is gone, must not end a process that carries traffic.
        .log_internal_errors(false)
        .init();
}
