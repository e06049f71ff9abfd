//! Small model servers.

use super::numbered::PAUSE;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::UnboundedReceiverStream;

type Body = UnsyncBoxBody<Bytes, Infallible>;

pub struct Replica {
    pub address: SocketAddr,
    pub connections: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Replica {
    pub async fn serve<F: Future<Output = ()> + Send + 'static>(
        serve: impl Fn(TcpStream) -> F + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::<AtomicUsize>::default();
        let counted = connections.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, SeqCst);
                stream.set_nodelay(true).unwrap();
                tokio::spawn(serve(stream));
            }
        });
        Self { address, connections, task }
    }

    async fn http<F: Future<Output = Response<Body>> + Send + 'static>(
        answer: impl Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    ) -> Self {
        Self::serve(move |stream| {
            let answer = answer.clone();
            async move {
                let service = service_fn(move |request| {
                    let answered = answer(request);
                    async move { Ok::<_, Infallible>(answered.await) }
                });
                let served = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                let _ = served.with_upgrades().await;
            }
        })
        .await
    }

    /// Answers with what it saw, as JSON.
    pub async fn echo(name: &'static str) -> Self {
        Self::slow_echo(name, Duration::ZERO).await
    }

    /// As `echo`, after this time.
    pub async fn slow_echo(name: &'static str, pause: Duration) -> Self {
        Self::http(move |request: Request<Incoming>| async move {
            tokio::time::sleep(pause).await;
            let (parts, body) = request.into_parts();
            let len = body.collect().await.map_or(0, |body| body.to_bytes().len());
            let headers: BTreeMap<_, _> =
                parts.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
            let seen = serde_json::json!({
                "replica": name, "method": parts.method.as_str(), "uri": parts.uri.to_string(),
                "headers": headers, "len": len,
            });
            let mut response = Response::new(Full::from(seen.to_string()).boxed_unsync());
            response.headers_mut().insert("keep-alive", "timeout=5".parse().unwrap());
            response.headers_mut().insert("x-model", "m".parse().unwrap());
            response
        })
        .await
    }

    /// Streams what it is given to one request; the sender is closed when that request is cancelled.
    pub async fn events() -> (Self, mpsc::UnboundedReceiver<mpsc::UnboundedSender<String>>) {
        let (streams, receiver) = mpsc::unbounded_channel();
        let replica = Self::http(move |_| {
            let (sender, events) = mpsc::unbounded_channel::<String>();
            streams.send(sender).unwrap();
            let frames = UnboundedReceiverStream::new(events);
            let frames = tokio_stream::StreamExt::map(frames, |event| Ok(Frame::data(Bytes::from(event))));
            async move { Response::new(StreamBody::new(frames).boxed_unsync()) }
        })
        .await;
        (replica, receiver)
    }

    /// Answers one request a connection, and closes it when the next one arrives: every reuse is a stale one.
    pub async fn stale() -> Self {
        Self::serve(|mut stream| async move {
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
            let _ = stream.read(&mut buffer).await;
        })
        .await
    }

    /// Reads a request and closes the connection.
    pub async fn closing() -> Self {
        Self::serve(|mut stream| async move {
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer).await;
        })
        .await
    }

    /// Never answers.
    pub async fn silent() -> Self {
        Self::serve(|mut stream| async move {
            let mut buffer = [0; 4096];
            while stream.read(&mut buffer).await.is_ok_and(|len| len > 0) {}
        })
        .await
    }

    /// Answers this to everything.
    pub async fn saying(answer: &'static str) -> Self {
        Self::serve(move |mut stream| async move {
            let mut buffer = [0; 4096];
            while stream.read(&mut buffer).await.is_ok_and(|len| len > 0) {
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        })
        .await
    }

    /// Takes a WebSocket handshake and sends back whatever comes.
    pub async fn websocket() -> Self {
        Self::serve(|mut stream| async move {
            let mut buffer = [0; 4096];
            let len = stream.read(&mut buffer).await.unwrap();
            let head = String::from_utf8_lossy(&buffer[..len]).to_ascii_lowercase();
            assert!(head.contains("upgrade: websocket") && head.contains("connection: upgrade"), "{head}");
            let switch = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n";
            stream.write_all(switch).await.unwrap();
            while let Ok(len @ 1..) = stream.read(&mut buffer).await {
                stream.write_all(&buffer[..len]).await.unwrap();
            }
        })
        .await
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Replica {
    /// Streams events as it is given them; what is sent as `None` breaks the answer off.
    pub async fn event_stream() -> (Self, mpsc::UnboundedReceiver<mpsc::UnboundedSender<Option<&'static str>>>) {
        let (streams, receiver) = mpsc::unbounded_channel();
        let replica = Self::serve(move |mut stream| {
            let (sender, mut events) = mpsc::unbounded_channel::<Option<&'static str>>();
            let streams = streams.clone();
            async move {
                let mut buffer = [0; 4096];
                let _ = stream.read(&mut buffer).await;
                let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
                stream.write_all(head.as_bytes()).await.unwrap();
                streams.send(sender).unwrap();
                while let Some(event) = events.recv().await {
                    let Some(event) = event else { return };
                    let _ = stream.write_all(format!("{:x}\r\n{event}\r\n", event.len()).as_bytes()).await;
                }
                let _ = stream.write_all(b"0\r\n\r\n").await;
            }
        })
        .await;
        (replica, receiver)
    }

    /// Counts up on event streams until it shall stop, and sends back whatever comes over WebSockets.
    pub async fn numbered(stop: watch::Receiver<bool>) -> Self {
        Self::serve(move |stream| count(stream, stop.clone())).await
    }
}

async fn count(mut stream: TcpStream, stop: watch::Receiver<bool>) {
    let mut buffer = [0; 4096];
    let len = stream.read(&mut buffer).await.unwrap();
    let head = String::from_utf8_lossy(&buffer[..len]).to_ascii_lowercase();
    assert!(head.ends_with("\r\n\r\n"), "{head}");
    if head.contains("upgrade: websocket") {
        let switch = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n";
        stream.write_all(switch).await.unwrap();
        while let Ok(len @ 1..) = stream.read(&mut buffer).await {
            stream.write_all(&buffer[..len]).await.unwrap();
        }
        return;
    }
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut number = 0;
    while !*stop.borrow() {
        let event = format!("data: {number}\n\n");
        // A client that is cut off complains itself.
        if stream.write_all(format!("{:x}\r\n{event}\r\n", event.len()).as_bytes()).await.is_err() {
            return;
        }
        number += 1;
        tokio::time::sleep(PAUSE).await;
    }
    let _ = stream.write_all(b"0\r\n\r\n").await;
}
