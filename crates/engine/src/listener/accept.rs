//! From a listening socket to the worker with the fewest connections.

use super::{Accepted, Seats};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::unix::AsyncFd;

/// After an error that the next call would meet again, like too many open files.
const BACK_OFF: Duration = Duration::from_millis(50);

/// On its thread's event queue.
pub fn watch(listener: Arc<TcpListener>) -> io::Result<AsyncFd<Arc<TcpListener>>> {
    // Unsound only for types that may change their descriptor. A listener owns one for life, and the sound successor
    // needs `unsafe`, which this crate forbids. tokio's own listener would register each stream with this thread too.
    #[allow(deprecated)]
    AsyncFd::new(listener)
}

/// Accepts until it is aborted; dropping it closes the socket.
pub async fn accept(listener: AsyncFd<Arc<TcpListener>>, door: u64, address: SocketAddr, seats: Rc<Seats>) {
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
