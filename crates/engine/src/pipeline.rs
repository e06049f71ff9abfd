//! The way of one request, in order: access → route → auth → limit → balance → upstream → record.

use crate::answer::{Refusal, json};
use crate::balance::{hash, key_of};
use crate::config::{Gateway, Service, Table};
use crate::limit::{RequestBody, Shaped};
use crate::record::{Flight, Observer};
use crate::route::path::{Target, target};
use crate::upstream::{AnswerBody, Ask, Events, Source, Surroundings, exchange, tunnel};
use crate::worker::{Conn, Worker};
use crate::{access, auth, headers, limit, route, trace, websocket};
use bytes::Bytes;
use domain::snapshot::Scheme;
use domain::snapshot::policy::{Balance, UpstreamProtocol};
use http::header::{CONNECTION, HOST, LOCATION, STRICT_TRANSPORT_SECURITY};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, Version};
use hyper::body::{Body, Incoming};
use std::rc::Rc;
use std::sync::Arc;

/// What the configuration says about a request.
enum Decision {
    Greet(Arc<Gateway>),
    /// The same over TLS.
    Redirect(HeaderValue),
    Forward(Arc<Service>, Uri),
}

pub async fn serve(worker: Rc<Worker>, conn: Rc<Conn>, request: Request<Incoming>) -> Response<Shaped> {
    let (mut parts, body) = request.into_parts();
    headers::name_host(&mut parts);
    let id = headers::client_request_id(&parts.headers).unwrap_or_else(|| worker.next_request_id());
    let trace = trace::follow(&mut parts.headers, &worker);
    let mut flight = Flight::new(&worker, &conn, &parts, id.to_str().unwrap_or_default(), trace);
    // The only look at the configuration: a request lives under one, whatever is published meanwhile.
    let decision = decide(&worker.table.load(), &conn, &mut parts, body.is_end_stream(), &mut flight);
    let bandwidth = flight.gateway().and_then(|gateway| gateway.capacity.bandwidth());
    let hsts = if conn.scheme == Scheme::Https { flight.hsts() } else { None };
    let mut response = match decision {
        Ok(Decision::Redirect(location)) => {
            flight.refused(Some(StatusCode::PERMANENT_REDIRECT.as_u16()), "RedirectToHttps");
            let mut response = json(StatusCode::PERMANENT_REDIRECT, Bytes::new(), flight, &id);
            response.headers_mut().insert(LOCATION, location);
            response
        }
        Ok(Decision::Greet(gateway)) => {
            flight.refused(Some(StatusCode::OK.as_u16()), "Greeting");
            json(StatusCode::OK, gateway.greeting.clone(), flight, &id)
        }
        Ok(Decision::Forward(service, uri)) => {
            parts.uri = uri;
            let quota = flight.quota;
            let mut body = RequestBody::new(body, flight.meter.clone(), service.body_limit);
            let mut response = match limit::enter(&worker.table, service, &mut flight, &mut body).await {
                Ok(service) => forward(&worker, &conn, flight, &service, parts, body, &id).await,
                Err(refusal) => {
                    if !flight.awaits_continue {
                        body.swallow();
                    }
                    refusal.into_response(flight, &id)
                }
            };
            limit::rate::tell(response.headers_mut(), quota);
            response
        }
        Err(refusal) => {
            // One who waits for `100 Continue` sends no body now; of others it is read for a while, or they would
            // see a reset connection instead of the answer.
            if !body.is_end_stream() && !flight.awaits_continue {
                limit::body::swallow(body);
            }
            let quota = flight.quota;
            let is_unclear = matches!(refusal, Refusal::BadRequest(_)) && parts.version != Version::HTTP_2;
            let mut response = refusal.into_response(flight, &id);
            limit::rate::tell(response.headers_mut(), quota);
            if is_unclear {
                // Who cannot be understood here may have been understood differently in front of here.
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            response
        }
    };
    if let Some(hsts) = hsts {
        response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, hsts);
    }
    response.map(|body| Shaped::new(body, bandwidth))
}

fn decide(
    table: &Table,
    conn: &Conn,
    parts: &mut Parts,
    no_body: bool,
    flight: &mut Flight,
) -> Result<Decision, Refusal> {
    conn.control.heads.check_next().map_err(Refusal::BadRequest)?;
    headers::check(parts)?;
    let gateway = route::gateway(table, conn, route::host::of(parts, conn.scheme)?)?;
    flight.at_gateway(gateway);
    access::check(gateway, conn.peer)?;
    conn.place.move_to(gateway).inspect_err(|_| conn.control.drain())?;
    if let Some(port) = gateway.redirect_to_port.filter(|_| conn.scheme == Scheme::Http) {
        return over_tls(parts, port).map(Decision::Redirect);
    }
    let (name, rest) = match target(parts.uri.path())? {
        Target::Root if matches!(parts.method, Method::GET | Method::HEAD) => {
            return Ok(Decision::Greet(gateway.clone()));
        }
        Target::Root => return Err(Refusal::MethodNotAllowed),
        Target::Service { name, rest } => (name, rest),
    };
    let service = route::service(gateway, name)?;
    flight.at_service(service);
    let uri = upstream_uri(rest, parts.uri.query())?;
    let caller = auth::check(service, parts, flight.at())?;
    flight.by_token(caller.token);
    limit::body::check(service.body_limit, &parts.headers)?;
    flight.meter.expect(caller.body, no_body)?;
    flight.quota = limit::rate::take(service, caller.token, flight.started);
    if flight.quota.is_some_and(|quota| quota.over.is_some()) {
        return Err(Refusal::TooManyRequests);
    }
    Ok(Decision::Forward(service.clone(), uri))
}

