//! What requests use for a moment and leave to the next one: memory for heads, timers. Its size follows what is under
//! way at once, not how many connections there are.

use std::cell::RefCell;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::time::{Instant, Sleep, sleep_until};

const KEPT: usize = 64;
/// Memory that has grown larger is given back.
const LARGEST: usize = 128 * 1024;

#[derive(Default)]
pub struct Spare {
    buffers: RefCell<Vec<Vec<u8>>>,
    alarms: RefCell<Vec<Pin<Box<Sleep>>>>,
}

impl Spare {
    /// An empty one.
    pub fn buffer(&self) -> Vec<u8> {
        self.buffers.borrow_mut().pop().unwrap_or_else(|| Vec::with_capacity(1024))
    }

    pub fn give_buffer(&self, mut buffer: Vec<u8>) {
        let mut buffers = self.buffers.borrow_mut();
        if buffers.len() < KEPT && (1..=LARGEST).contains(&buffer.capacity()) {
            buffer.clear();
            buffers.push(buffer);
        }
    }

    /// A timer that goes off at this time. One that was set before is only put off, which costs next to nothing.
    pub fn alarm(&self, at: Instant) -> Alarm<'_> {
        let alarm = self.alarms.borrow_mut().pop();
        Alarm { spare: self, at, timer: alarm, is_set: false }
    }
}

pub struct Alarm<'s> {
    spare: &'s Spare,
    at: Instant,
    timer: Option<Pin<Box<Sleep>>>,
    is_set: bool,
}

impl Alarm<'_> {
    /// It goes off at another time.
    pub fn put_off(&mut self, at: Instant) {
        (self.at, self.is_set) = (at, false);
    }

    pub fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let at = self.at;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(at)));
        if !self.is_set {
            timer.as_mut().reset(at);
            self.is_set = true;
        }
        timer.as_mut().poll(cx)
    }
}

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        let mut alarms = self.spare.alarms.borrow_mut();
        if let Some(timer) = self.timer.take()
            && alarms.len() < KEPT
        {
            alarms.push(timer);
        }
    }
}
