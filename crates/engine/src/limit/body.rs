//! A request's body on its way: refused by its head at once or cut off when it grows over the limit, and compared with
//! what was signed.

use crate::answer::Refusal;
use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_LENGTH;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use md5::{Digest, Md5};
use std::cell::{Cell, RefCell};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

/// By what the head says. hyper has checked that Content-Length is one number.
pub fn check(limit: u64, headers: &HeaderMap) -> Result<(), Refusal> {
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > limit) { Err(Refusal::BodyTooLarge) } else { Ok(()) }
}

/// How long the body of a refused request is read.
const SWALLOW: Duration = Duration::from_secs(2);

/// Reads a body that nobody wants, for a while: a client that is still sending when its connection is closed sees a
/// reset instead of the answer.
pub fn swallow(mut body: Incoming) {
    tokio::task::spawn_local(async move {
        let read =
            async { while let Some(Ok(_)) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {} };
        // Out of time: the connection is closed.
        let _ = tokio::time::timeout(SWALLOW, read).await;
    });
}

/// What is known of a body on its way up, while hyper owns it.
#[derive(Default)]
pub struct Meter {
    bytes: Cell<u64>,
    over: Cell<bool>,
    broken: Cell<bool>,
    /// It is no body at all.
    nonsense: Cell<bool>,
    ended: Cell<bool>,
    /// What the rest of the body is compared with; none once it was, or where nothing was signed.
    signed: RefCell<Option<Signed>>,
    forged: Cell<bool>,
}

/// Boxed: few requests are signed.
type Signed = Box<(Md5, [u8; 16])>;

const FORGED: Refusal = Refusal::BadSignature("The body is not the one that was signed: its MD5 is not Content-MD5.");

impl Meter {
    pub fn bytes(&self) -> u64 {
        self.bytes.get()
    }

    /// What went up another way than as a body.
    pub fn add(&self, bytes: u64) {
        self.bytes.set(self.bytes.get() + bytes);
    }

    /// Why it did not go up whole.
    pub fn refusal(&self) -> Option<Refusal> {
        if self.over.get() {
            Some(Refusal::BodyTooLarge)
        } else if self.forged.get() {
            Some(FORGED)
        } else if self.nonsense.get() {
            Some(Refusal::BadRequest("the chunks of the body cannot be read"))
        } else if self.broken.get() {
            Some(Refusal::ClientGone)
        } else {
            None
        }
    }

    /// The body has to have this MD5. `none`: there is no body.
    pub fn expect(&self, md5: Option<[u8; 16]>, none: bool) -> Result<(), Refusal> {
        let Some(md5) = md5 else { return Ok(()) };
        self.signed.replace(Some(Box::new((Md5::new(), md5))));
        if none && !self.is_as_signed() { Err(FORGED) } else { Ok(()) }
    }

    fn sign(&self, data: &[u8]) {
        if let Some(signed) = &mut *self.signed.borrow_mut() {
            signed.0.update(data);
        }
    }

    /// At the end of the body.
    fn is_as_signed(&self) -> bool {
        let same = self.signed.take().is_none_or(|signed| <[u8; 16]>::from(signed.0.finalize()) == signed.1);
        self.forged.set(!same);
        same
    }

    /// All of it went up: the connection can carry another request.
    pub fn is_ended(&self) -> bool {
        self.ended.get()
    }
}

/// The client's body as the replica's connection takes it.
pub struct RequestBody {
    inner: Option<Incoming>,
    meter: Rc<Meter>,
    limit: u64,
    /// Read before anybody asked for it.
    ahead: Option<Result<Frame<Bytes>, BodyError>>,
}

impl RequestBody {
    pub fn new(body: Incoming, meter: Rc<Meter>, limit: u64) -> Self {
        let inner = Some(body).filter(|body| !body.is_end_stream());
        meter.ended.set(inner.is_none());
        Self { inner, meter, limit, ahead: None }
    }

    /// Of a request that is refused after all.
    pub fn swallow(self) {
        if let Some(rest) = self.inner {
            swallow(rest);
        }
    }

    /// Reads the first piece and keeps it; ready when that is done.
    pub fn poll_ahead(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.ahead.is_none() {
            self.ahead = std::task::ready!(self.poll_inner(cx));
            if self.ahead.is_none() {
                self.meter.ended.set(true);
            }
        }
        Poll::Ready(())
    }

    fn poll_inner(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let Some(inner) = &mut self.inner else { return Poll::Ready(None) };
        let frame = std::task::ready!(Pin::new(inner).poll_frame(cx));
        Poll::Ready(match frame {
            Some(Ok(frame)) => Some(self.passed(frame)),
            Some(Err(error)) => {
                self.meter.broken.set(true);
                self.meter.nonsense.set(is_nonsense(&error));
                Some(Err(error.into()))
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
                    swallow(rest);
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
    Client(#[from] hyper::Error),
}

/// The client did not go; what it sends cannot be read.
fn is_nonsense(error: &hyper::Error) -> bool {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<io::Error>());
    source.is_some_and(|source| matches!(source.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData))
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = match self.ahead.take() {
            Some(frame) => Some(frame),
            None => std::task::ready!(self.poll_inner(cx)),
        };
        if !matches!(frame, Some(Err(_))) && self.is_end_stream() {
            self.meter.ended.set(true);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.ahead.is_none() && self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = self.inner.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint);
        if let Some(data) = self.ahead.as_ref().and_then(|ahead| ahead.as_ref().ok()?.data_ref()) {
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
