//! Sends a request to a replica, to another one if it may, and waits for the answer's head.

use super::connect::{ConnectError, connect};
use super::patience::Patience;
use super::pool::{Lease, Many, Sender};
use super::replay::{Outgoing, Source};
use crate::answer::Refusal;
use crate::balance::{Now, Turn, millis};
use crate::config::{Endpoint, Service};
use crate::headers::Upward;
use crate::http1::{self, Framing, Interim, SendError};
use crate::message::{AnswerFields, Head, Name};
use crate::record::Flight;
use crate::worker::{Protocol, Worker};
use http::{Method, StatusCode};
use hyper::body::{Body, Incoming};
use hyper::upgrade::OnUpgrade;
use std::error::Error;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// A connection that had been idle and breaks within this time was closed by the replica meanwhile.
const STALE: Duration = Duration::from_secs(1);

/// A request on its way up. The body is none where there is none to send.
pub struct Ask<'r> {
    pub up: Upward<'r>,
    pub body: Option<Rc<Source>>,
    /// Over HTTP/2.
    pub many: bool,
    pub trailers: bool,
    /// See [`crate::balance::key_of`].
    pub key: Option<u64>,
}

/// What the replica answered.
pub struct Answered {
    pub status: StatusCode,
    pub fields: AnswerFields,
    /// Of HTTP/2; that of HTTP/1.1 is read from the connection.
    pub body: Option<Incoming>,
    /// Of HTTP/2: what becomes a tunnel.
    pub upgrade: Option<OnUpgrade>,
    pub lease: Lease,
}

impl Ask<'_> {
    fn can_repeat(&self) -> bool {
        self.body.as_ref().is_none_or(|body| body.can_repeat())
    }

    /// Requests of HTTP/1.1 are driven by their connection, which has just looked; those of HTTP/2 and their answers
    /// may come in the middle of another one's work.
    fn look_at_clock(&self, worker: &Worker) {
        if self.many || self.up.conn.protocol == Protocol::Http2 {
            worker.clock.tick();
        }
    }

    fn method(&self) -> &Method {
        &self.up.head.method
    }

    fn outgoing(&self) -> Outgoing {
        self.body.as_ref().map_or_else(Outgoing::empty, Source::read)
    }
}

