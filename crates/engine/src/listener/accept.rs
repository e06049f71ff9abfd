//! From a listening socket to the worker with the fewest connections.

use super::{Accepted, Door, Seats};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::io::unix::AsyncFd;
use tokio::net::TcpSocket;

const BACKLOG: u32 = 1024;
/// After an error that the next call would meet again, like too many open files.
const BACK_OFF: Duration = Duration::from_millis(50);

/// Binds; what fails, fails here and can be reported.
pub fn bind(door: &Door) -> io::Result<AsyncFd<TcpListener>> {
    let address = door.address;
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Connections of before that linger in TIME_WAIT do not keep the port; a socket that listens does.
    socket.set_reuseaddr(true)?;
    if let Some(device) = &door.device {
        // Before it has its address: there is no moment in which it can be reached from elsewhere.
        socket.bind_device(Some(device.as_bytes())).map_err(|error| {
            io::Error::new(error.kind(), format!("cannot listen on the network interface {device}: {error}"))
        })?;
    }
    socket.bind(address)?;
    // Unsound only for types that may change their descriptor. A listener owns one for life, and the sound successor
    // needs `unsafe`, which this crate forbids. tokio's own listener would register each stream with this thread too.
    #[allow(deprecated)]
    AsyncFd::new(socket.listen(BACKLOG)?.into_std()?)
}

/// Accepts until it is aborted; dropping it closes the socket.
pub async fn accept(listener: AsyncFd<TcpListener>, door: u64, address: SocketAddr, seats: Rc<Seats>) {
    let mut failing = false;
    loop {
        let Ok(mut ready) = listener.readable().await else { return };
        match ready.try_io(|listener| listener.get_ref().accept()) {
            Err(_would_block) => {}
            Ok(Ok((stream, peer))) => {
                failing = false;
                if stream.set_nonblocking(true).is_ok() {
                    seats.give(Accepted { stream, peer, door, address, at: Instant::now(), settled: None });
                }
            }
            Ok(Err(error)) if is_about_one(&error) => {}
            Ok(Err(error)) => {
                if !failing {
                    tracing::error!(%address, %error, "cannot accept connections; trying again until it works");
                }
                failing = true;
                tokio::time::sleep(BACK_OFF).await;
            }
        }
    }
}

/// The connection was gone before it was taken; the next one is not concerned.
fn is_about_one(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted)
}
