//! The body of an answer: the engine's own, or the replica's, passed on piece by piece. It carries the request's
//! flight, which ends when it does.

use super::events::{self, Events};
use super::held::{Held, Rest, Step};
use super::pause::Pause;
use super::pool::{Lease, Sender};
use crate::http1::Broken;
use crate::record::Flight;
use crate::worker::Control;
use bytes::Bytes;
use http::{Method, StatusCode};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

pub struct AnswerBody {
    source: Source,
    flight: Option<Box<Flight>>,
}

enum Source {
    Own(Option<Bytes>),
    /// It has begun, and its request still waits.
    Held(Box<Held>),
    Replica {
        /// Of HTTP/2; HTTP/1.1 is read from the leased connection.
        body: Option<Incoming>,
        lease: Option<Lease>,
        pause: Pause,
        events: Option<Box<Events>>,
    },
}

#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    #[error("the replica broke off: {0}")]
    Http2(#[from] hyper::Error),
    #[error("the replica broke off: {0}")]
    Http1(#[from] Broken),
    #[error("the replica sent nothing for too long")]
    Stuck,
    #[error("its connection had to end")]
    Drained,
}

impl AnswerError {
    fn message(&self) -> &'static str {
        match self {
            Self::Http1(_) | Self::Http2(_) => "The model's replica broke off. Try again.",
            Self::Drained => "The gateway ends this connection. Try again.",
            Self::Stuck => "The model's replica sent nothing for too long. Try again.",
        }
    }
}

impl AnswerBody {
    pub fn own(body: Bytes, mut flight: Box<Flight>) -> Self {
        // Of an answer to HEAD nothing goes out but the length that it would have.
        flight.bytes_out = if flight.head.method == Method::HEAD { 0 } else { body.len() as u64 };
        Self { source: Source::Own(Some(body).filter(|body| !body.is_empty())), flight: Some(flight) }
    }

    /// Without content and without a flight, which goes another way.
    pub fn none() -> Self {
        Self { source: Source::Own(None), flight: None }
    }

    /// An event stream that begins while its request waits for a replica; `rest` has the flight.
    pub fn held(rest: Rest, control: Rc<Control>, keep_alive: Duration) -> Self {
        Self { source: Source::Held(Box::new(Held::new(rest, control, keep_alive))), flight: None }
    }

    /// The same as the last event of a stream whose head has gone out: what the engine says itself, or that the
    /// replica's answer is no stream.
    pub fn into_event(mut self, status: StatusCode) -> Self {
        let mut flight = self.flight.take();
        let own = match &mut self.source {
            Source::Own(Some(json)) => Some(std::mem::take(json)),
            _ => None,
        };
        let error = own.unwrap_or_else(|| {
            if let Some(flight) = &mut flight {
                flight.refused(None, "NoEventStream");
            }
            Bytes::from(format!(
                r#"{{"code":"NoEventStream","message":"The model's replica answered {} instead of an event stream. Look at the request and try again."}}"#,
                status.as_u16()
            ))
        });
        let event = Bytes::from([b"event: error\ndata: {\"error\":", &error[..], b"}\n\n"].concat());
        if let Some(flight) = &mut flight {
            flight.bytes_out = event.len() as u64;
        }
        Self { source: Source::Own(Some(event)), flight }
    }

    pub fn of_replica(
        body: Option<Incoming>,
        lease: Lease,
        idle: Duration,
        events: Option<Box<Events>>,
        flight: Box<Flight>,
    ) -> Self {
        let source = Source::Replica { body, lease: Some(lease), pause: Pause::new(idle), events };
        Self { source, flight: Some(flight) }
    }

    /// How much of it is left, if it is known.
    fn left(&self) -> Option<u64> {
        match &self.source {
            Source::Own(body) => Some(body.as_ref().map_or(0, |body| body.len() as u64)),
            Source::Held(_) => None,
            Source::Replica { body: Some(body), .. } => body.size_hint().exact(),
            Source::Replica { lease: Some(Lease { sender: Sender::One(replica), .. }), .. } => replica.left(),
            Source::Replica { .. } => Some(0),
        }
    }

