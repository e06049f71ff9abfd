//! The way of one request, in order: access → route → auth → limit → balance → upstream → record.

mod held;

use self::held::Kept;
use crate::answer::{Refusal, json, plain};
use crate::balance::{hash, key_of};
use crate::config::{Gateway, Service, Table};
use crate::headers::Upward;
use crate::http1::{Wire, respond};
use crate::limit::body::ClientBody;
use crate::limit::{RequestBody, Shaped};
use crate::message::{AnswerHead, Head, Name, Own, RequestId};
use crate::record::{Flight, Observer};
use crate::route::path::{Target, target};
use crate::trace::{Trace, TraceContext};
use crate::upstream::{
    AnswerBody, Answered, Ask, Events, Lease, Parts, ReplicaEnd, Sender, Source, Switched, exchange,
};
use crate::websocket::Handshake;
use crate::worker::{Conn, Protocol, Worker};
use crate::{access, auth, headers, limit, route, websocket};
use bytes::Bytes;
use domain::snapshot::Scheme;
use domain::snapshot::policy::{Balance, UpstreamProtocol};
use http::header::LOCATION;
use http::{HeaderValue, Method, StatusCode, Version};
use hyper::body::Body;
use hyper::upgrade::OnUpgrade;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use tokio::time::timeout_at;

pub struct Request {
    pub head: Head,
    /// What is unclear about where it ends.
    pub is_clear: Result<(), &'static str>,
    pub body: ClientBody,
    pub side: Side,
}

/// The client's side of its connection.
pub enum Side {
    Wire(Rc<RefCell<Wire>>),
    Http2,
}

pub struct Answer {
    pub head: AnswerHead,
    pub body: Shaped,
    /// The connection is a tunnel from here on.
    pub switched: Option<Box<Switched>>,
}

/// What the configuration says about a request.
enum Decision {
    Greet(Arc<Gateway>),
    /// What a certificate authority looks for.
    Prove(Bytes),
    /// The same over TLS.
    Redirect(HeaderValue),
    Forward {
        service: Arc<Service>,
        /// Bytes of the path that the replica does not see.
        prefix: usize,
    },
}

pub async fn serve(worker: &Rc<Worker>, conn: &Rc<Conn>, request: Request) -> Answer {
    let Request { head, is_clear, body, side } = request;
    let head = Rc::new(head);
    let id = head.fields.first(Name::XRequestId).and_then(RequestId::of_client);
    let id = id.unwrap_or_else(|| worker.next_request_id());
    let trace = Trace::of(&head, worker);
    let mut flight = Flight::new(worker, conn, head.clone(), id, trace.context);
    // The only look at the configuration: a request lives under one, whatever is published meanwhile.
    let decision = match is_clear {
        Ok(()) => decide(&worker.table.load(), conn, &head, body.is_end_stream(), &mut flight),
        Err(what) => Err(Refusal::BadRequest(what)),
    };
    let bandwidth = flight.gateway().and_then(|gateway| gateway.capacity.down());
    let hsts = if conn.scheme == Scheme::Https { flight.hsts() } else { None };
    let quota = flight.quota;
    let (mut answer, body, switched) = match decision {
        Ok(Decision::Redirect(location)) => {
            flight.refused(Some(StatusCode::PERMANENT_REDIRECT.as_u16()), "RedirectToHttps");
            let (mut answer, body) = json(StatusCode::PERMANENT_REDIRECT, Bytes::new(), flight);
            answer.own.more.push((LOCATION, location));
            (answer, body, None)
        }
        Ok(Decision::Prove(proof)) => {
            flight.refused(Some(StatusCode::OK.as_u16()), "AcmeChallenge");
            let (answer, body) = plain(StatusCode::OK, proof, flight);
            (answer, body, None)
        }
        Ok(Decision::Greet(gateway)) => {
            flight.refused(Some(StatusCode::OK.as_u16()), "Greeting");
            let (answer, body) = json(StatusCode::OK, gateway.greeting.clone(), flight);
            (answer, body, None)
        }
        Ok(Decision::Forward { service, prefix }) => {
            let up = flight.gateway().and_then(|gateway| gateway.capacity.up());
            let body = RequestBody::new(body, flight.meter.clone(), service.body_limit, up);
            if service.is_asleep() {
                let (worker, conn, head) = (worker.clone(), conn.clone(), head.clone());
                let kept = Kept { worker, conn, head, id, trace, side };
                // Boxed: it is rare.
                Box::pin(held::answer(kept, flight, service, prefix, body)).await
            } else {
                let way = Way { worker, conn, head: &head, id, trace: &trace, side: &side };
                proceed(&way, flight, service, prefix, body).await
            }
        }
        Err(refusal) => {
            // One who waits for `100 Continue` sends no body now.
            if !flight.awaits_continue {
                body.swallow();
            }
            refused(refusal, flight)
        }
    };
    answer.own.quota = quota;
    answer.own.hsts = hsts;
    Answer { head: answer, body: Shaped::new(body, bandwidth), switched }
}

