//! Listening sockets, on a thread of their own.

mod accept;
mod door;
mod doors;
mod seats;
mod thread;
pub mod tls;

pub use door::Door;
pub use doors::AWAY;
pub use seats::{Reserved, Seat, Seats};
pub use thread::{Wanted, spawn};

use crate::config::Gateway;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Instant;

/// A connection on its way to a worker; registered with no event queue yet.
pub struct Accepted {
    pub stream: TcpStream,
    pub peer: SocketAddr,
    /// The opening that it came through; an address that is closed and opened again is another one.
    pub door: u64,
    /// The door's address, as configured.
    pub address: SocketAddr,
    pub at: Instant,
    /// Whose it is, where another worker has found that out, and who is behind it.
    pub settled: Option<Arc<Gateway>>,
}
