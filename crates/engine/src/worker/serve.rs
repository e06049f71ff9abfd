//! HTTP on a connection, until its end.

use super::Worker;
use super::conn::Conn;
use super::control::Control;
use super::exec::Local;
use super::handshake::Protocol;
use super::io::{Heads, Io};
use crate::{pipeline, record};
use http::StatusCode;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};

/// Requests that one HTTP/2 connection may have under way.
const STREAMS: u32 = 256;
/// All headers of a request together, bytes.
const HEADERS: u32 = 64 * 1024;
/// What a client may send ahead of a slow replica: on one stream, and on all of a connection.
const STREAM_WINDOW: u32 = 256 * 1024;
const CONNECTION_WINDOW: u32 = 1024 * 1024;
/// What may wait in memory for a client that reads slowly, of one stream.
const SEND_BUFFER: usize = 128 * 1024;
/// Whether a silent client is still there.
const PING: Duration = Duration::from_secs(30);
/// Streams that a client opened and reset before they were looked at (rapid reset).
const PENDING_RESETS: usize = 32;
/// Errors of a client that are answered with a reset, over a connection's life.
const LOCAL_RESETS: usize = 128;

pub async fn serve<S>(worker: &Rc<Worker>, conn: Conn, stream: S)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let control = conn.control.clone();
    let protocol = conn.protocol;
    let conn = Rc::new(conn);
    let heads = (protocol == Protocol::Http1).then(|| Heads::new(control.heads.clone()));
    let io = TokioIo::new(Io { stream, control: control.clone(), heads });
    let asking = conn.clone();
    let service = service_fn(move |request| {
        let answer = pipeline::serve(worker.clone(), asking.clone(), request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    match protocol {
        Protocol::Http1 => {
            // hyper has one timer for an idle connection and a slow head; the worker's sweep has one for each.
            let serving = http1::Builder::new().header_read_timeout(None).serve_connection(io, service).with_upgrades();
            let ended = until_ended(&control, pin!(serving), |serving| serving.graceful_shutdown()).await;
            if let Some(status) = ended.err().and_then(|error| refused_with(&error)) {
                record::unread(worker, &conn, status);
            }
        }
        Protocol::Http2 => {
            control.is_multiplexed();
            let mut builder = http2::Builder::new(Local);
            builder
                .timer(TokioTimer::new())
                .max_concurrent_streams(STREAMS)
                .max_header_list_size(HEADERS)
                .initial_stream_window_size(STREAM_WINDOW)
                .initial_connection_window_size(CONNECTION_WINDOW)
                .max_send_buf_size(SEND_BUFFER)
                .max_pending_accept_reset_streams(PENDING_RESETS)
                .max_local_error_reset_streams(LOCAL_RESETS)
                .keep_alive_interval(PING)
                .enable_connect_protocol();
            // Boxed: it is large, and most connections speak HTTP/1.1.
            let mut serving = Box::pin(builder.serve_connection(io, service));
            // A client that breaks the protocol's rules is told so in its own words.
            let _ = until_ended(&control, serving.as_mut(), |serving| serving.graceful_shutdown()).await;
        }
    }
}

/// Drives a connection and passes on what it is told.
async fn until_ended<F: Future<Output = hyper::Result<()>>>(
    control: &Arc<Control>,
    mut serving: Pin<&mut F>,
    end: impl Fn(Pin<&mut F>),
) -> F::Output {
    let mut known = false;
    poll_fn(|cx| {
        if !known {
            control.listen(cx);
            known = true;
        }
        if control.is_aborted() {
            return Poll::Ready(Ok(()));
        }
        if control.takes_drain() {
            end(serving.as_mut());
        }
        // A client that breaks off is no event; a request under way has its record.
        serving.as_mut().poll(cx)
    })
    .await
}

/// What hyper answered itself to a head that it could not read.
fn refused_with(error: &hyper::Error) -> Option<StatusCode> {
    if error.is_parse_too_large() {
        Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
    } else {
        error.is_parse().then_some(StatusCode::BAD_REQUEST)
    }
}
