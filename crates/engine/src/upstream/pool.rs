//! Idle connections of one worker to each replica. The warmest is used first, so that those too many age out.

use crate::limit::{Meter, RequestBody};
use crate::worker::Worker;
use hyper::client::conn::http1::SendRequest;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Shorter than most servers' own, so that the engine is the one that closes.
const IDLE: Duration = Duration::from_secs(30);
/// Idle connections to one endpoint.
const KEPT: usize = 64;

pub type Sender = SendRequest<RequestBody>;

struct Idle {
    sender: Sender,
    since: Instant,
}

/// By the endpoint's key. Those of an endpoint that is no longer ready age out.
#[derive(Default)]
pub struct Pool(HashMap<u64, Vec<Idle>>);

impl Pool {
    /// The warmest that is not known to be closed.
    pub fn take(&mut self, key: u64) -> Option<Sender> {
        let idle = self.0.get_mut(&key)?;
        while let Some(warmest) = idle.pop() {
            if !warmest.sender.is_closed() && warmest.since.elapsed() < IDLE {
                return Some(warmest.sender);
            }
        }
        None
    }

    fn put(&mut self, key: u64, sender: Sender) {
        let idle = self.0.entry(key).or_default();
        if idle.len() < KEPT {
            idle.push(Idle { sender, since: Instant::now() });
        }
    }

    /// Closes what was idle too long.
    pub fn sweep(&mut self) {
        self.0.retain(|_, idle| {
            idle.retain(|idle| !idle.sender.is_closed() && idle.since.elapsed() < IDLE);
            !idle.is_empty()
        });
    }
}

/// A connection in use. Dropped, it is closed; released, it can carry the next request.
pub struct Lease {
    pub worker: Rc<Worker>,
    pub key: u64,
    pub sender: Sender,
}

impl Lease {
    /// After the last byte of the answer. A replica that answered before it read the request leaves bytes behind
    /// that the next request would trip over: that connection is closed.
    pub fn release(self, meter: &Meter) {
        if meter.is_ended() && !self.sender.is_closed() {
            self.worker.pool.borrow_mut().put(self.key, self.sender);
        }
    }
}
