//! Who may enter, by source address.

use crate::answer::Refusal;
use crate::config::Gateway;
use std::net::IpAddr;

/// Asked for every request, not once a connection: an edit of the list bites on open connections. `peer` is canonical.
pub fn check(gateway: &Gateway, peer: IpAddr) -> Result<(), Refusal> {
    if gateway.whitelist.iter().any(|block| block.contains(peer)) { Ok(()) } else { Err(Refusal::SourceNotAllowed) }
}
