//! Handshakes, each in a task of its own: a slow one holds up nobody.

use super::connection::{Connection, Peer};
use super::places::{Place, Places};
use domain::secret::Digest256;
use socket2::{SockRef, TcpKeepalive};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsAcceptor;

const HANDSHAKE: Duration = Duration::from_secs(10);
/// Of who shows no certificate; longer than joining takes.
const STAY: Duration = Duration::from_secs(45);
/// How long the kernel waits before it asks whether the other side is still there, and between asking again.
const KEEPALIVE: Duration = Duration::from_secs(15);
/// Between two lines in the log about the same trouble.
const QUIET: Duration = Duration::from_secs(10);

/// When something was said last.
#[derive(Default)]
struct Quiet(Option<Instant>);

impl Quiet {
    fn speaks(&mut self) -> bool {
        let speaks = self.0.is_none_or(|at| at.elapsed() > QUIET);
        if speaks {
            self.0 = Some(Instant::now());
        }
        speaks
    }
}

/// Runs until nobody takes connections any more.
pub async fn accept(listener: TcpListener, acceptor: TlsAcceptor, ready: mpsc::Sender<Connection>) {
    let places = Places::default();
    let mut handshakes = JoinSet::new();
    let (mut crowded, mut failing) = (Quiet::default(), Quiet::default());
    loop {
        tokio::select! {
            () = ready.closed() => return,
            Some(_) = handshakes.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, address)) => match places.take(address.ip()) {
                    Some(place) => {
                        let (acceptor, ready) = (acceptor.clone(), ready.clone());
                        handshakes.spawn(async move {
                            if let Some(connection) = shake(stream, address, acceptor, place).await {
                                let _ = ready.send(connection).await;
                            }
                        });
                    }
                    None if crowded.speaks() => {
                        tracing::warn!(%address, "too many strangers on --link-addr; refusing more");
                    }
                    None => {}
                },
                Err(error) => {
                    if failing.speaks() {
                        tracing::warn!(%error, "cannot accept a connection of another host");
                    }
                    // Out of file descriptors, most likely; trying at once would only burn the processor.
                    sleep(Duration::from_millis(50)).await;
                }
            },
        }
    }
}

async fn shake(stream: TcpStream, address: SocketAddr, acceptor: TlsAcceptor, place: Place) -> Option<Connection> {
    let _ = stream.set_nodelay(true);
    let _ =
        SockRef::from(&stream).set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE));
    let stream = match timeout(HANDSHAKE, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            // Anybody can make it happen, as often as they like.
            tracing::debug!(%address, %error, "a connection on --link-addr was refused");
            return None;
        }
        Err(_) => return None,
    };
    let shown = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
    let certificate = shown.map(|certificate| Digest256::of(certificate));
    Some(Connection::new(stream, Peer { certificate, address }, place, STAY))
}