/// What a request goes up with, besides its body.
struct Way<'r> {
    worker: &'r Rc<Worker>,
    conn: &'r Rc<Conn>,
    head: &'r Head,
    id: RequestId,
    trace: &'r Trace,
    side: &'r Side,
}

/// From where it is allowed to the head of its answer.
async fn proceed(
    way: &Way<'_>,
    mut flight: Box<Flight>,
    service: Arc<Service>,
    prefix: usize,
    mut body: RequestBody,
) -> Parts {
    let Way { worker, conn, head, id, trace, side } = way;
    match limit::enter(&worker.table, service, &mut flight, &mut body).await {
        Ok(service) => {
            let path = head.path().get(prefix..).filter(|rest| !rest.is_empty()).unwrap_or("/");
            let to_http2 = service.upstream == UpstreamProtocol::Http2;
            let handshake = websocket::asked(head, worker, to_http2).filter(|_| body.is_end_stream());
            let up = Upward {
                head,
                conn,
                id,
                trace,
                path,
                query: head.query(),
                websocket: handshake,
                pass_token: service.pass_token,
            };
            forward(worker, flight, &service, up, body, side).await
        }
        Err(refusal) => {
            if !flight.awaits_continue {
                body.swallow();
            }
            refused(refusal, flight)
        }
    }
}

fn refused(refusal: Refusal, flight: Box<Flight>) -> Parts {
    let (head, body) = refusal.into_answer(flight);
    (head, body, None)
}

/// For what came instead of a request: nobody could read whom it was for.
pub fn refuse_unread(worker: &Rc<Worker>, conn: &Rc<Conn>, refusal: Refusal) -> Answer {
    let flight = Flight::new(worker, conn, Rc::new(Head::unread()), worker.next_request_id(), TraceContext::default());
    let (head, body, switched) = refused(refusal, flight);
    Answer { head, body: Shaped::new(body, None), switched }
}

fn decide(table: &Table, conn: &Conn, head: &Head, no_body: bool, flight: &mut Flight) -> Result<Decision, Refusal> {
    headers::check(head)?;
    let host = route::host::of(head, conn.scheme)?;
    // Before everything that a gateway asks of its clients: the authority is nobody's client.
    if let Some(challenges) = &table.challenges
        && let Some(proof) = challenges.answer(conn, head, host)
    {
        return Ok(Decision::Prove(proof));
    }
    let (gateway, entrance) = route::gateway(table, conn, host)?;
    flight.at_gateway(gateway);
    access::check(entrance, conn.peer)?;
    conn.place.move_to(gateway).inspect_err(|_| conn.control.drain())?;
    // There is no HTTPS on a port of its own: who knows that one is not sent to a name that he may not resolve.
    let in_clear = conn.scheme == Scheme::Http && gateway.own != Some(conn.door);
    if let Some(port) = gateway.redirect_to_port.filter(|_| in_clear) {
        return over_tls(head, port).map(Decision::Redirect);
    }
    let path = head.path();
    let (name, rest) = match target(path)? {
        Target::Root if matches!(head.method, Method::GET | Method::HEAD) => {
            return Ok(Decision::Greet(gateway.clone()));
        }
        Target::Root => return Err(Refusal::MethodNotAllowed),
        Target::Service { name, rest } => (name, rest),
    };
    let service = route::service(gateway, name, &head.fields)?;
    flight.at_service(service);
    let caller = auth::check(service, head, flight.at())?;
    flight.by_token(caller.token);
    limit::body::check(service.body_limit, head)?;
    flight.meter.expect(caller.body, no_body)?;
    flight.quota = limit::rate::take(service, caller.token, flight.started);
    if flight.quota.is_some_and(|quota| quota.over.is_some()) {
        return Err(Refusal::TooManyRequests);
    }
    Ok(Decision::Forward { service: service.clone(), prefix: path.len() - rest.len() })
}

