//! An answer's body that waits for its share of the gateway's bandwidth.

use super::capacity::Bandwidth;
use crate::upstream::AnswerBody;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;
use tokio::time::{Sleep, sleep_until};

/// Passes through what is not limited.
pub struct Shaped {
    inner: AnswerBody,
    bandwidth: Option<Bandwidth>,
    /// A piece that waits for its turn.
    held: Option<Frame<Bytes>>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Shaped {
    pub fn new(inner: AnswerBody, bandwidth: Option<Bandwidth>) -> Self {
        Self { inner, bandwidth, held: None, timer: None }
    }

    /// Whether this piece has to wait; then the timer says until when.
    fn waits(&mut self, frame: &Frame<Bytes>) -> bool {
        let Some((bandwidth, data)) = self.bandwidth.as_ref().zip(frame.data_ref()) else { return false };
        let now = Instant::now();
        let Some(wait) = bandwidth.charge(data.len(), now) else { return false };
        let turn = (now + wait).into();
        match &mut self.timer {
            Some(timer) => timer.as_mut().reset(turn),
            None => self.timer = Some(Box::pin(sleep_until(turn))),
        }
        true
    }
}

impl Body for Shaped {
    type Data = Bytes;
    type Error = <AnswerBody as Body>::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.held.is_none() {
            match ready!(Pin::new(&mut self.inner).poll_frame(cx)) {
                Some(Ok(frame)) if self.waits(&frame) => self.held = Some(frame),
                frame => return Poll::Ready(frame),
            }
        }
        if let Some(timer) = &mut self.timer {
            ready!(timer.as_mut().poll(cx));
        }
        Poll::Ready(self.held.take().map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        self.held.is_none() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let held = self.held.as_ref().and_then(Frame::data_ref).map_or(0, |data| data.len() as u64);
        let mut hint = self.inner.size_hint();
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper + held);
        }
        hint.set_lower(hint.lower() + held);
        hint
    }
}
