//! A request's body on its way: refused by its head at once or cut off when it grows over the limit, and compared with
//! what was signed.

use crate::answer::Refusal;
use crate::http1::{Broken, WireBody};
use crate::message::{Head, Name};
use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use md5::{Digest, Md5};
use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

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
            Self::Wire(body) => {
                let data = std::task::ready!(body.poll_data(cx));
                Poll::Ready(data.map(|data| data.map(Frame::data).map_err(BodyError::Wire)))
            }
            Self::Http2(body) => {
                let frame = std::task::ready!(Pin::new(body).poll_frame(cx));
                Poll::Ready(frame.map(|frame| frame.map_err(BodyError::Http2)))
            }
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

/// What is known of a body on its way up, while the replica's connection owns it.
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
        // Once and for all, however often it is asked.
        self.forged.set(self.forged.get() || !same);
        !self.forged.get()
    }

    /// All of it went up: the connection can carry another request.
    pub fn is_ended(&self) -> bool {
        self.ended.get()
    }
}

/// The client's body as the replica's connection takes it.
pub struct RequestBody {
    inner: Option<ClientBody>,
    meter: Rc<Meter>,
    limit: u64,
    /// Read before anybody asked for it.
    ahead: Option<Result<Frame<Bytes>, BodyError>>,
}

impl RequestBody {
    pub fn new(body: ClientBody, meter: Rc<Meter>, limit: u64) -> Self {
        let inner = Some(body).filter(|body| !body.is_end_stream());
        meter.ended.set(inner.is_none());
        Self { inner, meter, limit, ahead: None }
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
            if self.ahead.is_none() {
                self.meter.ended.set(true);
            }
        }
        Poll::Ready(())
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
        self.ahead.is_none() && self.inner.as_ref().is_none_or(ClientBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = self.inner.as_ref().map_or_else(|| SizeHint::with_exact(0), ClientBody::size_hint);
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
