//! Which gateway and which service a request is for.

pub mod host;
pub mod path;
mod service;

pub use service::service;

use crate::answer::Refusal;
use crate::config::{Entrance, Gateway, Table};
use crate::worker::Conn;
use domain::snapshot::Scheme;
use std::sync::Arc;

/// The gateway whose alone the listener is that the connection came through, or the one behind the Host among the
/// names of the listener's side; and what holds for those who come from that side.
pub fn gateway<'t>(
    table: &'t Table,
    conn: &Conn,
    host: Option<&str>,
) -> Result<(&'t Arc<Gateway>, &'t Entrance), Refusal> {
    let listener = table.listeners.of(conn).ok_or(Refusal::NoSuchGateway)?;
    let gateway = match &listener.gateway {
        Some(gateway) => alone(table, conn, gateway, host)?,
        None => by_name(table, conn, host)?,
    };
    if gateway.client_auth.as_ref().is_some_and(|asking| !conn.has_shown(&gateway.id, &asking.authorities)) {
        // Over TLS a new connection with the right name is asked for a certificate; in clear none can be shown.
        return Err(if conn.scheme == Scheme::Https { Refusal::Misdirected } else { Refusal::ClientCertificate });
    }
    let entrance = gateway.entrance(conn.vpc.as_ref()).ok_or(Refusal::NoSuchGateway)?;
    Ok((gateway, entrance))
}

fn by_name<'t>(table: &'t Table, conn: &Conn, host: Option<&str>) -> Result<&'t Arc<Gateway>, Refusal> {
    let vpc = conn.vpc.as_ref();
    let host = host.and_then(host::normalise).ok_or(Refusal::NoSuchGateway)?;
    let gateway = table.sides.named(vpc, &host).ok_or(Refusal::NoSuchGateway)?;
    // What was decided in the handshake was decided for the gateway that was named there.
    let named = conn.server_name.as_deref();
    if named.is_some_and(|name| table.sides.named(vpc, name).is_none_or(|named| named.id != gateway.id)) {
        return Err(Refusal::Misdirected);
    }
    Ok(gateway)
}

/// Every Host is welcome, an address or a name that nobody has here, but none that is another gateway's on this side, in
/// a handshake or behind it: the client believes that it speaks to that one, and may have been shown its certificate. As
/// many look-ups as where the Host decides.
fn alone<'t>(
    table: &Table,
    conn: &Conn,
    gateway: &'t Arc<Gateway>,
    host: Option<&str>,
) -> Result<&'t Arc<Gateway>, Refusal> {
    let is_others = |name: &str| table.sides.named(conn.vpc.as_ref(), name).is_some_and(|named| named.id != gateway.id);
    let misses = conn.server_name.as_deref().is_some_and(is_others)
        || host.and_then(host::normalise).is_some_and(|host| is_others(&host));
    match conn.scheme {
        _ if !misses => Ok(gateway),
        // A new connection with that name would be the other one's.
        Scheme::Https => Err(Refusal::Misdirected),
        // One to another address would be.
        Scheme::Http => Err(Refusal::NoSuchGateway),
    }
}
