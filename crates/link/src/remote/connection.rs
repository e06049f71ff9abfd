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
    /// `stay`: how long, for who shows no certificate.
    pub(super) fn new(stream: TlsStream<TcpStream>, peer: Peer, place: Place, stay: Duration) -> Self {
        let stranger = peer.certificate.is_none().then(|| Stranger { _place: place, end: Box::pin(sleep(stay)) });
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::places::Places;
    use crate::{Authority, pin::Pinned, tls};
    use domain::secret::Digest256;
    use std::sync::Arc;
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;
    use tokio_rustls::{TlsAcceptor, TlsConnector};

    /// Both ends; the caller shows no certificate.
    async fn pair() -> (tokio_rustls::client::TlsStream<TcpStream>, TlsStream<TcpStream>) {
        let authority = Authority::create().expect("an authority");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let acceptor = TlsAcceptor::from(Arc::new(tls::accepting(&authority).expect("a server")));
        let pinned = Arc::new(Pinned::new(authority.fingerprint()));
        let connector = TlsConnector::from(Arc::new(tls::calling(pinned, None).expect("a client")));
        let calling = async {
            let stream = TcpStream::connect(address).await?;
            connector.connect(tls::console_name().expect("a name"), stream).await
        };
        let accepting = async { acceptor.accept(listener.accept().await?.0).await };
        let (caller, accepted) = tokio::join!(calling, accepting);
        (caller.expect("calls"), accepted.expect("accepts"))
    }

    #[tokio::test]
    async fn only_who_shows_a_certificate_may_stay() {
        let places = Places::default();
        let address = ([127, 0, 0, 1], 1).into();
        for (certificate, stays) in [(None, false), (Some(Digest256::of(b"a host's")), true)] {
            let (caller, accepted) = pair().await;
            let place = places.take([127, 0, 0, 1].into()).expect("a place");
            let mut connection =
                Connection::new(accepted, Peer { certificate, address }, place, Duration::from_millis(50));
            let read = tokio::time::timeout(Duration::from_millis(500), connection.read_u8()).await;
            match read {
                Err(_) => assert!(stays, "waits for ever"),
                Ok(read) => assert_eq!((stays, read.expect_err("none").kind()), (false, io::ErrorKind::TimedOut)),
            }
            drop(caller);
        }
    }
}
