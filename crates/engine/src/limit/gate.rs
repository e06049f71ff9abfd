//! How many requests of a service are under way at once, and who waits for a place.
//!
//! While nobody waits, entering and leaving is one compare-and-swap. Who waits gets a place from who leaves, in the
//! order of arrival, on whichever thread; nobody who comes later passes by.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use tokio::sync::oneshot;

/// One who waits, in the upper half of the state; those inside are in the lower one.
const WAITING: u64 = 1 << 32;

#[derive(Default)]
pub struct Gate {
    /// Changes from and to "somebody waits" are made with the queue locked.
    state: AtomicU64,
    /// As whoever came last was told.
    limit: AtomicU32,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    next: u64,
    waiting: VecDeque<(u64, oneshot::Sender<Permit>)>,
}

/// A place inside, until it is dropped.
pub struct Permit(Option<Arc<Gate>>);

/// A place in the queue, until it is dropped; resolves to a place inside.
pub struct Waiting {
    gate: Arc<Gate>,
    number: u64,
    granted: oneshot::Receiver<Permit>,
}

pub enum Entry {
    Inside(Permit),
    Waiting(Waiting),
    /// Nor may one more wait.
    Full,
}

fn split(state: u64) -> (u32, u32) {
    (state as u32, (state >> 32) as u32)
}

impl Gate {
    /// `limit` may be inside, `queue` more may wait.
    pub fn enter(self: &Arc<Self>, limit: u32, queue: u32) -> Entry {
        self.limit.store(limit, Ordering::Relaxed);
        if self.try_enter(limit) {
            return Entry::Inside(Permit(Some(self.clone())));
        }
        let mut line = self.lock();
        let queued = self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, |state| {
            let (inside, waiting) = split(state);
            match () {
                () if waiting == 0 && inside < limit => Some(state + 1),
                () if waiting < queue => Some(state + WAITING),
                () => None,
            }
        });
        let Ok(before) = queued else { return Entry::Full };
        let (inside, waiting) = split(before);
        if waiting == 0 && inside < limit {
            return Entry::Inside(Permit(Some(self.clone())));
        }
        let (sender, granted) = oneshot::channel();
        let number = line.next;
        line.next += 1;
        line.waiting.push_back((number, sender));
        // The limit may be higher than when the others came.
        self.grant(&mut line);
        Entry::Waiting(Waiting { gate: self.clone(), number, granted })
    }

    /// Lets in who may come in under a new limit.
    pub fn set_limit(self: &Arc<Self>, limit: u32) {
        self.limit.store(limit, Ordering::Relaxed);
        // Whoever stands in line sees what was published before this, or is seen here.
        fence(Ordering::SeqCst);
        if split(self.state.load(Ordering::Acquire)).1 > 0 {
            self.grant(&mut self.lock());
        }
    }

    fn try_enter(&self, limit: u32) -> bool {
        let enter = |state| (split(state).1 == 0 && split(state).0 < limit).then_some(state + 1);
        self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, enter).is_ok()
    }

    fn leave(self: &Arc<Self>) {
        let leave = |state| (split(state).1 == 0).then(|| state - 1);
        if self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, leave).is_err() {
            let mut line = self.lock();
            self.state.fetch_sub(1, Ordering::AcqRel);
            self.grant(&mut line);
        }
    }

    fn grant(self: &Arc<Self>, line: &mut Queue) {
        let limit = self.limit.load(Ordering::Relaxed);
        let pass = |state| {
            let (inside, waiting) = split(state);
            (waiting > 0 && inside < limit).then(|| state - WAITING + 1)
        };
        while self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, pass).is_ok() {
            let Some((_, first)) = line.waiting.pop_front() else { return };
            if let Err(mut permit) = first.send(Permit(Some(self.clone()))) {
                // Gone meanwhile. Dropping the permit would lock the queue again.
                permit.0 = None;
                self.state.fetch_sub(1, Ordering::AcqRel);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(gate) = self.0.take() {
            gate.leave();
        }
    }
}

impl Future for Waiting {
    type Output = Option<Permit>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Permit>> {
        Pin::new(&mut self.granted).poll(cx).map(Result::ok)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut line = self.gate.lock();
        let place = line.waiting.iter().position(|(number, _)| *number == self.number);
        // If it is not there any more, the permit goes with the receiver.
        if place.and_then(|place| line.waiting.remove(place)).is_some() {
            self.gate.state.fetch_sub(WAITING, Ordering::AcqRel);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::task::Waker;

    fn ready(waiting: &mut Waiting) -> Option<Permit> {
        match Pin::new(waiting).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(permit) => permit,
            Poll::Pending => None,
        }
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Enter,
        Leave(usize),
        GiveUp(usize),
        Limit(u32),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => Just(Step::Enter),
            3 => any::<usize>().prop_map(Step::Leave),
            1 => any::<usize>().prop_map(Step::GiveUp),
            1 => (0u32..5).prop_map(Step::Limit),
        ]
    }

    proptest! {
        /// Against the plainest thing that does the same.
        #[test]
        fn first_come_first_served(steps in prop::collection::vec(step(), 0..80)) {
            let gate = Arc::new(Gate::default());
            let (mut limit, mut inside, mut line) = (2, Vec::new(), VecDeque::new());
            for step in steps {
                match step {
                    Step::Enter => match gate.enter(limit, 3) {
                        Entry::Inside(permit) => {
                            prop_assert!(line.is_empty() && inside.len() < limit as usize);
                            inside.push(permit);
                        }
                        Entry::Waiting(waiting) => line.push_back(waiting),
                        Entry::Full => prop_assert!(line.len() == 3),
                    },
                    Step::Leave(at) if !inside.is_empty() => drop(inside.swap_remove(at % inside.len())),
                    Step::GiveUp(at) if !line.is_empty() => drop(line.remove(at % line.len())),
                    Step::Limit(new) => {
                        limit = new;
                        gate.set_limit(limit);
                    }
                    _ => {}
                }
                while let Some(permit) = line.front_mut().and_then(ready) {
                    inside.push(permit);
                    line.pop_front();
                }
                prop_assert!(line.iter_mut().all(|waiting| ready(waiting).is_none()), "in order");
                prop_assert!(line.is_empty() || inside.len() >= limit as usize, "nobody waits for nothing");
                prop_assert_eq!(split(gate.state.load(Ordering::SeqCst)), (inside.len() as u32, line.len() as u32));
            }
        }
    }

    #[test]
    fn many_threads() {
        let gate = Arc::new(Gate::default());
        let inside = Arc::new(AtomicU32::new(0));
        let threads = (0..4).map(|_| {
            let (gate, inside) = (gate.clone(), inside.clone());
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
                for turn in 0..3000u32 {
                    let permit = match gate.enter(2, 8) {
                        Entry::Inside(permit) => permit,
                        Entry::Waiting(waiting) if turn % 7 == 0 => {
                            drop(waiting);
                            continue;
                        }
                        Entry::Waiting(waiting) => runtime.block_on(waiting).expect("a place"),
                        Entry::Full => unreachable!("there is room for all"),
                    };
                    assert!(inside.fetch_add(1, Ordering::SeqCst) < 2);
                    inside.fetch_sub(1, Ordering::SeqCst);
                    drop(permit);
                }
            })
        });
        threads.collect::<Vec<_>>().into_iter().for_each(|thread| thread.join().expect("ends well"));
        assert_eq!(gate.state.load(Ordering::SeqCst), 0);
    }
}
