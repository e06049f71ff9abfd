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

/// Traffic first. They are stopped the other way round: the console first, since nobody shall change anything any
/// more; the engine last, since requests end there.
const ROLES: &[Role] = &[Role::Engine, Role::Agent, Role::Console];
/// The console is elsewhere.
const JOINED: &[Role] = &[Role::Engine, Role::Agent];

pub async fn run(config: Config) -> Result<(), Failed> {
    let dir = DataDir::open(&config)?;
    let _lock = lock::take(&dir.run(), Role::Supervisor).map_err(exit::config)?;
    let joined = dir.host_identity().map_err(exit::config)?;
    if let Some(identity) = joined.as_ref().filter(|_| config.link_addr.is_some()) {
        return Err(exit::config(anyhow::anyhow!(
            "this host has joined the console at {}; leave --link-addr off",
            identity.console
        )));
    }
    let roles = if joined.is_some() { JOINED } else { ROLES };
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    // The terminal is gone; whoever is left would run with nobody to look after them.
    let mut hangup = signal(SignalKind::hangup())?;
    let (fatal, mut failures) = mpsc::channel(roles.len());
    let mut keepers = Vec::new();
    for &role in roles {
        let (stopping, stopped) = watch::channel(false);
        let keeper = Keeper { role, run: dir.run(), environment: config.environment().collect() };
        keepers.push((stopping, tokio::spawn(keeper.keep(stopped, fatal.clone()))));
    }
    let failure = tokio::select! {
        _ = terminate.recv() => None,
        _ = interrupt.recv() => None,
        _ = hangup.recv() => None,
        failure = failures.recv() => failure,
    };
    tracing::info!("shutting down");
    for (stopping, keeper) in keepers.into_iter().rev() {
        stopping.send_replace(true);
        let _ = keeper.await;
    }
    match failure {
        Some(role) => Err(exit::config(anyhow::anyhow!("the {} could not start; see above", Role::as_str(role)))),
        None => Ok(()),
    }
}
