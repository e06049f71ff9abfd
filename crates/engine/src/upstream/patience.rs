//! How long an answer is waited for, and whose fault it is when none comes. The clock of the first byte starts when the
//! last of the request has gone: a long upload is no slow replica.

use super::replay::Source;
use crate::answer::Refusal;
use crate::config::Timers;
use crate::worker::{Alarm, Worker};
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

pub struct Patience<'w> {
    worker: &'w Worker,
    alarm: Alarm<'w>,
    /// When this try began.
    since: Instant,
    /// Of the whole request.
    deadline: Instant,
    timers: &'w Timers,
    body: Option<&'w Rc<Source>>,
}

impl<'w> Patience<'w> {
    pub fn new(worker: &'w Worker, timers: &'w Timers, deadline: Instant, body: Option<&'w Rc<Source>>) -> Self {
        let since = worker.clock.now();
        // Looked at again when it goes off: what happens meanwhile only makes it later.
        let first = if body.is_some() { timers.first_byte.min(timers.idle) } else { timers.first_byte };
        let alarm = worker.spare.alarm((since + first).min(deadline).into());
        Self { worker, alarm, since, deadline, timers, body }
    }

    /// Whether the client's next piece is what is waited for.
    pub fn waits_for_client(&self) -> bool {
        self.body.is_some_and(|body| body.waits())
    }

    /// Ready when it is over; which timer ended first gives its name to the answer.
    pub fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Refusal> {
        loop {
            ready!(self.alarm.poll(cx));
            let now = self.worker.clock.tick();
            if now >= self.deadline {
                return Poll::Ready(Refusal::RequestTimeout);
            }
            let moved = self.body.map_or(self.since, |body| self.since.max(body.moved()));
            let (limit, refusal) = if self.waits_for_client() {
                (self.timers.idle, Refusal::BodyTimeout)
            } else {
                (self.timers.first_byte, Refusal::UpstreamTimeout)
            };
            if now >= moved + limit {
                return Poll::Ready(refusal);
            }
            self.alarm.put_off((moved + limit).min(self.deadline).into());
        }
    }
}
