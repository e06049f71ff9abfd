//! One client's connection, from its socket to its end.

use super::Worker;
use super::arrive::Arriving;
use super::control::Control;
use super::handshake::{self, HANDSHAKE, Protocol, unless_told};
use super::hello;
use super::http2;
use crate::config::{Challenges, Gateway};
use crate::http1::{self, Socket};
use crate::limit::Place;
use crate::limit::capacity::may_shake_hands;
use crate::listener::Accepted;
use crate::record;
use domain::id::{GatewayId, VpcId};
use domain::snapshot::Scheme;
use http::HeaderValue;
use rustls::{ProtocolVersion, ServerConfig};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// What requests of a connection have in common. It is on the worker's books as long as one of them is under way.
pub struct Conn {
    pub control: Rc<Control>,
    /// The address of the door it came through, as configured.
    pub door: SocketAddr,
    pub scheme: Scheme,
    /// The network whose side it came from; `None`: the public one.
    pub vpc: Option<VpcId>,
    pub protocol: Protocol,
    /// The version of TLS.
    pub tls: Option<&'static str>,
    /// What the client named in the TLS handshake, lower case.
    pub server_name: Option<Box<str>>,
    /// The gateway that the client showed its certificate to, and the authorities that vouched for it then.
    pub shown_to: Option<(GatewayId, Arc<str>)>,
    /// Canonical: an IPv4 client of an IPv6 socket is an IPv4 client.
    pub peer: IpAddr,
    pub peer_value: HeaderValue,
    pub local: SocketAddr,
    pub place: Place,
    pub(super) _registered: Registered,
}

impl Conn {
    /// Whether the client's certificate is one that this gateway asks for today: whom the authorities vouched for before
    /// they were replaced has to come again.
    pub fn has_shown(&self, gateway: &GatewayId, authorities: &Arc<str>) -> bool {
        self.shown_to
            .as_ref()
            .is_some_and(|(to, before)| to == gateway && (Arc::ptr_eq(before, authorities) || before == authorities))
    }
}

/// Takes the connection off the worker's books, also when a request panics.
pub(super) struct Registered {
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
        let control = Rc::new(Control::new(accepted.door, self.clock.clone(), self.drain));
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

async fn run(worker: &Rc<Worker>, accepted: Accepted, control: Rc<Control>, registered: Registered) -> io::Result<()> {
    // Boxed: it is over before most of a connection's life begins.
    let Some((conn, socket)) = Box::pin(settle(worker, accepted, control, registered)).await? else { return Ok(()) };
    match conn.protocol {
        Protocol::Http1 => http1::serve(worker, &conn, socket).await,
        // Boxed: it is larger, and rarer.
        Protocol::Http2 => Box::pin(http2::serve(worker, &conn, socket)).await,
    }
    Ok(())
}

/// Everything before the first request. `None`: it goes no further here.
async fn settle(
    worker: &Rc<Worker>,
    accepted: Accepted,
    control: Rc<Control>,
    registered: Registered,
) -> io::Result<Option<(Rc<Conn>, Socket)>> {
    let settled = accepted.settled.is_some();
    let mut arriving = Arriving::new(worker, accepted, &control)?;
    if !settled {
        let Some(all) = arriving.settle().await? else { return Ok(None) };
        arriving = all;
    }
    let scheme = arriving.scheme();
    let mut conn = arriving.conn(registered)?;
    let stream = arriving.stream;
    if let Err(full) = conn.place.arrive(&worker.table.load(), conn.door, None) {
        record::connection(worker, &conn, Some(full), "TooManyConnections");
        return Ok(None);
    }
    if scheme == Scheme::Http {
        let Some(protocol) = handshake::clear(&stream, &control).await? else { return Ok(None) };
        conn.protocol = protocol;
        return Ok(Some((Rc::new(conn), Socket::Clear(stream))));
    }
    let challenges = worker.table.load().challenges.clone();
    if let Some(challenges) = challenges
        && let Some(config) = proving(&challenges, &conn, &stream).await?
    {
        // Nothing is said on it but the certificate.
        handshake::tls(&config, stream, &control).await?;
        record::connection(worker, &conn, None, "AcmeChallenge");
        return Ok(None);
    }
    let mut failed = "HandshakeFailed";
    let config = match arriving.gateway.as_deref() {
        Some(gateway) if !may_shake_hands(gateway, &conn.place) => {
            failed = "TooManyHandshakes";
            worker.tls.refusing.clone()
        }
        None if !worker.tls.nameless.may_shake_hands(worker.clock.now()) => {
            failed = "TooManyHandshakes";
            worker.tls.refusing.clone()
        }
        Some(Gateway { client_auth: Some(asking), .. }) => asking.config.clone(),
        _ => worker.tls.plain.clone(),
    };
    let (stream, protocol) = match handshake::tls(&config, stream, &control).await {
        Ok(Some(accepted)) => accepted,
        Ok(None) => return Ok(None),
        Err(error) => {
            if error.kind() == io::ErrorKind::TimedOut {
                failed = "HandshakeTimeout";
            }
            record::connection(worker, &conn, arriving.gateway, failed);
            return Err(error);
        }
    };
    conn.protocol = protocol;
    conn.tls = match stream.get_ref().1.protocol_version() {
        Some(ProtocolVersion::TLSv1_2) => Some("TLSv1.2"),
        _ => Some("TLSv1.3"),
    };
    conn.server_name = stream.get_ref().1.server_name().map(|name| name.to_ascii_lowercase().into());
    let asking = |gateway: &Gateway| Some((gateway.id.clone(), gateway.client_auth.as_ref()?.authorities.clone()));
    conn.shown_to = arriving.gateway.as_deref().and_then(asking);
    if let Err(full) = conn.place.arrive(&worker.table.load(), conn.door, conn.server_name.as_deref()) {
        record::connection(worker, &conn, Some(full), "TooManyConnections");
        return Ok(None);
    }
    Ok(Some((Rc::new(conn), Socket::Tls(stream))))
}

/// What is shown on a connection with which an authority wants to see a proof; `None` for everybody else's.
async fn proving(challenges: &Challenges, conn: &Conn, stream: &TcpStream) -> io::Result<Option<Arc<ServerConfig>>> {
    if conn.vpc.is_some() || !challenges.any_over_tls() {
        return Ok(None);
    }
    let looking = timeout(HANDSHAKE, hello::proof(stream));
    match unless_told(&conn.control, looking).await {
        Some(Ok(name)) => Ok(name?.and_then(|name| challenges.over_tls(&name))),
        // It did not say in time what it wants.
        _ => Err(io::ErrorKind::TimedOut.into()),
    }
}