pub async fn exchange(
    worker: &Rc<Worker>,
    flight: &mut Flight,
    service: &Service,
    ask: &Ask<'_>,
    interim: Interim<'_>,
) -> Result<Answered, Refusal> {
    service.spread.asked(&service.retry);
    let deadline = Instant::from_std(flight.timed_from) + service.timers.request;
    let now = || Now { millis: millis(worker.clock.now()), random: worker.next_random() };
    let mut turn = Turn::take(service, ask.key, &now())?;
    // There are some; what they lack is room.
    let mut busy = turn.next(&now()).ok_or(Refusal::ReplicasBusy)?;
    let mut fresh = false;
    loop {
        let endpoint = busy.0.clone();
        ask.look_at_clock(worker);
        flight.via_replica(&endpoint);
        let (sender, reused) = match pooled(worker, endpoint.key, ask.many, fresh) {
            Some(sender) => (sender, true),
            // Boxed: it is rare, and all requests would carry the room for it.
            None => match Box::pin(open(worker, &endpoint, ask.many, service.timers.connect, deadline)).await {
                Ok(sender) => (sender, false),
                Err(Refusal::RequestTimeout) => return Err(Refusal::RequestTimeout),
                Err(refusal) => {
                    let now = now();
                    turn.failed(&endpoint, now.millis);
                    look_again(worker, flight, service, &mut turn);
                    // It cost no replica anything: no budget is asked.
                    (busy, fresh) = (turn.next(&now).ok_or(refusal)?, false);
                    continue;
                }
            },
        };
        flight.sending();
        let mut lease = Lease { worker: worker.clone(), key: endpoint.key, sender, busy };
        let started = worker.clock.now();
        let mut patience = Patience::new(worker, &service.timers, deadline.into_std(), ask.body.as_ref());
        let sent = match send(worker, &mut lease.sender, ask, &mut patience, &mut *interim).await {
            Ok(sent) => sent,
            Err(refusal) => {
                // A client that does not send is no failure of who would have answered.
                if !patience.waits_for_client() {
                    turn.failed(&endpoint, now().millis);
                }
                return Err(refusal);
            }
        };
        drop(patience);
        ask.look_at_clock(worker);
        if let (Err(_), Some(refusal)) = (&sent, flight.meter.refusal()) {
            return Err(refusal);
        }
        let now = now();
        let may_repeat = ask.can_repeat() && ask.method().is_idempotent();
        match sent {
            Ok((status, fields, http2)) => {
                if status.is_server_error() {
                    turn.failed(&endpoint, now.millis);
                } else {
                    let waited = worker.clock.now().saturating_duration_since(started);
                    let micros = u64::try_from(waited.as_micros()).unwrap_or(u64::MAX);
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
                let (body, upgrade) = http2.map_or((None, None), |(body, upgrade)| (Some(body), upgrade));
                return Ok(Answered { status, fields, body, upgrade, lease });
            }
            Err(SendError::Unsent) if reused && ask.can_repeat() => (busy, fresh) = (lease.busy, true),
            // Whatever the method: had the replica been at work on it, it would not have gone silently at once.
            Err(SendError::Broken { heard: false }) if reused && ask.can_repeat() && started.elapsed() < STALE => {
                (busy, fresh) = (lease.busy, true);
            }
            Err(failed) => {
                turn.failed(&endpoint, now.millis);
                let (again, paid) = match failed {
                    SendError::Unsent => (ask.can_repeat(), false),
                    // What was heard may have gone on to the client.
                    SendError::Broken { heard } => (may_repeat && !heard, true),
                    SendError::Reset => (may_repeat, true),
                    SendError::Nonsense | SendError::Body => (false, false),
                };
                look_again(worker, flight, service, &mut turn);
                let next = if again { turn.next(&now) } else { None };
                let next = next.filter(|_| !paid || service.spread.may_retry());
                (busy, fresh) = (next.ok_or(Refusal::BadUpstream)?, false);
            }
        }
    }
}

/// A replica that fails may have been taken away since the request was read, and others with it.
fn look_again(worker: &Worker, flight: &Flight, service: &Service, turn: &mut Turn<'_>) {
    let table = worker.table.load();
    let gateway = flight.gateway().and_then(|gateway| table.gateways.get(&gateway.id));
    if let Some(now) =
        gateway.and_then(|gateway| gateway.services.get(&*service.name)).filter(|now| now.id == service.id)
    {
        turn.renew(now);
    }
}

/// An idle connection; none if it has to be a fresh one.
fn pooled(worker: &Worker, key: u64, many: bool, fresh: bool) -> Option<Sender> {
    if fresh { None } else { worker.pool.borrow_mut().take(key, many) }
}

async fn open(
    worker: &Rc<Worker>,
    endpoint: &Arc<Endpoint>,
    many: bool,
    limit: Duration,
    deadline: Instant,
) -> Result<Sender, Refusal> {
    let limit = Instant::now() + limit;
    let opened = timeout_at(limit.min(deadline), connect(endpoint.address, many)).await;
    worker.clock.tick();
    match opened {
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

type Sent = Result<(StatusCode, AnswerFields, Option<(Incoming, Option<OnUpgrade>)>), SendError>;

/// # Errors
/// When the patience ends first.
async fn send(
    worker: &Worker,
    sender: &mut Sender,
    ask: &Ask<'_>,
    patience: &mut Patience<'_>,
    interim: Interim<'_>,
) -> Result<Sent, Refusal> {
    let replica = match sender {
        Sender::One(replica) => replica,
        Sender::Many(many) => return Box::pin(send_http2(many, ask, patience)).await,
    };
    let body = ask.outgoing();
    let mut head = worker.spare.buffer();
    ask.up.write(&mut head);
    let framing = framing(ask, &body);
    match framing {
        Framing::Length(0) if !says_nothing(ask.up.head) => {}
        Framing::Length(length) => http1::respond::number(&mut head, b"content-length: ", length),
        Framing::Chunked | Framing::UntilClose => head.extend_from_slice(b"transfer-encoding: chunked\r\n"),
    }
    head.extend_from_slice(b"\r\n");
    replica.start(head, body, framing);
    let no_body = ask.method() == Method::HEAD;
    poll_fn(|cx| {
        if let Poll::Ready(answer) = replica.poll_answer(cx, &worker.scratch, no_body, &mut *interim) {
            return Poll::Ready(Ok(answer.map(|head| (head.status, AnswerFields::Raw(head.fields), None))));
        }
        patience.poll(cx).map(Err)
    })
    .await
}

fn framing(ask: &Ask<'_>, body: &Outgoing) -> Framing {
    if ask.body.is_none() {
        return Framing::Length(0);
    }
    match body.size_hint().exact() {
        Some(length) => Framing::Length(length),
        None => Framing::Chunked,
    }
}

/// Whether the replica has to be told that nothing comes: the client said so, or something is expected.
fn says_nothing(head: &Head) -> bool {
    head.fields.has(Name::ContentLength) || matches!(head.method, Method::POST | Method::PUT | Method::PATCH)
}

/// Why the replica ended the request itself; `None` if something else ended it.
fn reset(error: &hyper::Error) -> Option<h2::Reason> {
    let error = error.source()?.downcast_ref::<h2::Error>()?;
    error.reason().filter(|_| error.is_reset() && error.is_remote())
}

async fn send_http2(many: &mut Many, ask: &Ask<'_>, patience: &mut Patience<'_>) -> Result<Sent, Refusal> {
    let Some(head) = ask.up.http2(ask.trailers) else { return Ok(Err(SendError::Nonsense)) };
    let mut sending = pin!(many.sender.try_send_request(head.map(|()| ask.outgoing())));
    let sent = poll_fn(|cx| match sending.as_mut().poll(cx) {
        Poll::Ready(sent) => Poll::Ready(Ok(sent)),
        Poll::Pending => patience.poll(cx).map(Err),
    })
    .await?;
    Ok(match sent {
        Ok(response) => {
            let (mut parts, body) = response.into_parts();
            let upgrade = parts.extensions.remove::<OnUpgrade>();
            Ok((parts.status, AnswerFields::Map(parts.headers), Some((body, upgrade))))
        }
        Err(mut failed) => {
            let unsent = failed.take_message().is_some();
            let error = failed.error();
            let reset = reset(error);
            Err(if unsent || reset == Some(h2::Reason::REFUSED_STREAM) {
                SendError::Unsent
            } else if reset.is_some() {
                SendError::Reset
            } else if error.is_parse() || error.is_user() {
                SendError::Nonsense
            } else {
                SendError::Broken { heard: false }
            })
        }
    })
}
