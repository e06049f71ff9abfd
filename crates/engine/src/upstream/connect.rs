//! A new connection to a replica.

use super::pool::{Many, Sender};
use super::replay::Outgoing;
use crate::http1::Replica;
use crate::worker::Local;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustix::net::sockopt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;

/// Whether a silent replica is still there, on connections that carry many requests.
const PING: Duration = Duration::from_secs(30);
/// What a replica may send ahead of a slow client, bytes: of one answer, and of all of a connection.
const STREAM_WINDOW: u32 = 256 * 1024;
const CONNECTION_WINDOW: u32 = 4 * 1024 * 1024;

/// The network is asked whether the other side is still there after this time without a packet, and again after the
/// next; when so many questions got no answer, it is not.
const QUIET: Duration = Duration::from_secs(10);
const PROBE: Duration = Duration::from_secs(5);
const PROBES: u32 = 2;
/// What was sent is not taken in. Long: a model that computes reads nothing meanwhile.
const STALLED: Duration = Duration::from_secs(300);

#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error("{0}")]
    Tcp(#[from] io::Error),
    #[error("{0}")]
    Http(#[from] hyper::Error),
}

/// One of HTTP/2 lives in a task of its own until it is closed by either side or its sender is dropped.
pub async fn connect(address: SocketAddr, many: bool) -> Result<Sender, ConnectError> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    if !address.ip().is_loopback() {
        expect_signs_of_life(&stream)?;
    }
    if !many {
        return Ok(Sender::One(Box::new(Replica::new(stream))));
    }
    let io = TokioIo::new(stream);
    let mut builder = http2::Builder::new(Local);
    builder
        .timer(TokioTimer::new())
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .keep_alive_interval(PING);
    let (sender, connection) = builder.handshake::<_, Outgoing>(io).await?;
    tokio::task::spawn_local(async move { ended(address, connection.await) });
    Ok(Sender::Many(Many::new(sender)))
}

/// A host that lost its power closes nothing: without this a request under way would wait for its longest timer.
fn expect_signs_of_life(stream: &TcpStream) -> io::Result<()> {
    sockopt::set_socket_keepalive(stream, true)?;
    sockopt::set_tcp_keepidle(stream, QUIET)?;
    sockopt::set_tcp_keepintvl(stream, PROBE)?;
    sockopt::set_tcp_keepcnt(stream, PROBES)?;
    sockopt::set_tcp_user_timeout(stream, u32::try_from(STALLED.as_millis()).unwrap_or(u32::MAX))?;
    Ok(())
}

/// Whoever sent the request hears of the error too, and says so in its record.
fn ended(address: SocketAddr, ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::trace!(%address, %error, "a replica's connection ended");
    }
}
