//! One client's connection, from its socket to its end.

use super::Worker;
use super::control::Control;
use super::io::Io;
use crate::listener::Accepted;
use crate::pipeline;
use domain::snapshot::Scheme;
use http::HeaderValue;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::Poll;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// From the connection to the end of the TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// What requests of a connection have in common.
pub struct Conn {
    pub control: Arc<Control>,
    /// The address of the door it came through, as configured.
    pub door: SocketAddr,
    pub scheme: Scheme,
    /// What the client named in the TLS handshake, lower case.
    pub server_name: Option<Box<str>>,
    /// Canonical: an IPv4 client of an IPv6 socket is an IPv4 client.
    pub peer: IpAddr,
    pub peer_value: HeaderValue,
    pub local: SocketAddr,
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
        tokio::task::spawn_local(async move {
            if let Err(error) = run(&registered.worker, accepted, control).await {
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

async fn run(worker: &Rc<Worker>, accepted: Accepted, control: Arc<Control>) -> io::Result<()> {
    // Here and not in the acceptor: the socket is registered with this thread's event queue only.
    let stream = TcpStream::from_std(accepted.stream)?;
    stream.set_nodelay(true)?;
    let peer = accepted.peer.ip().to_canonical();
    let mut conn = Conn {
        control: control.clone(),
        door: accepted.address,
        scheme: worker.table.load().shared.get(&accepted.address).copied().unwrap_or(Scheme::Http),
        server_name: None,
        peer,
        peer_value: HeaderValue::try_from(peer.to_string()).map_err(io::Error::other)?,
        local: stream.local_addr()?,
    };
    if conn.scheme == Scheme::Http {
        http(worker, conn, stream).await;
        return Ok(());
    }
    let Some(stream) = handshake(&worker.tls, stream, &control).await? else { return Ok(()) };
    conn.server_name = stream.get_ref().1.server_name().map(|name| name.to_ascii_lowercase().into());
    // Boxed, so that connections without TLS do not carry the room for it.
    Box::pin(http(worker, conn, stream)).await;
    Ok(())
}

/// `None` if the connection was told to end meanwhile.
async fn handshake(
    tls: &Arc<ServerConfig>,
    stream: TcpStream,
    control: &Control,
) -> io::Result<Option<TlsStream<TcpStream>>> {
    let mut accepting = Box::pin(timeout(HANDSHAKE, TlsAcceptor::from(tls.clone()).accept(stream)));
    poll_fn(|cx| {
        control.set_waker(cx.waker());
        // There is no request yet that could be waited for.
        if control.is_aborted() || control.takes_drain() {
            return Poll::Ready(Ok(None));
        }
        accepting.as_mut().poll(cx).map(|accepted| match accepted {
            Ok(stream) => stream.map(Some),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        })
    })
    .await
}

async fn http<S>(worker: &Rc<Worker>, conn: Conn, stream: S)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let control = conn.control.clone();
    let conn = Rc::new(conn);
    let io = TokioIo::new(Io { stream, control: control.clone() });
    let service = service_fn(|request| {
        let answer = pipeline::serve(worker.clone(), conn.clone(), request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    // hyper has one timer for an idle connection and a slow head; the worker's sweep has one for each.
    let serving = http1::Builder::new().header_read_timeout(None).serve_connection(io, service).with_upgrades();
    let mut serving = pin!(serving);
    let mut known = false;
    poll_fn(|cx| {
        if !known {
            // The waker of a task stays the same.
            control.set_waker(cx.waker());
            known = true;
        }
        if control.is_aborted() {
            return Poll::Ready(());
        }
        if control.takes_drain() {
            serving.as_mut().graceful_shutdown();
        }
        // A client that breaks off is no event; a request under way has its record.
        serving.as_mut().poll(cx).map(|_| ())
    })
    .await;
}
