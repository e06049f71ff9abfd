//! This machine becomes a host of a console elsewhere.

use super::single_threaded;
use crate::config::Config;
use crate::data_dir::DataDir;
use crate::exit::{self, Failed};
use crate::lock::{self, Role};
use crate::membership;
use anyhow::anyhow;
use link::{JoinError, JoinToken, Joining};

pub fn join(config: Config, console: &str, token: &str) -> Result<(), Failed> {
    let token: JoinToken = token.parse().map_err(exit::config)?;
    let dir = DataDir::open(&config)?;
    // Nothing may run in it meanwhile, nor begin to.
    let roles = [Role::Supervisor, Role::Console, Role::Engine, Role::Agent];
    let _locks = roles
        .map(|role| lock::take(&dir.run(), role).map_err(exit::config))
        .into_iter()
        .collect::<Result<Vec<_>, _>>()?;
    check_free(&config, &dir)?;
    let joining = Joining {
        engine_id: dir.engine_id()?,
        agent_id: dir.agent_id()?,
        hostname: rustix::system::uname().nodename().to_string_lossy().into_owned(),
        software: env!("CARGO_PKG_VERSION").into(),
        public: membership::doors(&config),
    };
    let identity = single_threaded()?.block_on(link::join(console, &token, joining)).map_err(failed)?;
    // The token is used up now; without this file it was for nothing.
    identity.save(&dir.identity_file()).map_err(|error| {
        exit::config(anyhow!(error).context(format!(
            "joined as {}, but it cannot be kept; mend this, remove that host on the console's Hosts page, and join \
             with a new token",
            identity.host_id
        )))
    })?;
    println!("{}", next(&config, &identity.host_id.to_string(), console));
    Ok(())
}

fn check_free(config: &Config, dir: &DataDir) -> Result<(), Failed> {
    if let Some(identity) = dir.host_identity().map_err(exit::config)? {
        return Err(exit::config(anyhow!(
            "{} has joined {} already, as {}; start it with inference-gateway serve. To join another console choose \
             another --data-dir; to join this one again, remove the host on its Hosts page and then {}",
            dir.root().display(),
            identity.console,
            identity.host_id,
            dir.identity_file().display()
        )));
    }
    if dir.database().exists() {
        return Err(exit::config(anyhow!(
            "{} is the data directory of a console of its own; choose another --data-dir for this host",
            dir.root().display()
        )));
    }
    if config.link_addr.is_some() {
        return Err(exit::config(anyhow!("--link-addr is for the console's machine; leave it off here")));
    }
    Ok(())
}

fn failed(error: JoinError) -> Failed {
    match error {
        // The network may be better in a moment.
        JoinError::Unreachable { .. } | JoinError::Slow { .. } | JoinError::Broken { .. } => error.into(),
        _ => exit::config(error),
    }
}

fn next(config: &Config, host_id: &str, console: &str) -> String {
    let list = |all: &[std::net::SocketAddr]| match all {
        [] => "off".to_owned(),
        some => some.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
    };
    let mut text =
        format!("This machine is {host_id} of the console at {console} now. Start it, and keep it running:\n\n");
    text.push_str(&format!("    inference-gateway serve --data-dir {}", config.data_dir.display()));
    text.push_str(&format!(" --http-addr {} --https-addr {}", list(&config.http_addr), list(&config.https_addr)));
    text.push_str(&format!(" --dns-addr {}\n", list(&config.dns_addr)));
    if config.http_addr.iter().all(|address| address.ip().is_loopback()) {
        text.push_str(
            "\nWith these addresses only programs of this machine reach its gateways; name one of its own addresses \
             with --http-addr, --https-addr and --dns-addr for others.\n",
        );
    }
    text
}
