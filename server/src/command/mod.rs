//! What each subcommand does.

mod agent;
mod engine;
mod join;
mod user;

pub use agent::agent;
pub use engine::engine;
pub use join::join;
pub use user::{reset_password, setup_link};

use crate::config::Config;
use crate::data_dir::DataDir;
use crate::exit::{self, Failed};
use crate::{console, membership, supervisor};
use std::future::Future;
use std::net::IpAddr;
use std::process::ExitCode;
use tokio::runtime::{Builder, Runtime};

pub fn serve(config: Config) -> Result<(), Failed> {
    single_threaded()?.block_on(supervisor::run(config))
}

pub fn console(config: Config) -> Result<(), Failed> {
    membership::refuse_joined(&DataDir::open(&config)?)?;
    // Rendering a page takes milliseconds of computing; it must not hold up the link.
    Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(console::run(config))
}

pub fn sample_model(port: u16, host: IpAddr) -> ExitCode {
    let ran = single_threaded().map_err(anyhow::Error::from).and_then(|runtime| {
        runtime.block_on(runtime::sample_model(port, host)).map_err(|error| {
            anyhow::anyhow!("cannot listen on {host}:{port} ({error}); choose another port with --port or PORT")
        })
    });
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => exit::with(&error, exit::FAILED),
    }
}

fn single_threaded() -> std::io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// Resolves at SIGTERM or SIGINT.
pub fn terminated() -> std::io::Result<impl Future<Output = ()> + Send> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