    /// The last byte was taken.
    fn complete(&mut self) {
        let Some(mut flight) = self.flight.take() else { return };
        flight.complete();
        if let Source::Replica { lease, .. } = &mut self.source
            && let Some(lease) = lease.take()
        {
            lease.release(&flight.meter);
        }
    }

    /// The answer ends here; an event stream says so itself, everything else just breaks off.
    fn cut(&mut self, detail: &'static str, error: AnswerError) -> Result<Frame<Bytes>, AnswerError> {
        let last = match &self.source {
            Source::Replica { events: Some(events), .. } => Some(events.error(detail, error.message())),
            _ => None,
        };
        if let Some(mut flight) = self.flight.take() {
            flight.bytes_out += last.as_ref().map_or(0, |last| last.len() as u64);
            flight.refused(None, detail);
        }
        self.source = Source::Own(None);
        last.map(Frame::data).ok_or(error)
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = AnswerError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = &mut *self;
        let is_cut = |flight: &Flight| flight.conn().control.is_cut();
        if matches!(this.source, Source::Replica { .. }) && this.flight.as_deref().is_some_and(is_cut) {
            return Poll::Ready(Some(this.cut("DrainTimeout", AnswerError::Drained)));
        }
        let (polled, pause, events) = match &mut this.source {
            Source::Own(body) => {
                let frame = body.take().map(|body| Ok(Frame::data(body)));
                this.complete();
                return Poll::Ready(frame);
            }
            Source::Held(held) => match ready!(held.poll(cx)) {
                Step::Comment(comment) => return Poll::Ready(Some(Ok(Frame::data(comment)))),
                Step::Stream(body) | Step::Error(body) => {
                    *this = body;
                    return self.poll_frame(cx);
                }
                Step::Cut => {
                    // What waits goes with it, and writes its record.
                    this.source = Source::Own(None);
                    let last = events::error("DrainTimeout", AnswerError::Drained.message());
                    return Poll::Ready(Some(Ok(Frame::data(last))));
                }
            },
            Source::Replica { body, lease, pause, events } => (piece(body, lease, cx), pause, events),
        };
        match polled {
            Poll::Pending if pause.is_over(cx) => Poll::Ready(Some(this.cut("UpstreamStuck", AnswerError::Stuck))),
            Poll::Pending => match events.as_mut().and_then(|events| events.comment(cx)) {
                Some(comment) => Poll::Ready(Some(Ok(Frame::data(comment)))),
                None => Poll::Pending,
            },
            Poll::Ready(Some(Ok(frame))) => {
                pause.restart();
                if let (Some(flight), Some(data)) = (&mut this.flight, frame.data_ref()) {
                    flight.bytes_out += data.len() as u64;
                    if let Some(observer) = &mut flight.observer {
                        observer.passes(data);
                    }
                    if let Some(events) = events {
                        events.passed(data);
                    }
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(this.cut("BadUpstream", error))),
            Poll::Ready(None) => {
                this.complete();
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Own(body) => body.is_none(),
            Source::Held(_) => false,
            Source::Replica { body: Some(body), .. } => body.is_end_stream(),
            Source::Replica { lease: Some(Lease { sender: Sender::One(replica), .. }), .. } => replica.is_end(),
            Source::Replica { .. } => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.left().map_or_else(SizeHint::new, SizeHint::with_exact)
    }
}

type Piece = Option<Result<Frame<Bytes>, AnswerError>>;

/// The next one of a replica's answer.
fn piece(body: &mut Option<Incoming>, lease: &mut Option<Lease>, cx: &mut Context<'_>) -> Poll<Piece> {
    if let Some(body) = body {
        return Pin::new(body).poll_frame(cx).map(|frame| frame.map(|frame| frame.map_err(AnswerError::from)));
    }
    let Some(Lease { sender: Sender::One(replica), worker, .. }) = lease else { return Poll::Ready(None) };
    replica.poll_frame(cx, &worker.scratch).map(|frame| frame.map(|frame| frame.map_err(AnswerError::from)))
}

impl Drop for AnswerBody {
    fn drop(&mut self) {
        // Nobody asks again behind the last byte of HTTP/2, and never for the body of an answer to HEAD.
        if matches!(self.source, Source::Own(_)) || self.is_end_stream() {
            self.complete();
        }
    }
}
