//! Sends a request to a replica, to another one if the first does not even accept, and waits for the answer's head.

use super::connect::{ConnectError, connect};
use super::pool::{Lease, Sender};
use crate::answer::Refusal;
use crate::balance::Turn;
use crate::config::{Endpoint, Service};
use crate::limit::{Meter, RequestBody};
use crate::record::Flight;
use crate::worker::Worker;
use http::{Request, Response};
use hyper::body::{Body, Incoming};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Replicas that are asked for one request.
const REPLICAS: usize = 3;

/// How sending ended without an answer.
enum Failed {
    /// Nothing of it went out: as good as a connection that failed.
    Unsent(Request<RequestBody>),
    /// It may have been read by the replica.
    Broken,
    /// It went out on a connection that had been idle and came back with nothing: the replica closed it meanwhile.
    Stale(Request<RequestBody>),
}

pub async fn exchange(
    worker: &Rc<Worker>,
    flight: &mut Flight,
    service: &Service,
    mut request: Request<RequestBody>,
    many: bool,
) -> Result<(Response<Incoming>, Lease), Refusal> {
    let turn = Turn::take(service)?;
    let deadline = Instant::from_std(flight.started) + service.timers.request;
    let (mut tried, mut fresh) = (0, false);
    loop {
        let endpoint = turn.endpoint(tried);
        flight.via_replica(endpoint);
        let (sender, reused) = match pooled(worker, endpoint.key, many, fresh).await {
            Some(sender) => (sender, true),
            None => match open(worker, endpoint, many, service.timers.connect, deadline).await {
                Ok(sender) => (sender, false),
                Err(refusal) => {
                    tried += 1;
                    if refusal == Refusal::RequestTimeout || tried >= turn.len().min(REPLICAS) {
                        return Err(refusal);
                    }
                    continue;
                }
            },
        };
        let mut lease = Lease { worker: worker.clone(), key: endpoint.key, sender };
        // Whichever timer ends first gives its name to the answer.
        let first_byte = Instant::now() + service.timers.first_byte;
        let sent = send(&mut lease.sender, request, reused, &flight.meter);
        let Ok(sent) = timeout_at(first_byte.min(deadline), sent).await else {
            let whole = deadline <= first_byte;
            return Err(if whole { Refusal::RequestTimeout } else { Refusal::UpstreamTimeout });
        };
        if let (Err(_), Some(refusal)) = (&sent, flight.meter.refusal()) {
            return Err(refusal);
        }
        match sent {
            Ok(response) => return Ok((response, lease)),
            Err(Failed::Broken) => return Err(Refusal::BadUpstream),
            Err(Failed::Stale(again)) if !fresh => {
                (request, fresh) = (again, true);
            }
            Err(Failed::Unsent(again)) if reused => {
                (request, fresh) = (again, true);
            }
            Err(Failed::Unsent(again)) if tried + 1 < turn.len().min(REPLICAS) => {
                (request, tried) = (again, tried + 1);
            }
            Err(Failed::Stale(_) | Failed::Unsent(_)) => return Err(Refusal::BadUpstream),
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

async fn send(
    sender: &mut Sender,
    request: Request<RequestBody>,
    reused: bool,
    meter: &Rc<Meter>,
) -> Result<Response<Incoming>, Failed> {
    // A replica may have done what was asked before its connection broke: only what may be done twice is asked twice.
    let repeatable = request.body().is_end_stream() && request.method().is_idempotent();
    let template = (reused && repeatable).then(|| head_of(&request, meter));
    match sender.send(request).await {
        Ok(response) => Ok(response),
        Err(mut failed) => {
            if let Some(unsent) = failed.take_message() {
                return Err(Failed::Unsent(unsent));
            }
            let error = failed.error();
            let nonsense = error.is_parse() || error.is_user();
            Err(template.filter(|_| !nonsense).map_or(Failed::Broken, Failed::Stale))
        }
    }
}

fn head_of(request: &Request<RequestBody>, meter: &Rc<Meter>) -> Request<RequestBody> {
    let mut copy = Request::new(RequestBody::empty(meter.clone()));
    copy.method_mut().clone_from(request.method());
    copy.uri_mut().clone_from(request.uri());
    copy.headers_mut().clone_from(request.headers());
    copy
}
