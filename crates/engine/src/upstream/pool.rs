//! Connections of one worker to each replica: idle ones of HTTP/1.1, the warmest first, so that those too many age
//! out; and those of HTTP/2, which carry many requests at once.

use super::replay::Outgoing;
use crate::balance::Busy;
use crate::http1::Replica;
use crate::limit::Meter;
use crate::worker::Worker;
use hyper::client::conn::http2;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Shorter than most servers' own, so that the engine is the one that closes.
const IDLE: Duration = Duration::from_secs(30);
/// Idle connections to one endpoint.
const KEPT: usize = 64;
/// Requests on one HTTP/2 connection; where the replica allows fewer, the others wait for their turn.
const STREAMS: usize = 100;

/// What sends requests to a replica.
pub enum Sender {
    /// HTTP/1.1: one at a time.
    One(Box<Replica>),
    /// HTTP/2.
    Many(Many),
}

/// A share of an HTTP/2 connection.
#[derive(Clone)]
pub struct Many {
    pub sender: http2::SendRequest<Outgoing>,
    /// As many as there are requests under way, and one in the pool.
    shares: Rc<()>,
}

impl Many {
    pub fn new(sender: http2::SendRequest<Outgoing>) -> Self {
        Self { sender, shares: Rc::new(()) }
    }

    fn has_room(&self) -> bool {
        !self.sender.is_closed() && Rc::strong_count(&self.shares) <= STREAMS
    }
}

struct Idle {
    replica: Box<Replica>,
    since: Instant,
}

/// By the endpoint's key. Those of an endpoint that is no longer ready age out.
#[derive(Default)]
pub struct Pool {
    idle: HashMap<u64, Vec<Idle>>,
    many: HashMap<u64, Vec<(Many, Instant)>>,
}

impl Pool {
    /// One that is not known to be closed.
    pub fn take(&mut self, key: u64, many: bool) -> Option<Sender> {
        if many {
            let open = self.many.get_mut(&key)?;
            let (found, used) = open.iter_mut().find(|(many, _)| many.has_room())?;
            *used = Instant::now();
            return Some(Sender::Many(found.clone()));
        }
        let idle = self.idle.get_mut(&key)?;
        while let Some(warmest) = idle.pop() {
            if warmest.replica.is_quiet() {
                return Some(Sender::One(warmest.replica));
            }
        }
        None
    }

    /// A new connection that others shall share.
    pub fn share(&mut self, key: u64, sender: &Sender) {
        if let Sender::Many(many) = sender {
            self.many.entry(key).or_default().push((many.clone(), Instant::now()));
        }
    }

    fn put(&mut self, key: u64, replica: Box<Replica>, now: Instant) {
        let idle = self.idle.entry(key).or_default();
        if idle.len() < KEPT {
            idle.push(Idle { replica, since: now });
        }
    }

    /// Closes what was idle too long.
    pub fn sweep(&mut self) {
        self.idle.retain(|_, idle| {
            idle.retain(|idle| idle.since.elapsed() < IDLE && idle.replica.is_quiet());
            !idle.is_empty()
        });
        self.many.retain(|_, open| {
            open.retain(|(many, used)| {
                !many.sender.is_closed() && (Rc::strong_count(&many.shares) > 1 || used.elapsed() < IDLE)
            });
            !open.is_empty()
        });
    }
}

/// A connection in use. Dropped, it is closed (or its request is reset); released, it can carry the next request.
pub struct Lease {
    pub worker: Rc<Worker>,
    pub key: u64,
    pub sender: Sender,
    /// Counted until the answer has ended.
    pub busy: Busy,
}

impl Lease {
    /// After the last byte of the answer. A replica that answered before it read the request leaves bytes behind
    /// that the next request would trip over: that connection is closed.
    pub fn release(self, meter: &Meter) {
        if let Sender::One(mut replica) = self.sender
            && meter.is_ended()
            && replica.is_reusable()
        {
            if let Some(spent) = replica.take_spent() {
                self.worker.spare.give_buffer(spent);
            }
            self.worker.pool.borrow_mut().put(self.key, replica, self.worker.clock.now());
        }
    }
}
