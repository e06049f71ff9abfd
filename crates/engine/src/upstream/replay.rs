//! A request's body that can be sent once more: its first pieces are kept until an answer comes.

use crate::limit::RequestBody;
use crate::limit::body::BodyError;
use crate::worker::Clock;
use bytes::Bytes;
use http::HeaderMap;
use hyper::body::{Body, Frame, SizeHint};
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

/// The body as it comes from the client, and what was kept of it.
pub struct Source {
    inner: RefCell<RequestBody>,
    kept: RefCell<Vec<Bytes>>,
    kept_len: Cell<usize>,
    /// What followed them.
    trailers: RefCell<Option<HeaderMap>>,
    /// How much is kept, bytes.
    cap: usize,
    /// Some of it is gone, or it is not worth keeping any more.
    lost: Cell<bool>,
    /// Only the newest reader may read: a connection that broke may still hold an older one.
    reader: Cell<u32>,
    clock: Rc<Clock>,
    /// Pieces are read in tasks of which nobody looks at the clock.
    ticks: bool,
    /// When the last piece came.
    moved: Cell<Instant>,
    /// The next one is the client's to send.
    waits: Cell<bool>,
}

impl Source {
    pub fn new(body: RequestBody, cap: usize, clock: Rc<Clock>, ticks: bool) -> Rc<Self> {
        Rc::new(Self {
            inner: RefCell::new(body),
            kept: RefCell::default(),
            kept_len: Cell::new(0),
            trailers: RefCell::default(),
            cap,
            lost: Cell::new(false),
            reader: Cell::new(0),
            ticks,
            moved: Cell::new(clock.now()),
            waits: Cell::new(false),
            clock,
        })
    }

    /// When the last piece of the request came, or its end.
    pub fn moved(&self) -> Instant {
        self.moved.get()
    }

    /// Whether the client has not sent what could go out.
    pub fn waits(&self) -> bool {
        self.waits.get()
    }

    pub fn can_repeat(&self) -> bool {
        !self.lost.get()
    }

    /// There is an answer: it is not sent again.
    pub fn forget(&self) {
        self.lost.set(true);
    }

    /// From the beginning.
    pub fn read(self: &Rc<Self>) -> Outgoing {
        self.reader.set(self.reader.get() + 1);
        Outgoing(Some(Reader { source: self.clone(), number: self.reader.get(), at: 0, read: 0, trailed: false }))
    }

    /// Waits for the first `len` bytes, or all there are.
    pub async fn prefix(&self, len: usize) -> Vec<u8> {
        while self.kept_len.get() < len {
            let frame = poll_fn(|cx| Pin::new(&mut *self.inner.borrow_mut()).poll_frame(cx)).await;
            match frame.map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(data))) => self.keep(data),
                Some(Ok(Err(frame))) => *self.trailers.borrow_mut() = frame.into_trailers().ok(),
                // The end, or an error that the meter remembers.
                _ => break,
            }
        }
        let mut prefix = Vec::with_capacity(len);
        for piece in &*self.kept.borrow() {
            prefix.extend_from_slice(&piece[..piece.len().min(len - prefix.len())]);
        }
        prefix
    }

    fn keep(&self, data: Bytes) {
        self.kept_len.set(self.kept_len.get() + data.len());
        self.kept.borrow_mut().push(data);
    }
}

/// What a replica's connection reads; nothing where there is no body.
pub struct Outgoing(Option<Reader>);

struct Reader {
    source: Rc<Source>,
    number: u32,
    /// How many of the kept pieces were read, and their bytes.
    at: usize,
    read: usize,
    /// The kept trailers as well.
    trailed: bool,
}

impl Outgoing {
    pub fn empty() -> Self {
        Self(None)
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let Some(reader) = &mut self.0 else { return Poll::Ready(None) };
        let source = reader.source.clone();
        if source.reader.get() != reader.number {
            return Poll::Ready(None);
        }
        if let Some(piece) = source.kept.borrow().get(reader.at) {
            reader.at += 1;
            reader.read += piece.len();
            return Poll::Ready(Some(Ok(Frame::data(piece.clone()))));
        }
        if let Some(trailers) = source.trailers.borrow().as_ref().filter(|_| !reader.trailed) {
            reader.trailed = true;
            return Poll::Ready(Some(Ok(Frame::trailers(trailers.clone()))));
        }
        let polled = Pin::new(&mut *source.inner.borrow_mut()).poll_frame(cx);
        source.waits.set(polled.is_pending());
        let frame = ready!(polled);
        source.moved.set(if source.ticks { source.clock.tick() } else { source.clock.now() });
        match &frame {
            Some(Ok(frame)) if source.can_repeat() => match frame.data_ref() {
                None => {
                    *source.trailers.borrow_mut() = frame.trailers_ref().cloned();
                    reader.trailed = true;
                }
                Some(data) if source.kept_len.get() + data.len() <= source.cap => {
                    source.keep(data.clone());
                    reader.at += 1;
                    reader.read += data.len();
                }
                _ => {
                    source.forget();
                    source.kept.borrow_mut().clear();
                    source.kept_len.set(0);
                    (reader.at, reader.read) = (0, 0);
                }
            },
            _ => {}
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        let Some(reader) = &self.0 else { return true };
        reader.at >= reader.source.kept.borrow().len()
            && (reader.trailed || reader.source.trailers.borrow().is_none())
            && reader.source.inner.borrow().is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let Some(reader) = &self.0 else { return SizeHint::with_exact(0) };
        if reader.source.trailers.borrow().is_some() {
            // There is no room for them behind a length.
            return SizeHint::new();
        }
        let ahead = (reader.source.kept_len.get() - reader.read) as u64;
        let mut hint = reader.source.inner.borrow().size_hint();
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper + ahead);
        }
        hint.set_lower(hint.lower() + ahead);
        hint
    }
}
