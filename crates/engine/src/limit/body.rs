//! A request's body on its way: refused by its head at once or cut off when it grows over the limit, and compared with
//! what was signed.

use super::{Bandwidth, Meter};
use crate::answer::Refusal;
use crate::http1::{Broken, WireBody};
use crate::message::{Head, Name, trailers};
use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::time::{Sleep, sleep};

/// By what the head says. It was checked that Content-Length is one number.
pub fn check(limit: u64, head: &Head) -> Result<(), Refusal> {
    let length = head.text(Name::ContentLength).parse::<u64>();
    if length.is_ok_and(|length| length > limit) { Err(Refusal::BodyTooLarge) } else { Ok(()) }
}

/// How long the body of a refused request is read.
const SWALLOW: Duration = Duration::from_secs(2);

/// The body as it comes from the client.
pub enum ClientBody {
    None,
    Wire(WireBody),
    Http2(Incoming),
}

impl ClientBody {
    /// Reads a body that nobody wants, for a while: a client that is still sending when its stream is reset does not
    /// look at the answer. An HTTP/1.1 connection does the same at its end.
    pub fn swallow(self) {
        let Self::Http2(mut body) = self else { return };
        tokio::task::spawn_local(async move {
            let read = async {
                while let Some(Ok(_)) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {}
            };
            // Out of time: the stream is reset.
            let _ = tokio::time::timeout(SWALLOW, read).await;
        });
    }

    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self {
            Self::None => Poll::Ready(None),
            Self::Wire(body) => Poll::Ready(match std::task::ready!(body.poll_data(cx)) {
                Some(data) => Some(data.map(Frame::data).map_err(BodyError::Wire)),
                None => body.take_trailers().and_then(trailers::of_request).map(|left| Ok(Frame::trailers(left))),
            }),
            Self::Http2(body) => loop {
                let frame = std::task::ready!(Pin::new(&mut *body).poll_frame(cx));
                let frame = match frame.map(|frame| frame.map_err(BodyError::Http2)) {
                    Some(Ok(frame)) => frame,
                    other => return Poll::Ready(other),
                };
                // If none of them may go up, the end is next.
                match frame.into_trailers().map(trailers::of_request) {
                    Err(frame) => return Poll::Ready(Some(Ok(frame))),
                    Ok(Some(left)) => return Poll::Ready(Some(Ok(Frame::trailers(left)))),
                    Ok(None) => {}
                }
            },
        }
    }

    pub fn is_end_stream(&self) -> bool {
        match self {
            Self::None => true,
            Self::Wire(body) => body.is_done(),
            Self::Http2(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::None => SizeHint::with_exact(0),
            Self::Wire(body) => body.left().map_or_else(SizeHint::new, SizeHint::with_exact),
            Self::Http2(body) => body.size_hint(),
        }
    }
}

/// The client's body as the replica's connection takes it.
pub struct RequestBody {
    inner: Option<ClientBody>,
    meter: Rc<Meter>,
    limit: u64,
    /// Read before anybody asked for it.
    ahead: Option<Result<Frame<Bytes>, BodyError>>,
    bandwidth: Option<Bandwidth>,
    /// Until what was read may go on.
    turn: Option<Pin<Box<Sleep>>>,
}

impl RequestBody {
    pub fn new(body: ClientBody, meter: Rc<Meter>, limit: u64, bandwidth: Option<Bandwidth>) -> Self {
        let inner = Some(body).filter(|body| !body.is_end_stream());
        meter.ended.set(inner.is_none());
        Self { inner, meter, limit, ahead: None, bandwidth, turn: None }
    }

    /// Of a request that is refused after all.
    pub fn swallow(self) {
        if let Some(rest) = self.inner {
            rest.swallow();
        }
    }

    /// Reads the first piece and keeps it; ready when that is done.
    pub fn poll_ahead(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.ahead.is_none() {
            self.ahead = std::task::ready!(self.poll_inner(cx));
            self.queue();
            if self.ahead.is_none() {
                self.meter.ended.set(true);
            }
        }
        Poll::Ready(())
    }

