//! Starts engine, agent and console and keeps them running. Has no state: one that is killed and started again finds
//! the processes of the one before by their locks and takes them up.

mod child;
mod stop;

use crate::config::Config;
use crate::data_dir::DataDir;
use crate::exit::{self, Failed};
use crate::lock::{self, Role};
use child::Keeper;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};

/// In this order: traffic first.
const ROLES: [Role; 3] = [Role::Engine, Role::Agent, Role::Console];

pub async fn run(config: Config) -> Result<(), Failed> {
    let dir = DataDir::open(&config)?;
    let _lock = lock::take(&dir.run(), Role::Supervisor).map_err(exit::config)?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (stopping, stopped) = watch::channel(false);
    let (fatal, mut failures) = mpsc::channel(ROLES.len());
    let keepers: Vec<_> = ROLES
        .into_iter()
        .map(|role| {
            let keeper = Keeper { role, run: dir.run(), environment: config.environment().collect() };
            tokio::spawn(keeper.keep(stopped.clone(), fatal.clone()))
        })
        .collect();
    let failure = tokio::select! {
        _ = terminate.recv() => None,
        _ = interrupt.recv() => None,
        failure = failures.recv() => failure,
    };
    tracing::info!("shutting down");
    stopping.send_replace(true);
    // The console first, since nobody shall change anything any more; the engine last, since requests end there.
    for role in [Role::Console, Role::Agent, Role::Engine] {
        stop::stop(&dir.run(), role).await;
    }
    for keeper in keepers {
        keeper.abort();
    }
    match failure {
        Some(role) => Err(exit::config(anyhow::anyhow!("the {} could not start; see above", Role::as_str(role)))),
        None => Ok(()),
    }
}
