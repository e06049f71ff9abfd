//! Whether this data directory is a console's, or that of a host which has joined one elsewhere.

use crate::config::{Config, ReplicaAddr};
use crate::data_dir::DataDir;
use crate::exit::{self, Failed};
use anyhow::{Context, anyhow};
use domain::host::HostDoors;
use link::{Console, HostIdentity};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs, UdpSocket};

/// Whom this host's engine and agent call.
pub fn console(dir: &DataDir, identity: Option<HostIdentity>) -> Console {
    match identity {
        Some(identity) => Console::Remote(identity.into()),
        None => Console::Socket(dir.link_socket()),
    }
}

/// Commands that need the console's store have nothing to do here.
pub fn refuse_joined(dir: &DataDir) -> Result<(), Failed> {
    match dir.host_identity().map_err(exit::config)? {
        None => Ok(()),
        Some(HostIdentity { host_id, console, .. }) => Err(exit::config(anyhow!(
            "{} is the data directory of {host_id}, a host of the console that is linked at {console}; run this on the \
             console's machine, or choose another --data-dir",
            dir.root().display()
        ))),
    }
}

/// As this host's engine has them.
pub fn doors(config: &Config) -> HostDoors {
    HostDoors { http: config.http_addr.clone(), https: config.https_addr.clone(), dns: config.dns_addr.clone() }
}

/// Where replicas listen.
pub fn replica_address(dir: &DataDir, config: &Config, identity: Option<&HostIdentity>) -> Result<IpAddr, Failed> {
    let here = || config.link_addr.map_or(Ipv4Addr::LOCALHOST.into(), |link| link.ip());
    match (config.replica_addr, identity) {
        (ReplicaAddr::Fixed(address), _) => Ok(address),
        (ReplicaAddr::Auto, None) => Ok(here()),
        (ReplicaAddr::Auto, Some(identity)) => Ok(found(dir, &identity.console).with_context(|| {
            format!(
                "cannot tell by which address this host reaches its console at {}; check the network, or name an \
                 address of this host with --replica-addr",
                identity.console
            )
        })?),
    }
}

/// That by which the console is reached. While there is no way there it is the last one that was found: replicas run
/// without a console, too.
fn found(dir: &DataDir, console: &str) -> io::Result<IpAddr> {
    let file = dir.agent().join("address");
    let kept = || std::fs::read_to_string(&file).ok()?.trim().parse::<IpAddr>().ok();
    match towards(console) {
        Ok(address) => {
            if kept() != Some(address)
                && let Err(error) = std::fs::write(&file, address.to_string())
            {
                tracing::warn!(%error, "the address that replicas listen on is not kept for a start without a network");
            }
            Ok(address)
        }
        Err(error) => kept().ok_or(error),
    }
}

/// The address that this host would send from. Nothing is sent.
fn towards(console: &str) -> io::Result<IpAddr> {
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for address in console.to_socket_addrs()? {
        match source(address) {
            Ok(ip) => return Ok(ip),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn source(address: SocketAddr) -> io::Result<IpAddr> {
    let any: IpAddr = if address.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0))?;
    socket.connect(address)?;
    Ok(socket.local_addr()?.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_finds_the_address_that_it_calls_from() {
        assert_eq!(towards("127.0.0.1:7443").expect("loopback"), IpAddr::from([127, 0, 0, 1]));
        assert!(towards("").is_err() && towards("127.0.0.1").is_err() && towards("256.0.0.1:7443").is_err());
    }
}
