//! From a listening socket to the worker with the fewest connections.

use super::Accepted;
use crate::worker::ToWorker;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use tokio::io::unix::AsyncFd;
use tokio::net::TcpSocket;
use tokio::sync::mpsc::UnboundedSender;

const BACKLOG: u32 = 1024;
/// After an error that the next call would meet again, like too many open files.
const BACK_OFF: Duration = Duration::from_millis(50);

/// A worker as the acceptor sees it.
pub struct Seat {
    pub sender: UnboundedSender<ToWorker>,
    pub load: Arc<AtomicUsize>,
}

/// Binds; what fails, fails here and can be reported.
pub fn bind(address: SocketAddr) -> io::Result<AsyncFd<TcpListener>> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Connections of before that linger in TIME_WAIT do not keep the port; a socket that listens does.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    // Unsound only for types that may change their descriptor. A listener owns one for life, and the sound successor
    // needs `unsafe`, which this crate forbids. tokio's own listener would register each stream with this thread too.
    #[allow(deprecated)]
    AsyncFd::new(socket.listen(BACKLOG)?.into_std()?)
}

/// Accepts until it is aborted; dropping it closes the socket.
pub async fn accept(listener: AsyncFd<TcpListener>, door: u64, address: SocketAddr, seats: Rc<[Seat]>) {
    let mut failing = false;
    loop {
        let Ok(mut ready) = listener.readable().await else { return };
        match ready.try_io(|listener| listener.get_ref().accept()) {
            Err(_would_block) => {}
            Ok(Ok((stream, peer))) => {
                failing = false;
                if stream.set_nonblocking(true).is_ok() {
                    seat(&seats, Accepted { stream, peer, door, address });
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

fn seat(seats: &[Seat], accepted: Accepted) {
    let Some(seat) = seats.iter().min_by_key(|seat| seat.load.load(Relaxed)) else { return };
    // Counted before the worker knows of it, so that a burst is spread.
    seat.load.fetch_add(1, Relaxed);
    // A worker that is gone drops the socket, which closes it.
    let _ = seat.sender.send(ToWorker::Serve(accepted));
}
