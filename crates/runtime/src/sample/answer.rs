//! Bodies and heads of answers.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use serde_json::Value;
use std::convert::Infallible;
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;

pub type Answer = Response<BoxBody<Bytes, Infallible>>;

pub fn whole(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()).boxed());
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}

pub fn text(status: StatusCode, body: &'static str) -> Answer {
    whole(status, "text/plain; charset=utf-8", body)
}

pub fn json(status: StatusCode, body: &Value) -> Answer {
    whole(status, "application/json", format!("{body}\n"))
}

/// Server-sent events, one after the other as `write` sends them; it fails to send when the client has gone.
pub fn events<W, F>(write: W) -> Answer
where
    W: FnOnce(mpsc::Sender<String>) -> F,
    F: Future<Output = Result<(), mpsc::error::SendError<String>>> + Send + 'static,
{
    let (sender, receiver) = mpsc::channel::<String>(1);
    tokio::spawn(write(sender));
    let frames = ReceiverStream::new(receiver).map(|data| Ok(Frame::data(Bytes::from(format!("data: {data}\n\n")))));
    let mut answer = Response::new(BodyExt::boxed(StreamBody::new(frames)));
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    answer
}
