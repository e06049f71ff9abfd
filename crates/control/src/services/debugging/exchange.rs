//! One request over a connection of its own.

use super::body::Parts;
use domain::debugging::{CheckedRequest, Failure, Heard};
use domain::secret::Secret;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT_ENCODING, AUTHORIZATION, HOST, USER_AGENT};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

const CONNECT: Duration = Duration::from_secs(5);
/// Bytes of an answer that are read.
const MOST: u64 = 8 * 1024 * 1024;

/// Tells all of it, the last word among it. The token is apart from the headers that were typed. Whoever listened and went is not waited for.
pub(super) async fn exchange(
    url: &str,
    to: SocketAddr,
    asked: (CheckedRequest, Option<Secret>),
    longest: Duration,
    told: &mpsc::Sender<Heard>,
) {
    let began = Instant::now();
    let end = match tokio::time::timeout(longest, run(url, to, asked, began, told)).await {
        Ok(Ok(end)) => end,
        Ok(Err(why)) => Heard::Failed { why, us: micros(began) },
        Err(_) => Heard::Failed { why: Failure::TimedOut, us: micros(began) },
    };
    let _ = told.send(end).await;
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

async fn run(
    url: &str,
    to: SocketAddr,
    (request, secret): (CheckedRequest, Option<Secret>),
    began: Instant,
    told: &mpsc::Sender<Heard>,
) -> Result<Heard, Failure> {
    let request = request_to(url, to, request, secret).ok_or(Failure::Closed)?;
    let connected = tokio::time::timeout(CONNECT, TcpStream::connect(to)).await.map_err(|_| Failure::TimedOut)?;
    let stream = connected.map_err(|_| Failure::Refused)?;
    // What is streamed by the word is sent by the word.
    let _ = stream.set_nodelay(true);
    let from = stream.local_addr().map(|from| from.ip().to_string()).unwrap_or_default();
    let _ = told.send(Heard::Connected { url: url.to_owned(), from, us: micros(began) }).await;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|_| Failure::Closed)?;
    // It ends with this future, however that ends.
    let mut connections = JoinSet::new();
    connections.spawn(connection);
    let answer = sender.send_request(request).await.map_err(|_| Failure::Closed)?;
    let _ = told.send(head(&answer, began)).await;
    read(answer.into_body(), began, told).await
}

fn request_to(
    url: &str,
    to: SocketAddr,
    checked: CheckedRequest,
    secret: Option<Secret>,
) -> Option<Request<Full<Bytes>>> {
    let behind = url.strip_prefix("http://").and_then(|rest| rest.find('/').and_then(|at| rest.get(at..)))?;
    let mut request = Request::builder().method(checked.method.as_str()).uri(format!("{behind}{}", checked.path));
    let own = [(USER_AGENT.as_str(), "inference-gateway-console"), (ACCEPT_ENCODING.as_str(), "identity")];
    for (name, value) in own.into_iter().filter(|(name, _)| !checked.has(name)) {
        request = request.header(name, value);
    }
    request = request.header(HOST, to.to_string());
    for (name, value) in &checked.headers {
        request = request.header(name.as_str(), value.as_str());
    }
    if let Some(secret) = &secret {
        request = request.header(AUTHORIZATION, secret.reveal());
    }
    request.body(Full::new(Bytes::from(checked.body))).ok()
}

fn head(answer: &Response<Incoming>, began: Instant) -> Heard {
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let header = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
        (name.to_string(), text(value.as_bytes()))
    };
    Heard::Head {
        status: answer.status().as_u16(),
        headers: answer.headers().iter().map(header).collect(),
        us: micros(began),
    }
}

async fn read(mut body: Incoming, began: Instant, told: &mpsc::Sender<Heard>) -> Result<Heard, Failure> {
    let (mut parts, mut bytes) = (Parts::default(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Failure::Closed)?.into_data() else { continue };
        bytes += data.len() as u64;
        if let Some(heard) = parts.take(&data) {
            let _ = told.send(heard).await;
        }
        if bytes >= MOST {
            return Ok(Heard::End { bytes, us: micros(began), cut: true });
        }
    }
    if let Some(rest) = parts.end() {
        let _ = told.send(rest).await;
    }
    Ok(Heard::End { bytes, us: micros(began), cut: false })
}
