//! A client's connection that speaks HTTP/2, until its end.

use super::Worker;
use super::conn::Conn;
use super::control::Control;
use super::exec::Local;
use super::offer::Offered;
use super::streams::{Streams, Watched};
use crate::http1::Socket;
use crate::limit::Shaped;
use crate::limit::body::ClientBody;
use crate::message::{AnswerFields, AnswerHead, Head, Name};
use crate::pipeline::{self, Answer, Request, Side};
use crate::record;
use crate::upstream::{AnswerBody, ClientEnd, tunnel};
use http::header::{CONTENT_LENGTH, DATE, HeaderName};
use http::{HeaderMap, HeaderValue, Method, Response, Version};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::error::Error;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

/// Requests that one connection may have under way.
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

pub async fn serve(worker: &Rc<Worker>, conn: &Rc<Conn>, socket: Socket) {
    let streams = Rc::new(Streams::default());
    let service = service_fn(|request| {
        streams.serve();
        let (worker, conn) = (worker.clone(), conn.clone());
        async move { Ok::<_, Infallible>(answer(&worker, &conn, request).await) }
    });
    conn.control.is_multiplexed();
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
    let watched = Watched::new(socket, streams.clone());
    let mut serving = Box::pin(builder.serve_connection(TokioIo::new(watched), service));
    // A client that breaks the protocol's rules is told so in the library's words; the record is ours.
    let refused = |count| (0..count).for_each(|_| record::stream(worker, conn));
    let end = |serving: Pin<&mut _>| http2::Connection::graceful_shutdown(serving);
    let ended = until_ended(&conn.control, serving.as_mut(), end, || refused(streams.refused())).await;
    let missing = streams.missing();
    refused(missing);
    match ended.err().as_ref().and_then(given_up) {
        // The stream that broke the rules has told it.
        Some(BROKEN) if missing > 0 || streams.has_told() => {}
        Some(detail) => record::connection(worker, conn, None, detail),
        None => {}
    }
}

/// The other side does not keep to the protocol.
const BROKEN: &str = "Http2Error";

/// Why the library gave the connection up; `None` if it did not: the client went.
fn given_up(error: &hyper::Error) -> Option<&'static str> {
    let error = error.source()?.downcast_ref::<h2::Error>().filter(|error| error.is_library())?;
    Some(match error.reason()? {
        // Resets, pings, settings: more than anybody needs.
        h2::Reason::ENHANCE_YOUR_CALM => "Http2Flood",
        _ => BROKEN,
    })
}

/// Drives a connection and passes on what it is told.
async fn until_ended<F: Future<Output = hyper::Result<()>>>(
    control: &Control,
    mut serving: Pin<&mut F>,
    end: impl Fn(Pin<&mut F>),
    polled: impl Fn(),
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
        let poll = serving.as_mut().poll(cx);
        polled();
        poll
    })
    .await
}

async fn answer(worker: &Rc<Worker>, conn: &Rc<Conn>, mut request: http::Request<Incoming>) -> Response<Offered> {
    worker.clock.tick();
    let upgrade = request.extensions_mut().remove::<hyper::upgrade::OnUpgrade>();
    let (parts, body) = request.into_parts();
    let (head, is_clear) = match Head::of_http2(&parts) {
        Ok(head) => (head, Ok(())),
        Err(what) => (Head::unread(), Err(what)),
    };
    let body = ClientBody::Http2(body);
    let is_head = head.method == Method::HEAD;
    let Answer { mut head, body, switched } =
        pipeline::serve(worker, conn, Request { head, is_clear, body, side: Side::Http2 }).await;
    if let (Some(switched), Some(upgrade)) = (switched, upgrade) {
        tokio::task::spawn_local(async move {
            if let Ok(stream) = upgrade.await {
                tunnel(ClientEnd::Stream(TokioIo::new(stream)), *switched).await;
            }
        });
    }
    // The library would send what is only described.
    let described = is_head.then(|| body.size_hint().exact()).flatten();
    let body = if is_head { Shaped::new(AnswerBody::none(), None) } else { body };
    let mut response = Response::new(Offered::new(body, &conn.control));
    *response.status_mut() = head.status;
    *response.version_mut() = Version::HTTP_2;
    *response.headers_mut() = headers(&mut head);
    if let Some(length) = described.filter(|length| *length > 0) {
        response.headers_mut().entry(CONTENT_LENGTH).or_insert_with(|| length.into());
    }
    if !response.headers().contains_key(DATE)
        && let Ok(date) = HeaderValue::from_bytes(&worker.clock.date())
    {
        response.headers_mut().insert(DATE, date);
    }
    response
}

/// As HTTP/2 has them: nothing of a single hop.
fn headers(head: &mut AnswerHead) -> HeaderMap {
    let mut headers = match std::mem::replace(&mut head.fields, AnswerFields::None) {
        AnswerFields::Map(mut map) => {
            for name in [Name::KeepAlive, Name::ProxyConnection, Name::ProxyAuthenticate, Name::ProxyAuthorization] {
                map.remove(name.as_str());
            }
            for name in ["connection", "te", "upgrade", "transfer-encoding"] {
                map.remove(name);
            }
            map
        }
        AnswerFields::Raw(fields) => {
            let mut map = HeaderMap::with_capacity(12);
            let nominates = fields.has(Name::Connection);
            let chunked = fields.has(Name::TransferEncoding);
            for (name, text, value) in fields.iter() {
                let nominated = || nominates && fields.nominated().any(|token| token.eq_ignore_ascii_case(text));
                // The length that it goes by is one that it says; a second equal one is none too many.
                let framing = name == Name::TransferEncoding || (name == Name::ContentLength && chunked);
                if name.is_hop() || framing || nominated() {
                    continue;
                }
                if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(text), HeaderValue::from_bytes(value)) {
                    if name == CONTENT_LENGTH {
                        map.insert(name, value);
                    } else {
                        map.append(name, value);
                    }
                }
            }
            map
        }
        AnswerFields::None => HeaderMap::new(),
    };
    let own = &mut head.own;
    let mut set = |name: HeaderName, value: HeaderValue| headers.insert(name, value);
    if let Ok(id) = HeaderValue::from_bytes(own.request_id.as_bytes()) {
        set(HeaderName::from_static(Name::XRequestId.as_str()), id);
    }
    if let Some(quota) = &own.quota {
        quota.tell(|name, value| {
            set(HeaderName::from_static(name.as_str()), HeaderValue::from(value));
        });
    }
    if let Some(hsts) = own.hsts.take() {
        set(http::header::STRICT_TRANSPORT_SECURITY, hsts);
    }
    for (name, value) in own.more.drain(..) {
        set(name, value);
    }
    headers
}
