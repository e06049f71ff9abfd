//! A client that speaks HTTP/2, and replicas that do.

use super::replica::Replica;
use super::tls::Browser;
use super::{HOST, SOON, TOKEN};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::client::conn::http2::SendRequest;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::convert::Infallible;
use std::net::SocketAddr;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::UnboundedReceiverStream;

pub type Body = UnsyncBoxBody<Bytes, Infallible>;

#[derive(Clone)]
pub struct Client2 {
    pub sender: SendRequest<Body>,
    scheme: &'static str,
}

pub fn empty() -> Body {
    Empty::new().boxed_unsync()
}

pub fn full(text: &'static str) -> Body {
    Full::from(text).boxed_unsync()
}

/// A body that is written piece by piece; it ends when the sender is dropped.
pub fn pieces() -> (mpsc::UnboundedSender<&'static str>, Body) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let frames = tokio_stream::StreamExt::map(UnboundedReceiverStream::new(receiver), |piece: &'static str| {
        Ok(Frame::data(Bytes::from(piece)))
    });
    (sender, StreamBody::new(frames).boxed_unsync())
}

impl Client2 {
    async fn over(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, scheme: &'static str) -> Self {
        let io = TokioIo::new(stream);
        let (sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
        tokio::spawn(connection);
        Self { sender, scheme }
    }

    /// With prior knowledge.
    pub async fn clear(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap(), "http").await
    }

    pub async fn tls(browser: &Browser, address: SocketAddr, name: &str) -> Self {
        Self::over(browser.connect(address, name).await.unwrap().into_stream(), "https").await
    }

    pub fn request(&self, method: &str, path: &str) -> http::request::Builder {
        let uri = format!("{}://{HOST}{path}", self.scheme);
        Request::builder().method(method).uri(uri).header("authorization", TOKEN)
    }

    pub async fn send(&mut self, request: Request<Body>) -> Response<Incoming> {
        tokio::time::timeout(SOON, self.sender.send_request(request)).await.unwrap().unwrap()
    }

    pub async fn get(&mut self, path: &str) -> Answer2 {
        let request = self.request("GET", path).body(empty()).unwrap();
        Answer2::of(self.send(request).await).await
    }
}

/// An answer, read to its end.
pub struct Answer2 {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub trailers: Option<HeaderMap>,
}

impl Answer2 {
    pub async fn of(response: Response<Incoming>) -> Self {
        let (parts, body) = response.into_parts();
        let body = tokio::time::timeout(SOON, body.collect()).await.unwrap().unwrap();
        let trailers = body.trailers().cloned();
        Self { status: parts.status.as_u16(), headers: parts.headers, body: body.to_bytes(), trailers }
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// The next piece of an answer.
pub async fn piece(body: &mut Incoming) -> Option<Bytes> {
    let frame = tokio::time::timeout(SOON, body.frame()).await.unwrap()?;
    frame.unwrap().into_data().ok()
}

impl Replica {
    /// Reads calls to their end and says nothing; tells of each when it is cancelled.
    pub async fn silent_over_http2() -> (Self, mpsc::UnboundedReceiver<oneshot::Receiver<()>>) {
        let (calls, receiver) = mpsc::unbounded_channel();
        let replica = Self::serve(move |stream| {
            let calls = calls.clone();
            async move {
                let service = service_fn(move |request: Request<Incoming>| {
                    let (cancelled, told) = oneshot::channel();
                    let calls = calls.clone();
                    async move {
                        request.into_body().collect().await.unwrap();
                        calls.send(told).unwrap();
                        // Dropped with the call.
                        let _tells = Tells(Some(cancelled));
                        std::future::pending::<Result<Response<Body>, Infallible>>().await
                    }
                });
                let io = TokioIo::new(stream);
                let _ =
                    hyper::server::conn::http2::Builder::new(TokioExecutor::new()).serve_connection(io, service).await;
            }
        })
        .await;
        (replica, receiver)
    }

    /// Sends back what comes over a WebSocket, as HTTP/2 has them (RFC 8441).
    pub async fn websocket_over_http2() -> Self {
        Self::serve(|stream| async move {
            let service = service_fn(|mut request: Request<Incoming>| async move {
                let protocol =
                    request.extensions().get::<hyper::ext::Protocol>().map(|protocol| protocol.as_str() == "websocket");
                assert_eq!((request.method().as_str(), protocol), ("CONNECT", Some(true)));
                assert!(
                    !request.headers().contains_key("sec-websocket-key") && !request.headers().contains_key("upgrade")
                );
                tokio::spawn(async move {
                    let upgraded = hyper::upgrade::on(&mut request).await.unwrap();
                    let (mut read, mut write) = tokio::io::split(TokioIo::new(upgraded));
                    let _ = tokio::io::copy(&mut read, &mut write).await;
                });
                Ok::<_, Infallible>(Response::new(empty()))
            });
            let mut builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            let _ = builder.enable_connect_protocol().serve_connection(TokioIo::new(stream), service).await;
        })
        .await
    }

    /// Answers gRPC calls of all kinds: each piece of the request comes back as one, then the status in trailers.
    /// A path that ends in `fail` is answered with nothing but trailers.
    pub async fn grpc() -> Self {
        Self::serve(|stream| async move {
            let service = service_fn(|request: Request<Incoming>| async move {
                assert_eq!(request.headers()["te"], "trailers");
                let mut response = Response::new(empty());
                response.headers_mut().insert("content-type", HeaderValue::from_static("application/grpc"));
                if request.uri().path().ends_with("fail") {
                    response.headers_mut().insert("grpc-status", HeaderValue::from_static("5"));
                    return Ok::<_, Infallible>(response);
                }
                let authority = request.uri().authority().unwrap().to_string();
                let mut body = request.into_body();
                let (sender, receiver) = mpsc::unbounded_channel();
                tokio::spawn(async move {
                    while let Some(Ok(frame)) = body.frame().await {
                        if let Ok(data) = frame.into_data() {
                            let _ = sender.send(Ok(Frame::data(data)));
                        }
                    }
                    let mut trailers = HeaderMap::new();
                    trailers.insert("grpc-status", HeaderValue::from_static("0"));
                    trailers.insert("x-authority", authority.parse().unwrap());
                    let _ = sender.send(Ok(Frame::trailers(trailers)));
                });
                *response.body_mut() = StreamBody::new(UnboundedReceiverStream::new(receiver)).boxed_unsync();
                Ok(response)
            });
            let io = TokioIo::new(stream);
            let _ = hyper::server::conn::http2::Builder::new(TokioExecutor::new()).serve_connection(io, service).await;
        })
        .await
    }
}

struct Tells(Option<oneshot::Sender<()>>);

impl Drop for Tells {
    fn drop(&mut self) {
        let _ = self.0.take().map(|sender| sender.send(()));
    }
}
