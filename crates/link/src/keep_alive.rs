//! Neither side sits waiting for one that is gone: a cut cable closes nothing.

use std::time::Duration;
use tonic::transport::{Endpoint, Server};

/// Between two pings.
const INTERVAL: Duration = Duration::from_secs(5);
/// For the answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// For connections of other hosts ([`crate::remote::listen`]): a host that went silent is noticed within about 10
/// seconds, and its sessions end. Over Unix sockets the kernel says when the other side is gone.
pub fn server() -> Server {
    Server::builder().http2_keepalive_interval(Some(INTERVAL)).http2_keepalive_timeout(Some(TIMEOUT))
}

/// The same for who calls, also while nothing is said.
pub(crate) fn endpoint() -> Endpoint {
    // The address is a formality of HTTP/2; the connector decides.
    Endpoint::from_static("http://link.invalid")
        .http2_keep_alive_interval(INTERVAL)
        .keep_alive_timeout(TIMEOUT)
        .keep_alive_while_idle(true)
}