fn over_tls(parts: &Parts, port: u16) -> Result<HeaderValue, Refusal> {
    let host = parts.headers.get(HOST).and_then(|host| route::host::normalise(host.to_str().ok()?));
    let host = host.ok_or(Refusal::BadRequest("name a host to be redirected"))?;
    let port = if port == 443 { String::new() } else { format!(":{port}") };
    let path = parts.uri.path_and_query().map_or("/", PathAndQuery::as_str);
    HeaderValue::try_from(format!("https://{host}{port}{path}")).map_err(|_| Refusal::BadRequest("no such address"))
}

/// Path and query as the replica gets them.
fn upstream_uri(rest: &str, query: Option<&str>) -> Result<Uri, Refusal> {
    let rest = if rest.is_empty() { "/" } else { rest };
    let path = match query {
        None => PathAndQuery::try_from(rest),
        Some(query) => PathAndQuery::try_from(format!("{rest}?{query}")),
    };
    path.map(Uri::from).map_err(|_| Refusal::BadRequest("the path cannot be passed on"))
}

/// What is spoken to the service's replicas for this request.
fn speaks_http2(service: &Service, parts: &Parts) -> bool {
    match service.upstream {
        UpstreamProtocol::Http1 => false,
        UpstreamProtocol::Http2 => true,
        UpstreamProtocol::Auto => headers::is_grpc(&parts.headers),
    }
}

async fn ask(service: &Service, conn: &Conn, head: Request<()>, body: RequestBody, many: bool) -> Ask {
    let body = (!body.is_end_stream()).then(|| Source::new(body, service.retry.replay_bytes as usize));
    let key = match (&service.balance, &body) {
        (Balance::PrefixAffinity { bytes, .. }, Some(body)) => Some(hash(body.prefix(*bytes as usize).await)),
        (balance, _) => key_of(balance, head.headers(), conn.peer),
    };
    Ask { head, body, many, key }
}

async fn forward(
    worker: &Rc<Worker>,
    conn: &Conn,
    mut flight: Box<Flight>,
    service: &Service,
    mut parts: Parts,
    body: RequestBody,
    id: &HeaderValue,
) -> Response<AnswerBody> {
    let websocket = websocket::asked(&parts).filter(|_| body.is_end_stream());
    let many = speaks_http2(service, &parts) && websocket.is_none();
    let trailers = headers::wants_trailers(&parts.headers);
    headers::for_upstream(&mut parts.headers, conn, id);
    if let Some(asked) = websocket {
        websocket::for_upstream(worker, asked, &mut parts);
    }
    if many {
        headers::for_http2(&mut parts, trailers);
    }
    parts.version = if many { Version::HTTP_2 } else { Version::HTTP_11 };
    let mut extensions = std::mem::take(&mut parts.extensions);
    let ask = ask(service, conn, Request::from_parts(parts, ()), body, many).await;
    let answered = exchange(worker, &mut flight, service, ask).await;
    let (mut response, lease) = match answered {
        Ok(answered) => answered,
        Err(refusal) => return refusal.into_response(flight, id),
    };
    flight.answered(response.status().as_u16());
    let switched = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    headers::for_client(response.headers_mut(), id);
    // hyper speaks what the connection speaks; this is only about what an answer may say.
    *response.version_mut() = Version::HTTP_11;
    if switched {
        let replica = hyper::upgrade::on(&mut response);
        let client = extensions.remove::<hyper::upgrade::OnUpgrade>();
        let Some((client, asked)) = client.zip(websocket) else {
            // Nobody asked for it.
            return Refusal::BadUpstream.into_response(flight, id);
        };
        websocket::for_client(asked, &mut response);
        let Some(pass) = flight.pass() else { return Refusal::BadUpstream.into_response(flight, id) };
        conn.control.heads.stop();
        let around = Surroundings { worker: worker.clone(), pass, idle: service.timers.idle };
        tunnel(client, replica, flight, lease.busy, around);
        return response.map(|_| AnswerBody::none());
    }
    response.extensions_mut().clear();
    let idle = service.timers.idle;
    if service.observe {
        flight.observer = Observer::of(response.headers(), flight.started);
    }
    let events = Events::of(response.headers(), service.keep_alive);
    response.map(|body| AnswerBody::of_replica(body, lease, idle, events, flight))
}
