//! The body of an answer: the engine's own, or the replica's, passed on piece by piece. It carries the request's
//! flight, which ends when it does.

use super::pool::Lease;
use crate::record::Flight;
use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

pub struct AnswerBody {
    source: Source,
    flight: Option<Box<Flight>>,
}

enum Source {
    Own(Option<Bytes>),
    Replica { body: Incoming, lease: Option<Lease>, pause: Pause },
}

#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    #[error("the replica broke off: {0}")]
    Broken(#[from] hyper::Error),
    #[error("the replica sent nothing for too long")]
    Stuck,
}

/// Time between two pieces, counted only while the client would take one.
struct Pause {
    limit: Duration,
    since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Pause {
    fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        let end = *self.since.get_or_insert_with(Instant::now) + self.limit;
        // The timer is not touched for each piece: it fires, and then it is looked whether it had reason to.
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(end)));
        while timer.as_mut().poll(cx).is_ready() {
            if Instant::now() >= end {
                return true;
            }
            timer.as_mut().reset(end);
        }
        false
    }
}

impl AnswerBody {
    pub fn own(body: Bytes, mut flight: Box<Flight>) -> Self {
        flight.bytes_out = body.len() as u64;
        Self { source: Source::Own(Some(body).filter(|body| !body.is_empty())), flight: Some(flight) }
    }

    /// Without content and without a flight, which goes another way.
    pub fn none() -> Self {
        Self { source: Source::Own(None), flight: None }
    }

    pub fn of_replica(body: Incoming, lease: Lease, idle: Duration, flight: Box<Flight>) -> Self {
        let pause = Pause { limit: idle, since: None, timer: None };
        Self { source: Source::Replica { body, lease: Some(lease), pause }, flight: Some(flight) }
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

    fn cut(&mut self, detail: &'static str) {
        if let Some(mut flight) = self.flight.take() {
            flight.refused(None, detail);
        }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = AnswerError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = &mut *self;
        let (body, pause) = match &mut this.source {
            Source::Own(body) => {
                let frame = body.take().map(|body| Ok(Frame::data(body)));
                this.complete();
                return Poll::Ready(frame);
            }
            Source::Replica { body, pause, .. } => (body, pause),
        };
        match Pin::new(body).poll_frame(cx) {
            Poll::Pending if pause.is_over(cx) => {
                this.cut("UpstreamStuck");
                Poll::Ready(Some(Err(AnswerError::Stuck)))
            }
            Poll::Pending => Poll::Pending,
            Poll::Ready(Some(Ok(frame))) => {
                pause.since = None;
                if let (Some(flight), Some(data)) = (&mut this.flight, frame.data_ref()) {
                    flight.bytes_out += data.len() as u64;
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => {
                this.cut("BadUpstream");
                Poll::Ready(Some(Err(error.into())))
            }
            Poll::Ready(None) => {
                this.complete();
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Own(body) => body.is_none(),
            Source::Replica { body, .. } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Own(body) => SizeHint::with_exact(body.as_ref().map_or(0, |body| body.len() as u64)),
            Source::Replica { body, .. } => body.size_hint(),
        }
    }
}

impl Drop for AnswerBody {
    fn drop(&mut self) {
        // hyper does not ask again behind the last byte, and never for the body of an answer to HEAD.
        if matches!(self.source, Source::Own(_)) || self.is_end_stream() {
            self.complete();
        }
    }
}
