//! Time between two pieces of an answer, counted only while the client would take one.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

pub struct Pause {
    limit: Duration,
    since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Pause {
    pub fn new(limit: Duration) -> Self {
        Self { limit, since: None, timer: None }
    }

    /// A piece came.
    pub fn restart(&mut self) {
        self.since = None;
    }

    /// Asked while there is none; wakes the task when it is.
    pub fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        let end = *self.since.get_or_insert_with(Instant::now) + self.limit;
        // The timer is not touched for each piece: it fires, and then it is looked whether it had reason to.
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(end)));
        while let Poll::Ready(()) = timer.as_mut().poll(cx) {
            if Instant::now() >= end {
                return true;
            }
            timer.as_mut().reset(end);
        }
        false
    }
}
