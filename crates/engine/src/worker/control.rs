//! What others may tell a connection: to end after the requests under way, or at once.

use super::io::Found;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

/// Until the first byte of the next request.
const IDLE: Duration = Duration::from_secs(600);
/// From a request's first byte to the end of its head.
const HEAD: Duration = Duration::from_secs(30);
/// HTTP/2 says goodbye in two steps; one who does not answer is not waited for.
const GOODBYE: Duration = Duration::from_secs(1);
/// For what is under way when a connection shall end: streams of this length are rather deployed than waited for.
const DRAIN: Duration = Duration::from_secs(600);

const WAITING: u8 = 0;
const READING: u8 = 1;
const BUSY: u8 = 2;

/// Atomic only because hyper wants the socket's wrapper to be `Send`; it stays on its worker's thread.
pub struct Control {
    pub door: u64,
    phase: AtomicU8,
    /// When the phase began, milliseconds behind [`epoch`].
    since: AtomicU64,
    requests: AtomicU32,
    /// HTTP/2: bytes may be anything, not only the begin of a request.
    multiplexed: AtomicBool,
    drain: AtomicBool,
    /// When it was told to end, milliseconds behind [`epoch`]; 0 if it was not.
    drained: AtomicU64,
    abort: AtomicBool,
    waker: Mutex<Option<Waker>>,
    pub heads: Arc<Found>,
}

fn epoch() -> Instant {
    static EPOCH: OnceLock<Instant> = OnceLock::new();
    *EPOCH.get_or_init(Instant::now)
}

fn now() -> u64 {
    // From 1, so that 0 can mean never.
    u64::try_from(epoch().elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1)
}

impl Control {
    pub fn new(door: u64) -> Self {
        // Who connects means to speak soon: the time of a head runs from the start.
        Self {
            door,
            phase: AtomicU8::new(READING),
            since: AtomicU64::new(now()),
            requests: AtomicU32::new(0),
            multiplexed: AtomicBool::new(false),
            drain: AtomicBool::new(false),
            drained: AtomicU64::new(0),
            abort: AtomicBool::new(false),
            waker: Mutex::default(),
            heads: Arc::default(),
        }
    }

    fn enter(&self, phase: u8) {
        self.phase.store(phase, Relaxed);
        if phase != BUSY {
            self.since.store(now(), Relaxed);
        }
    }

    pub fn is_multiplexed(&self) {
        self.multiplexed.store(true, Relaxed);
        self.enter(WAITING);
    }

    /// A request's head is complete.
    pub fn busy(&self) {
        self.requests.fetch_add(1, Relaxed);
        self.enter(BUSY);
    }

    /// A request is over.
    pub fn idle(&self) {
        if self.requests.fetch_sub(1, Relaxed) == 1 {
            self.enter(WAITING);
        }
    }

    pub fn bytes_came(&self) {
        if self.phase.load(Relaxed) == WAITING && !self.multiplexed.load(Relaxed) {
            self.enter(READING);
        }
    }

    /// Closes when idle, else behind the answers under way.
    pub fn drain(&self) {
        self.drain.store(true, Relaxed);
        let _ = self.drained.compare_exchange(0, now(), Relaxed, Relaxed);
        self.wake();
    }

    pub fn abort(&self) {
        self.abort.store(true, Relaxed);
        self.wake();
    }

    /// Ends what waited too long.
    pub fn check_time(&self) {
        let now = now();
        let since = |at: &AtomicU64| Duration::from_millis(now.saturating_sub(at.load(Relaxed)));
        let waited = since(&self.since);
        match self.phase.load(Relaxed) {
            WAITING if self.is_draining() && since(&self.drained).min(waited) > GOODBYE => self.abort(),
            WAITING if waited > IDLE => self.drain(),
            READING if waited > HEAD => self.abort(),
            _ if self.is_draining() && since(&self.drained) > DRAIN => self.abort(),
            _ => {}
        }
    }

    /// True once.
    pub fn takes_drain(&self) -> bool {
        self.drain.load(Relaxed) && self.drain.swap(false, Relaxed)
    }

    pub fn is_draining(&self) -> bool {
        self.drained.load(Relaxed) != 0
    }

    pub fn is_aborted(&self) -> bool {
        self.abort.load(Relaxed)
    }

    /// The task of this context is woken when something is told. The waker of a task stays the same, so once is
    /// enough.
    pub fn listen(&self, cx: &Context<'_>) {
        *self.waker.lock().unwrap_or_else(PoisonError::into_inner) = Some(cx.waker().clone());
    }

    fn wake(&self) {
        if let Some(waker) = &*self.waker.lock().unwrap_or_else(PoisonError::into_inner) {
            waker.wake_by_ref();
        }
    }
}
