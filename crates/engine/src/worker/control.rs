//! What others may tell a connection: to end after the request under way, or at once.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

/// Until the first byte of the next request.
const IDLE: Duration = Duration::from_secs(600);
/// From a request's first byte to the end of its head.
const HEAD: Duration = Duration::from_secs(30);

const WAITING: u8 = 0;
const READING: u8 = 1;
const BUSY: u8 = 2;

/// Atomic only because hyper wants the socket's wrapper to be `Send`; it stays on its worker's thread.
pub struct Control {
    pub door: u64,
    phase: AtomicU8,
    /// When the phase began, milliseconds behind [`epoch`].
    since: AtomicU64,
    drain: AtomicBool,
    abort: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

fn epoch() -> Instant {
    static EPOCH: OnceLock<Instant> = OnceLock::new();
    *EPOCH.get_or_init(Instant::now)
}

fn now() -> u64 {
    u64::try_from(epoch().elapsed().as_millis()).unwrap_or(u64::MAX)
}

impl Control {
    pub fn new(door: u64) -> Self {
        // Who connects means to speak soon: the time of a head runs from the start.
        Self {
            door,
            phase: AtomicU8::new(READING),
            since: AtomicU64::new(now()),
            drain: AtomicBool::new(false),
            abort: AtomicBool::new(false),
            waker: Mutex::new(None),
        }
    }

    fn enter(&self, phase: u8) {
        self.phase.store(phase, Relaxed);
        if phase != BUSY {
            self.since.store(now(), Relaxed);
        }
    }

    /// A request's head is complete.
    pub fn busy(&self) {
        self.enter(BUSY);
    }

    /// The request is over.
    pub fn idle(&self) {
        self.enter(WAITING);
    }

    pub fn bytes_came(&self) {
        if self.phase.load(Relaxed) == WAITING {
            self.enter(READING);
        }
    }

    /// Closes when idle, else behind the answer under way.
    pub fn drain(&self) {
        self.drain.store(true, Relaxed);
        self.wake();
    }

    pub fn abort(&self) {
        self.abort.store(true, Relaxed);
        self.wake();
    }

    /// Ends what waited too long.
    pub fn check_time(&self) {
        let waited = Duration::from_millis(now().saturating_sub(self.since.load(Relaxed)));
        match self.phase.load(Relaxed) {
            WAITING if waited > IDLE => self.drain(),
            READING if waited > HEAD => self.abort(),
            _ => {}
        }
    }

    /// True once.
    pub fn takes_drain(&self) -> bool {
        self.drain.load(Relaxed) && self.drain.swap(false, Relaxed)
    }

    pub fn is_aborted(&self) -> bool {
        self.abort.load(Relaxed)
    }

    pub fn set_waker(&self, waker: &Waker) {
        *self.waker.lock().unwrap_or_else(PoisonError::into_inner) = Some(waker.clone());
    }

    fn wake(&self) {
        if let Some(waker) = &*self.waker.lock().unwrap_or_else(PoisonError::into_inner) {
            waker.wake_by_ref();
        }
    }
}
