//! A connection of another host.

use super::places::Place;
use crate::Fingerprint;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};
use tokio_rustls::server::TlsStream;
use tonic::transport::server::Connected;

/// Longer than joining takes.
const STAY: Duration = Duration::from_secs(45);

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Of the certificate that it has the key of; its authority signed it, which says that the host has joined once,
    /// not that it still belongs here. `None`: it shows none, and may do nothing but join.
    pub certificate: Option<Fingerprint>,
    pub address: SocketAddr,
}

pub struct Connection {
    stream: TlsStream<TcpStream>,
    peer: Peer,
    /// Of one without a certificate.
    stranger: Option<Stranger>,
}

struct Stranger {
    _place: Place,
    end: Pin<Box<Sleep>>,
}

impl Connection {
    pub(super) fn new(stream: TlsStream<TcpStream>, peer: Peer, place: Place) -> Self {
        let stranger = peer.certificate.is_none().then(|| Stranger { _place: place, end: Box::pin(sleep(STAY)) });
        Self { stream, peer, stranger }
    }
}

impl Connected for Connection {
    type ConnectInfo = Peer;

    fn connect_info(&self) -> Peer {
        self.peer.clone()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // HTTP/2 is always reading, so this is where a connection can be ended at any time.
        if let Some(stranger) = &mut self.stranger
            && stranger.end.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
