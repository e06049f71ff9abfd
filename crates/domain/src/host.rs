//! Machines that serve: each has an engine and an agent.

use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};

/// Where a host's engine takes what comes from outside: explicit addresses, as its own configuration says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostDoors {
    /// Shared public listeners.
    pub http: Vec<SocketAddr>,
    /// The same over TLS; may be none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub https: Vec<SocketAddr>,
    /// The DNS server's public side; may be none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dns: Vec<SocketAddr>,
}

impl HostDoors {
    /// Of gateways' own ports.
    pub fn own_address(&self) -> Option<IpAddr> {
        self.http.first().map(SocketAddr::ip)
    }
}
