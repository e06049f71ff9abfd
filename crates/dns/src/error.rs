//! What can be wrong with a configuration or a socket. Each sentence says what to do.

use std::io;
use std::net::SocketAddr;

#[derive(Debug, thiserror::Error)]
pub enum DnsError {
    #[error(
        "{name:?} is no DNS name; write labels of 1 to 63 lower-case letters, digits, - and _ with dots between them, \
         253 characters at most"
    )]
    Name { name: String },
    #[error("{contact:?} is no contact for the DNS zone; give a mail address, such as hostmaster@example.org")]
    Contact { contact: String },
    #[error("a text of {len} bytes at {name} does not fit into DNS; keep it to {max}")]
    Text { name: String, len: usize, max: usize },
    #[error("{name} has {len} DNS records; keep it to {max}")]
    Records { name: String, len: usize, max: usize },
    #[error(
        "DNS must not listen on the wildcard {address}, since answers could leave by another address; name each address"
    )]
    Wildcard { address: SocketAddr },
    #[error("{transport} {address}: {source}; {}", advice(.source))]
    Open { transport: &'static str, address: SocketAddr, source: io::Error },
}

impl DnsError {
    /// For programs; stays when the sentence changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Name { .. } => "DnsName",
            Self::Contact { .. } => "DnsContact",
            Self::Text { .. } => "DnsTextTooLong",
            Self::Records { .. } => "DnsTooManyRecords",
            Self::Wildcard { .. } => "DnsWildcardAddress",
            Self::Open { .. } => "DnsListen",
        }
    }
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => "stop the program that has this port, or choose another port",
        io::ErrorKind::AddrNotAvailable => "give the address to one of the host's interfaces, or choose another",
        io::ErrorKind::PermissionDenied => {
            "let the program open it (CAP_NET_BIND_SERVICE for ports below 1024, CAP_NET_RAW for interfaces)"
        }
        // ENODEV has no kind of its own.
        _ if error.raw_os_error() == Some(19) => "create the network interface, or choose another",
        _ => "look at the host's network settings",
    }
}
