//! A socket that listens, or shall.

use std::net::SocketAddr;
use std::sync::Arc;

/// A listener of several network interfaces has one for each.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Door {
    pub address: SocketAddr,
    /// The only interface on which it can be reached; `None`: on any.
    pub device: Option<Arc<str>>,
}

impl std::fmt::Display for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.device {
            None => write!(f, "{}", self.address),
            Some(device) => write!(f, "{} on {device}", self.address),
        }
    }
}
