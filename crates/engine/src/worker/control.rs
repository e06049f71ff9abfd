//! What others may tell a connection: to end after the requests under way, or at once.

use super::Clock;
use super::offer::Offers;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

/// Until the first byte of the next request.
const IDLE: Duration = Duration::from_secs(600);
/// From a request's first byte to the end of its head.
pub(super) const HEAD: Duration = Duration::from_secs(30);
/// Of an answer that is there and that the client does not take.
const STALL: Duration = Duration::from_secs(600);
/// HTTP/2 says goodbye in two steps, and closes by itself when all is written, which nobody sees from outside; one who
/// does not answer is waited for so many times as long as a silent one of HTTP/1.1.
const GOODBYE: u32 = 5;
/// For what answers that are cut off have to say of it.
pub(super) const LAST_WORDS: Duration = Duration::from_secs(1);

/// What connections have that shall end.
#[derive(Clone, Copy, Debug)]
pub struct Drain {
    /// Idle ones stay open so long: a request may be on its way to them.
    pub least: Duration,
    /// What is under way is cut off after it: streams of this length are rather deployed than waited for.
    pub most: Duration,
}

impl Default for Drain {
    fn default() -> Self {
        Self { least: Duration::from_secs(1), most: Duration::from_secs(600) }
    }
}

pub struct Control {
    pub door: u64,
    clock: Rc<Clock>,
    window: Drain,
    /// A byte has come.
    has_spoken: Cell<bool>,
    phase: Cell<Phase>,
    /// When the phase began.
    since: Cell<Instant>,
    requests: Cell<u32>,
    /// HTTP/2: bytes may be anything, not only the begin of a request.
    multiplexed: Cell<bool>,
    pub(super) offers: Offers,
    drain: Cell<bool>,
    /// When it was told to end.
    drained: Cell<Option<Instant>>,
    /// Answers end where they are; those that can say why.
    cut: Cell<bool>,
    abort: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Waiting,
    Reading,
    Busy,
}

/// Until it is dropped.
pub struct Busy<'c>(&'c Control);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.idle();
    }
}

impl Control {
    pub fn new(door: u64, clock: Rc<Clock>, window: Drain) -> Self {
        // Who connects means to speak soon: the time of a head runs from the start.
        let now = clock.tick();
        Self {
            door,
            clock,
            window,
            has_spoken: Cell::new(false),
            phase: Cell::new(Phase::Reading),
            since: Cell::new(now),
            requests: Cell::new(0),
            multiplexed: Cell::new(false),
            offers: Offers::default(),
            drain: Cell::new(false),
            drained: Cell::new(None),
            cut: Cell::new(false),
            abort: Cell::new(false),
            waker: RefCell::default(),
        }
    }

    fn enter(&self, phase: Phase) {
        self.phase.set(phase);
        self.since.set(self.clock.now());
    }

    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    pub fn is_multiplexed(&self) {
        self.multiplexed.set(true);
        self.enter(Phase::Waiting);
    }

    /// A request's head is complete.
    pub fn busy(&self) {
        self.requests.set(self.requests.get() + 1);
        self.enter(Phase::Busy);
    }

    /// A request is over.
    pub fn idle(&self) {
        let left = self.requests.get().saturating_sub(1);
        self.requests.set(left);
        if left == 0 {
            self.enter(Phase::Waiting);
        }
    }

    /// Beside a request's flight, which ends before what it brought is written.
    pub fn while_busy(&self) -> Busy<'_> {
        self.busy();
        Busy(self)
    }

    pub fn bytes_came(&self) {
        self.has_spoken.set(true);
        if self.phase.get() == Phase::Waiting && !self.multiplexed.get() {
            self.enter(Phase::Reading);
        }
    }

    /// Closes when idle, else behind the answers under way.
    pub fn drain(&self) {
        self.drain.set(true);
        if self.drained.get().is_none() {
            self.drained.set(Some(self.clock.tick()));
        }
        self.wake();
    }

    /// The window is over: an event stream says so before it ends.
    pub fn cut(&self) {
        if !self.cut.replace(true) {
            self.offers.wake();
            self.wake();
        }
    }

    pub fn is_cut(&self) -> bool {
        self.cut.get()
    }

    pub fn abort(&self) {
        self.abort.set(true);
        self.wake();
    }

    /// Told to end, and without a request for as long as one may be on its way.
    pub fn is_over(&self) -> bool {
        let Some(drained) = self.drained.get() else { return false };
        let is_idle = match self.phase.get() {
            Phase::Waiting => true,
            Phase::Reading => !self.has_spoken.get(),
            Phase::Busy => false,
        };
        let times = if self.multiplexed.get() { GOODBYE } else { 1 };
        let least = self.window.least * times;
        is_idle && self.clock.now().saturating_duration_since(drained.max(self.since.get())) >= least
    }

    /// Ends what waited too long.
    pub fn check_time(&self) {
        let now = self.now();
        self.offers.end(now, STALL);
        let waited = now.saturating_duration_since(self.since.get());
        let draining = self.drained.get().map(|since| now.saturating_duration_since(since));
        match self.phase.get() {
            _ if self.is_over() => self.abort(),
            Phase::Waiting if waited > IDLE => self.drain(),
            Phase::Reading if waited > HEAD => self.abort(),
            _ if draining.is_some_and(|draining| draining > self.window.most + LAST_WORDS) => self.abort(),
            _ if draining.is_some_and(|draining| draining > self.window.most) => self.cut(),
            _ => {}
        }
    }

    /// True once.
    pub fn takes_drain(&self) -> bool {
        self.drain.replace(false)
    }

    pub fn is_draining(&self) -> bool {
        self.drained.get().is_some()
    }

    pub fn is_aborted(&self) -> bool {
        self.abort.get()
    }

    /// The task of this context is woken when something is told. The waker of a task stays the same, so once is
    /// enough.
    pub fn listen(&self, cx: &Context<'_>) {
        *self.waker.borrow_mut() = Some(cx.waker().clone());
    }

    fn wake(&self) {
        if let Some(waker) = &*self.waker.borrow() {
            waker.wake_by_ref();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A connection that has been so for this long, and is looked at then.
    fn after(waited: Duration, begin: impl Fn(&Control)) -> Control {
        let clock = Rc::new(Clock::default());
        let control = Control::new(1, clock.clone(), Drain::default());
        begin(&control);
        clock.put_forward(waited);
        control.check_time();
        control
    }

    #[test]
    fn a_silent_client_is_waited_for_ten_minutes_and_its_head_for_half_a_minute() {
        let idle = |control: &Control| {
            control.busy();
            control.idle();
        };
        assert!(!after(IDLE, idle).is_draining());
        assert!(after(IDLE + Duration::from_secs(1), idle).is_draining());
        let reading = |control: &Control| {
            idle(control);
            control.bytes_came();
        };
        assert!(!after(HEAD, reading).is_aborted());
        assert!(after(HEAD + Duration::from_secs(1), reading).is_aborted());
        // A request may take as long as its own timers let it.
        assert!(!after(IDLE * 2, |control| control.busy()).is_draining());
    }
}
