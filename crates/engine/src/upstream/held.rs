//! An event stream that begins before there is a replica: comments while its request waits, then the replica's events.

use super::answer_body::AnswerBody;
use super::events::COMMENT;
use super::pause::Pause;
use super::tunnel::Switched;
use crate::message::{AnswerHead, Name};
use crate::worker::Control;
use bytes::Bytes;
use http::StatusCode;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

/// Head, body, and a tunnel if it becomes one.
pub type Parts = (AnswerHead, AnswerBody, Option<Box<Switched>>);
/// What becomes of a request.
pub type Rest = Pin<Box<dyn Future<Output = Parts>>>;

pub struct Held {
    rest: Rest,
    control: Rc<Control>,
    silence: Pause,
    /// Something was said: some proxies pass on no head without a body.
    has_spoken: bool,
}

pub enum Step {
    Comment(Bytes),
    /// The replica's events.
    Stream(AnswerBody),
    /// Anything else, as the last event.
    Error(AnswerBody),
    /// Its connection has to end.
    Cut,
}

impl Held {
    pub fn new(rest: Rest, control: Rc<Control>, keep_alive: Duration) -> Self {
        Self { rest, control, silence: Pause::new(keep_alive), has_spoken: false }
    }

    pub fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Step> {
        if let Poll::Ready((head, body, _)) = self.rest.as_mut().poll(cx) {
            let is_stream = head.status == StatusCode::OK
                && head.fields.first(Name::ContentType).is_some_and(|kind| kind.starts_with(b"text/event-stream"))
                && !head.fields.has(Name::ContentEncoding);
            return Poll::Ready(if is_stream { Step::Stream(body) } else { Step::Error(body.into_event(head.status)) });
        }
        if self.control.is_cut() {
            return Poll::Ready(Step::Cut);
        }
        if self.has_spoken && !self.silence.is_over(cx) {
            return Poll::Pending;
        }
        self.has_spoken = true;
        self.silence.restart();
        Poll::Ready(Step::Comment(COMMENT))
    }
}