    /// What was read takes its turn in the gateway's bandwidth.
    fn queue(&mut self) {
        let Some(bandwidth) = &self.bandwidth else { return };
        let Some(Ok(frame)) = &self.ahead else { return };
        let wait = frame.data_ref().and_then(|data| bandwidth.charge(data.len(), Instant::now()));
        self.turn = wait.map(|wait| Box::pin(sleep(wait)));
    }

    /// What was read ahead.
    pub fn ahead(&self) -> Option<&[u8]> {
        Some(self.ahead.as_ref()?.as_ref().ok()?.data_ref()?)
    }

    /// Some of it is where nobody has read it.
    pub fn is_unread(&self) -> bool {
        self.inner.as_ref().is_some_and(|inner| !inner.is_end_stream())
    }

    /// The client will send nothing more of it. HTTP/2's library tells that itself, by ending the request.
    pub fn has_gone(&self) -> bool {
        matches!(&self.inner, Some(ClientBody::Wire(body)) if body.has_gone())
    }

    fn poll_inner(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let Some(inner) = &mut self.inner else { return Poll::Ready(None) };
        let frame = std::task::ready!(inner.poll_frame(cx));
        Poll::Ready(match frame {
            Some(Ok(frame)) => Some(self.passed(frame)),
            Some(Err(error)) => {
                self.meter.broken.set(true);
                self.meter.nonsense.set(matches!(error, BodyError::Wire(Broken::Nonsense)));
                Some(Err(error))
            }
            None => {
                self.inner = None;
                (!self.meter.is_as_signed()).then_some(Err(BodyError::Forged))
            }
        })
    }

    fn passed(&mut self, frame: Frame<Bytes>) -> Result<Frame<Bytes>, BodyError> {
        if let Some(data) = frame.data_ref() {
            let bytes = self.meter.bytes.get() + data.len() as u64;
            self.meter.bytes.set(bytes);
            if bytes > self.limit {
                self.meter.over.set(true);
                if let Some(rest) = self.inner.take() {
                    rest.swallow();
                }
                return Err(BodyError::OverLimit);
            }
            self.meter.sign(data);
        }
        // The last piece is held back from a replica if it does not make what was signed: the request stays
        // incomplete. It can be the last of a known length before it is the end.
        let rest = self.inner.as_ref();
        let last = rest.is_none_or(|rest| rest.is_end_stream() || rest.size_hint().exact() == Some(0));
        if last && !self.meter.is_as_signed() {
            return Err(BodyError::Forged);
        }
        Ok(frame)
    }
}

#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    #[error("the request body is over the limit")]
    OverLimit,
    #[error("the request body is not the one that was signed")]
    Forged,
    #[error("the client broke off: {0}")]
    Wire(Broken),
    #[error("the client broke off: {0}")]
    Http2(hyper::Error),
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.ahead.is_none() {
            self.ahead = std::task::ready!(self.poll_inner(cx));
            self.queue();
        }
        if let Some(turn) = &mut self.turn {
            std::task::ready!(turn.as_mut().poll(cx));
            self.turn = None;
        }
        let frame = self.ahead.take();
        if !matches!(frame, Some(Err(_))) && self.is_end_stream() {
            self.meter.ended.set(true);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.ahead.is_none() && self.inner.as_ref().is_none_or(ClientBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = self.inner.as_ref().map_or_else(|| SizeHint::with_exact(0), ClientBody::size_hint);
        let ahead = self.ahead.as_ref().and_then(|ahead| ahead.as_ref().ok());
        if ahead.is_some_and(Frame::is_trailers) {
            return SizeHint::new();
        }
        if let Some(data) = ahead.and_then(Frame::data_ref) {
            let (lower, upper) = (hint.lower(), hint.upper());
            hint = SizeHint::new();
            hint.set_lower(lower + data.len() as u64);
            if let Some(upper) = upper {
                hint.set_upper(upper + data.len() as u64);
            }
        }
        hint
    }
}
