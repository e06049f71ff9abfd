//! From a socket to the protocol that is spoken on it.

use super::control::Control;
use super::peek;
use rustls::ServerConfig;
use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// From the connection to the end of the TLS handshake.
pub(super) const HANDSHAKE: Duration = Duration::from_secs(10);
/// What an HTTP/2 client says first.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Http1,
    Http2,
}

impl Protocol {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http1 => "HTTP/1.1",
            Self::Http2 => "HTTP/2",
        }
    }
}

/// `None` if the connection was told to end meanwhile: there is no request yet that could be waited for.
pub(super) async fn unless_told<T>(control: &Control, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    poll_fn(|cx| {
        control.listen(cx);
        if control.is_aborted() || control.is_over() {
            return Poll::Ready(None);
        }
        work.as_mut().poll(cx).map(Some)
    })
    .await
}

pub async fn tls(
    config: &Arc<ServerConfig>,
    stream: TcpStream,
    control: &Control,
) -> io::Result<Option<(Box<TlsStream<TcpStream>>, Protocol)>> {
    let accepting = timeout(HANDSHAKE, TlsAcceptor::from(config.clone()).accept(stream));
    let Some(accepted) = unless_told(control, accepting).await else { return Ok(None) };
    let stream = Box::new(accepted.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??);
    let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    Ok(Some((stream, if http2 { Protocol::Http2 } else { Protocol::Http1 })))
}

/// Without TLS the first bytes tell; they stay in the socket. One system call a connection.
pub async fn clear(stream: &TcpStream, control: &Control) -> io::Result<Option<Protocol>> {
    unless_told(control, async {
        let mut first = [0; PREFACE.len()];
        let mut now = 0;
        loop {
            let Some(seen) = peek::more(stream, &mut first, now).await? else { return Ok(Protocol::Http1) };
            now = seen;
            if first[..now] != PREFACE[..now] {
                return Ok(Protocol::Http1);
            }
            if now == PREFACE.len() {
                return Ok(Protocol::Http2);
            }
        }
    })
    .await
    .transpose()
}
