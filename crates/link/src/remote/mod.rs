//! Where other hosts call the console: TCP with mutual TLS.

mod accept;
mod connection;
mod places;

pub use connection::{Connection, Peer};

use crate::{Authority, LinkError, tls};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_stream::Stream;

const BACKLOG: u32 = 1024;
/// Connections that nobody has taken yet.
const WAITING: usize = 16;

/// Connections whose handshake is done, for tonic's `serve_with_incoming` (use [`crate::server`]). A service finds a
/// [`Peer`] in the extensions of its requests; requests that came over the console's own Unix socket have none.
pub struct Incoming {
    address: SocketAddr,
    ready: mpsc::Receiver<Connection>,
    accepting: JoinHandle<()>,
}

impl Incoming {
    /// Where it listens, also where port 0 was asked for.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }
}

/// Listens at `address` with a certificate of this authority's. To be called in a runtime.
///
/// Callers show a certificate of the same authority, or none: then they may stay for less than a minute, longer than joining
/// takes. How many of them there are at once, and how many from one address, has a bound.
pub fn listen(address: SocketAddr, authority: &Authority) -> Result<Incoming, LinkError> {
    let acceptor = TlsAcceptor::from(Arc::new(tls::accepting(authority)?));
    let bound = bind(address).and_then(|listener| Ok((listener.local_addr()?, listener)));
    let (address, listener) = bound.map_err(|source| LinkError::Listen { address, source })?;
    let (sender, ready) = mpsc::channel(WAITING);
    let accepting = tokio::spawn(accept::accept(listener, acceptor, sender));
    Ok(Incoming { address, ready, accepting })
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A console that starts again finds connections of the one before.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

impl Stream for Incoming {
    type Item = io::Result<Connection>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.ready.poll_recv(context).map(|connection| connection.map(Ok))
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // With all handshakes that are under way.
        self.accepting.abort();
    }
}
