//! Which gateway and which service a request is for.

pub mod host;
pub mod path;

use crate::answer::Refusal;
use crate::config::{Gateway, Table};
use std::net::SocketAddr;
use std::sync::Arc;

/// The gateway behind the door that the connection came through, or behind the Host on a shared door.
pub fn gateway<'t>(table: &'t Table, door: SocketAddr, host: Option<&str>) -> Result<&'t Arc<Gateway>, Refusal> {
    if let Some(gateway) = table.own.get(&door) {
        return Ok(gateway);
    }
    // A connection may outlive the own port that it came through; it is no way in by name then.
    let by_name = host.filter(|_| table.shared.contains(&door)).and_then(host::normalise);
    by_name.and_then(|host| table.hosts.get(&*host)).ok_or(Refusal::NoSuchGateway)
}
