//! One client's connection, from its socket to its end.

use super::Worker;
use super::control::Control;
use super::handshake::{self, Protocol};
use super::serve::serve;
use crate::listener::Accepted;
use domain::snapshot::Scheme;
use http::HeaderValue;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use tokio::net::TcpStream;

/// What requests of a connection have in common. It is on the worker's books as long as one of them is under way.
pub struct Conn {
    pub control: Arc<Control>,
    /// The address of the door it came through, as configured.
    pub door: SocketAddr,
    pub scheme: Scheme,
    pub protocol: Protocol,
    /// What the client named in the TLS handshake, lower case.
    pub server_name: Option<Box<str>>,
    /// Canonical: an IPv4 client of an IPv6 socket is an IPv4 client.
    pub peer: IpAddr,
    pub peer_value: HeaderValue,
    pub local: SocketAddr,
    _registered: Registered,
}

/// Takes the connection off the worker's books, also when a request panics.
struct Registered {
    worker: Rc<Worker>,
    number: u64,
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.worker.controls.borrow_mut().remove(&self.number);
        self.worker.load.fetch_sub(1, Relaxed);
    }
}

impl Worker {
    /// Serves the connection in a task of its own. The acceptor has counted it already.
    pub(super) fn serve(self: &Rc<Self>, accepted: Accepted) {
        let control = Arc::new(Control::new(accepted.door));
        let number = self.next_conn.get();
        self.next_conn.set(number + 1);
        self.controls.borrow_mut().insert(number, control.clone());
        let registered = Registered { worker: self.clone(), number };
        let worker = self.clone();
        tokio::task::spawn_local(async move {
            if let Err(error) = run(&worker, accepted, control, registered).await {
                tracing::trace!(%error, "a client's connection could not be taken over");
            }
        });
    }

    pub(super) fn each_control(&self, act: impl Fn(&Control)) {
        self.controls.borrow().values().for_each(|control| act(control));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.controls.borrow().is_empty()
    }
}

async fn run(worker: &Rc<Worker>, accepted: Accepted, control: Arc<Control>, registered: Registered) -> io::Result<()> {
    // Here and not in the acceptor: the socket is registered with this thread's event queue only.
    let stream = TcpStream::from_std(accepted.stream)?;
    stream.set_nodelay(true)?;
    let peer = accepted.peer.ip().to_canonical();
    let mut conn = Conn {
        control: control.clone(),
        door: accepted.address,
        scheme: worker.table.load().shared.get(&accepted.address).copied().unwrap_or(Scheme::Http),
        protocol: Protocol::Http1,
        server_name: None,
        peer,
        peer_value: HeaderValue::try_from(peer.to_string()).map_err(io::Error::other)?,
        local: stream.local_addr()?,
        _registered: registered,
    };
    if conn.scheme == Scheme::Http {
        let Some(protocol) = handshake::clear(&stream, &control).await? else { return Ok(()) };
        conn.protocol = protocol;
        serve(worker, conn, stream).await;
        return Ok(());
    }
    // Boxed, so that connections without TLS do not carry the room for it.
    let Some((stream, protocol)) = Box::pin(handshake::tls(&worker.tls, stream, &control)).await? else {
        return Ok(());
    };
    conn.protocol = protocol;
    conn.server_name = stream.get_ref().1.server_name().map(|name| name.to_ascii_lowercase().into());
    Box::pin(serve(worker, conn, stream)).await;
    Ok(())
}
