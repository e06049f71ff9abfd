//! Which gateway and which service a request is for.

pub mod host;
pub mod path;
mod service;

pub use service::service;

use crate::answer::Refusal;
use crate::config::{Gateway, Table};
use crate::worker::Conn;
use domain::snapshot::Scheme;
use std::sync::Arc;

/// The gateway behind the door that the connection came through, or behind the Host on a shared door.
pub fn gateway<'t>(table: &'t Table, conn: &Conn, host: Option<&str>) -> Result<&'t Arc<Gateway>, Refusal> {
    if let Some(gateway) = table.own.get(&conn.door) {
        // There is no TLS on it, and so no certificate.
        return if gateway.client_auth.is_none() { Ok(gateway) } else { Err(Refusal::ClientCertificate) };
    }
    // A connection may outlive the own port that it came through; it is no way in by name then.
    let is_shared = table.shared.get(&conn.door) == Some(&conn.scheme);
    let by_name = host.filter(|_| is_shared).and_then(host::normalise);
    let gateway = by_name.and_then(|host| table.hosts.get(&host)).ok_or(Refusal::NoSuchGateway)?;
    // What was decided in the handshake was decided for the gateway that was named there.
    let named = conn.server_name.as_deref();
    if named.is_some_and(|name| table.hosts.get(name).is_none_or(|named| named.id != gateway.id)) {
        return Err(Refusal::Misdirected);
    }
    if gateway.client_auth.is_some() && conn.shown_to.as_ref() != Some(&gateway.id) {
        // Over TLS a new connection with the right name is asked for a certificate; in clear none can be shown.
        return Err(if conn.scheme == Scheme::Https { Refusal::Misdirected } else { Refusal::ClientCertificate });
    }
    Ok(gateway)
}