fn over_tls(head: &Head, port: u16) -> Result<HeaderValue, Refusal> {
    let host = route::host::normalise(head.text(Name::Host));
    let host = host.ok_or(Refusal::BadRequest("name a host to be redirected"))?;
    let port = if port == 443 { String::new() } else { format!(":{port}") };
    let query = head.query().map(|query| format!("?{query}")).unwrap_or_default();
    let address = format!("https://{host}{port}{}{query}", head.path());
    HeaderValue::try_from(address).map_err(|_| Refusal::BadRequest("no such address"))
}

/// What is spoken to the service's replicas for this request.
fn speaks_http2(service: &Service, head: &Head) -> bool {
    match service.upstream {
        UpstreamProtocol::Http1 => false,
        UpstreamProtocol::Http2 => true,
        UpstreamProtocol::Auto => head.is_grpc(),
    }
}

async fn forward(
    worker: &Rc<Worker>,
    mut flight: Box<Flight>,
    service: &Service,
    up: Upward<'_>,
    body: RequestBody,
    side: &Side,
) -> Parts {
    let many = match &up.websocket {
        Some(handshake) => handshake.to_http2,
        None => speaks_http2(service, up.head),
    };
    let trailers = up.head.fields.has(Name::Te) && up.head.wants_trailers();
    let body = (!body.is_end_stream()).then(|| {
        let ticks = many || up.conn.protocol == Protocol::Http2;
        Source::new(body, service.retry.replay_bytes as usize, worker.clock.clone(), ticks)
    });
    let key = match (&service.balance, &body) {
        (Balance::PrefixAffinity { bytes, .. }, Some(body)) => {
            let deadline = tokio::time::Instant::from_std(flight.timed_from) + service.timers.request;
            // Boxed: few services ask for it.
            let prefix = Box::pin(timeout_at(deadline, body.prefix(*bytes as usize))).await;
            if let Some(refusal) = flight.meter.refusal().or(prefix.is_err().then_some(Refusal::RequestTimeout)) {
                return refused(refusal, flight);
            }
            prefix.ok().map(hash)
        }
        (balance, _) => key_of(balance, &up.head.fields, up.conn.peer),
    };
    let ask = Ask { up, body, many, trailers, key };
    let mut interim = |head: &crate::http1::ResponseHead| {
        // HTTP/2's library has no way to say them.
        if let Side::Wire(wire) = side
            && ask.up.head.version == Version::HTTP_11
        {
            wire.borrow_mut().say(&respond::interim(head));
        }
    };
    let answered = exchange(worker, &mut flight, service, &ask, &mut interim).await;
    let Answered { status, fields, body, upgrade, lease } = match answered {
        Ok(answered) => answered,
        Err(refusal) => return refused(refusal, flight),
    };
    flight.answered(status.as_u16());
    let head = AnswerHead { status, fields, own: Own::new(flight.request_id) };
    let agreed = ask.up.websocket.as_ref().filter(|handshake| handshake.is_agreed(status));
    if agreed.is_some() || status == StatusCode::SWITCHING_PROTOCOLS {
        return switch(worker, flight, service, head, (lease, upgrade), agreed);
    }
    let idle = service.timers.idle;
    if service.observe {
        flight.observer = Observer::of(&head.fields, flight.started);
    }
    let has_length = match (&body, &lease.sender) {
        (Some(body), _) => body.size_hint().exact().is_some(),
        (None, Sender::One(replica)) => replica.left().is_some(),
        (None, Sender::Many(_)) => true,
    };
    let events = Events::of(&head.fields, service.keep_alive, has_length);
    (head, AnswerBody::of_replica(body, lease, idle, events, flight), None)
}

/// The replica speaks another protocol now: the one that was asked for, or none of ours.
fn switch(
    worker: &Rc<Worker>,
    flight: Box<Flight>,
    service: &Service,
    mut head: AnswerHead,
    (lease, upgrade): (Lease, Option<OnUpgrade>),
    agreed: Option<&Handshake>,
) -> Parts {
    let (Some(agreed), Some(pass)) = (agreed, flight.pass()) else { return refused(Refusal::BadUpstream, flight) };
    let replica = match (lease.sender, upgrade) {
        (Sender::One(replica), _) => {
            let (stream, unread) = replica.into_parts();
            ReplicaEnd::Socket(stream, unread)
        }
        (Sender::Many(share), Some(upgrade)) => ReplicaEnd::Stream(upgrade, share),
        (Sender::Many(_), None) => return refused(Refusal::BadUpstream, flight),
    };
    agreed.for_client(&flight.head, &mut head);
    let worker = worker.clone();
    let switched = Switched { replica, flight, busy: lease.busy, worker, pass, idle: service.timers.idle };
    (head, AnswerBody::none(), Some(Box::new(switched)))
}
