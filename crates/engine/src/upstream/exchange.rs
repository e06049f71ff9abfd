//! Sends a request to a replica, to another one if it may, and waits for the answer's head.

use super::connect::{ConnectError, connect};
use super::pool::{Lease, Sender};
use super::replay::{Outgoing, Source};
use crate::answer::Refusal;
use crate::balance::{Now, Turn, millis};
use crate::config::{Endpoint, Service};
use crate::record::Flight;
use crate::worker::Worker;
use http::{Request, Response};
use hyper::body::Incoming;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// A connection that had been idle and breaks within this time was closed by the replica meanwhile.
const STALE: Duration = Duration::from_secs(1);

/// How sending ended without an answer.
enum Failed {
    /// Nothing of it went out: as good as a connection that failed.
    Unsent,
    /// It may have been read by the replica, but nothing came back.
    Broken,
    /// What came back is not HTTP.
    Nonsense,
}

/// A request on its way up. The body is none where there is none to send.
pub struct Ask {
    pub head: Request<()>,
    pub body: Option<Rc<Source>>,
    /// Over HTTP/2.
    pub many: bool,
    /// See [`crate::balance::key_of`].
    pub key: Option<u64>,
}

impl Ask {
    fn can_repeat(&self) -> bool {
        self.body.as_ref().is_none_or(|body| body.can_repeat())
    }

    fn request(&self) -> Request<Outgoing> {
        let mut request = Request::new(self.body.as_ref().map_or_else(Outgoing::empty, Source::read));
        request.method_mut().clone_from(self.head.method());
        request.uri_mut().clone_from(self.head.uri());
        *request.version_mut() = self.head.version();
        request.headers_mut().clone_from(self.head.headers());
        request
    }
}

pub async fn exchange(
    worker: &Rc<Worker>,
    flight: &mut Flight,
    service: &Service,
    ask: Ask,
) -> Result<(Response<Incoming>, Lease), Refusal> {
    service.spread.asked(&service.retry);
    let deadline = Instant::from_std(flight.started) + service.timers.request;
    let now = || Now { millis: millis(std::time::Instant::now()), random: worker.next_random() };
    let mut turn = Turn::take(service, ask.key, &now())?;
    // There are some; what they lack is room.
    let mut busy = turn.next(&now()).ok_or(Refusal::ReplicasBusy)?;
    let mut fresh = false;
    loop {
        let endpoint = busy.0.clone();
        flight.via_replica(&endpoint);
        let (sender, reused) = match pooled(worker, endpoint.key, ask.many, fresh).await {
            Some(sender) => (sender, true),
            None => match open(worker, &endpoint, ask.many, service.timers.connect, deadline).await {
                Ok(sender) => (sender, false),
                Err(Refusal::RequestTimeout) => return Err(Refusal::RequestTimeout),
                Err(refusal) => {
                    let now = now();
                    turn.failed(&endpoint, now.millis);
                    // It cost no replica anything: no budget is asked.
                    (busy, fresh) = (turn.next(&now).ok_or(refusal)?, false);
                    continue;
                }
            },
        };
        flight.sending();
        let mut lease = Lease { worker: worker.clone(), key: endpoint.key, sender, busy };
        // Whichever timer ends first gives its name to the answer.
        let started = Instant::now();
        let first_byte = started + service.timers.first_byte;
        let Ok(sent) = timeout_at(first_byte.min(deadline), send(&mut lease.sender, ask.request())).await else {
            turn.failed(&endpoint, now().millis);
            let whole = deadline <= first_byte;
            return Err(if whole { Refusal::RequestTimeout } else { Refusal::UpstreamTimeout });
        };
        if let (Err(_), Some(refusal)) = (&sent, flight.meter.refusal()) {
            return Err(refusal);
        }
        let now = now();
        let may_repeat = ask.can_repeat() && ask.head.method().is_idempotent();
        match sent {
            Ok(response) => {
                let status = response.status();
                if status.is_server_error() {
                    turn.failed(&endpoint, now.millis);
                } else {
                    let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
                    endpoint.load.succeeded(micros, now.millis);
                }
                let overloaded = matches!(status.as_u16(), 502..=504);
                if overloaded
                    && service.retry.on_status
                    && may_repeat
                    && let Some(next) = turn.next(&now).filter(|_| service.spread.may_retry())
                {
                    (busy, fresh) = (next, false);
                    continue;
                }
                if let Some(body) = &ask.body {
                    body.forget();
                }
                return Ok((response, lease));
            }
            Err(Failed::Unsent) if reused => (busy, fresh) = (lease.busy, true),
            // Whatever the method: had the replica been at work on it, it would not have gone silently at once.
            Err(Failed::Broken) if reused && ask.can_repeat() && started.elapsed() < STALE => {
                (busy, fresh) = (lease.busy, true);
            }
            Err(failed) => {
                turn.failed(&endpoint, now.millis);
                let (again, paid) = match failed {
                    Failed::Unsent => (ask.can_repeat(), false),
                    Failed::Broken => (may_repeat, true),
                    Failed::Nonsense => (false, false),
                };
                let next = if again { turn.next(&now) } else { None };
                let next = next.filter(|_| !paid || service.spread.may_retry());
                (busy, fresh) = (next.ok_or(Refusal::BadUpstream)?, false);
            }
        }
    }
}

/// An idle connection that is ready; none if it has to be a fresh one.
async fn pooled(worker: &Rc<Worker>, key: u64, many: bool, fresh: bool) -> Option<Sender> {
    if fresh {
        return None;
    }
    loop {
        // Not in the loop's head: the pool must not stay borrowed while waiting.
        let taken = worker.pool.borrow_mut().take(key, many);
        let mut sender = taken?;
        if sender.ready().await {
            return Some(sender);
        }
    }
}

async fn open(
    worker: &Rc<Worker>,
    endpoint: &Arc<Endpoint>,
    many: bool,
    limit: Duration,
    deadline: Instant,
) -> Result<Sender, Refusal> {
    let limit = Instant::now() + limit;
    match timeout_at(limit.min(deadline), connect(endpoint.address, many)).await {
        Ok(Ok(sender)) => {
            worker.pool.borrow_mut().share(endpoint.key, &sender);
            Ok(sender)
        }
        Ok(Err(error)) => {
            say(endpoint, &error);
            Err(Refusal::BadUpstream)
        }
        Err(_) if deadline <= limit => Err(Refusal::RequestTimeout),
        Err(_) => Err(Refusal::UpstreamTimeout),
    }
}

/// The request's record says it to the operator; this is for whoever looks closer.
fn say(endpoint: &Endpoint, error: &ConnectError) {
    tracing::debug!(replica = %endpoint.replica_id, address = %endpoint.address, %error, "a replica does not accept");
}

async fn send(sender: &mut Sender, request: Request<Outgoing>) -> Result<Response<Incoming>, Failed> {
    sender.send(request).await.map_err(|mut failed| {
        let unsent = failed.take_message().is_some();
        let error = failed.error();
        if unsent {
            Failed::Unsent
        } else if error.is_parse() || error.is_user() {
            Failed::Nonsense
        } else {
            Failed::Broken
        }
    })
}
