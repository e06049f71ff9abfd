//! A request under way. However it ends, dropping its flight counts it and leaves its record.

use super::Observer;
use crate::access::Pass;
use crate::config::{Endpoint, Gateway, Service};
use crate::limit::{Meter, Permit, Quota};
use crate::message::{Head, Name, RequestId, write_hex};
use crate::trace::TraceContext;
use crate::worker::{Conn, Protocol, Worker};
use chrono::{DateTime, Utc};
use http::HeaderValue;
use link::records::Packing;
use link::telemetry::Llm;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

/// nginx's code for a client that went first.
const CLIENT_GONE: u16 = 499;
/// What it would have been told, had it not been cut off.
const UNAVAILABLE: u16 = 503;
/// The engine's own fault; the client sees its connection end.
const BROKEN: u16 = 500;
/// Characters of a path that are recorded: enough to find it, never a megabyte.
const PATH_SHOWN: usize = 1024;
const HOST_SHOWN: usize = 253;
const AGENT_SHOWN: usize = 256;

pub struct Flight {
    worker: Rc<Worker>,
    conn: Rc<Conn>,
    /// Kept until the record is written: nothing is copied out of it.
    pub head: Rc<Head>,
    pub request_id: RequestId,
    trace: TraceContext,
    pub started: Instant,
    /// From when the service's request timer runs.
    pub timed_from: Instant,
    pub meter: Rc<Meter>,
    pub bytes_out: u64,
    pub is_grpc: bool,
    /// What is left of the rates it counts for.
    pub quota: Option<Quota>,
    /// The client sends the body only when it is asked for.
    pub awaits_continue: bool,
    place: Option<Permit>,
    /// Looks into the answer.
    pub observer: Option<Box<Observer>>,
    /// It is known how this ends.
    ended: bool,
    gateway: Option<Arc<Gateway>>,
    service: Option<Arc<Service>>,
    replica: Option<Arc<Endpoint>>,
    /// Its place in the service's list.
    token: Option<usize>,
    status: u16,
    detail: Option<&'static str>,
    upstream_us: Option<u64>,
    sent_us: Option<u64>,
    tries: u8,
}

fn cut(text: &str, max: usize) -> &str {
    text.get(..text.floor_char_boundary(max)).unwrap_or_default()
}

impl Flight {
    pub fn new(
        worker: &Rc<Worker>,
        conn: &Rc<Conn>,
        head: Rc<Head>,
        request_id: RequestId,
        trace: TraceContext,
    ) -> Box<Self> {
        conn.control.busy();
        Box::new(Self {
            worker: worker.clone(),
            conn: conn.clone(),
            request_id,
            trace,
            started: worker.clock.now(),
            timed_from: worker.clock.now(),
            meter: Rc::default(),
            bytes_out: 0,
            is_grpc: head.is_grpc(),
            quota: None,
            awaits_continue: head.fields.has(Name::Expect),
            place: None,
            observer: None,
            ended: false,
            gateway: None,
            service: None,
            replica: None,
            token: None,
            status: CLIENT_GONE,
            detail: None,
            upstream_us: None,
            sent_us: None,
            tries: 0,
            head,
        })
    }

    /// When it began, by the calendar.
    pub fn at(&self) -> DateTime<Utc> {
        self.worker.clock.utc(self.started)
    }

    pub fn at_gateway(&mut self, gateway: &Arc<Gateway>) {
        gateway.counters.begin(self.worker.index);
        self.gateway = Some(gateway.clone());
    }

    pub fn at_service(&mut self, service: &Arc<Service>) {
        service.counters.begin(self.worker.index);
        self.service = Some(service.clone());
    }

    pub fn by_token(&mut self, token: usize) {
        self.token = Some(token);
    }

    /// It counts as one of those under way until it has ended.
    pub fn hold(&mut self, place: Permit) {
        self.place = Some(place);
    }

    /// It is not one of those under way any more.
    pub fn release(&mut self) {
        self.place = None;
    }

    /// It has waited for a replica: its timer begins with the replica's.
    pub fn was_held(&mut self) {
        self.timed_from = self.worker.clock.tick();
    }

    pub fn via_replica(&mut self, endpoint: &Arc<Endpoint>) {
        self.replica = Some(endpoint.clone());
        self.tries = self.tries.saturating_add(1);
    }

    /// There is a connection to the replica.
    pub fn sending(&mut self) {
        self.sent_us = Some(self.micros());
    }

    pub fn gateway(&self) -> Option<&Arc<Gateway>> {
        self.gateway.as_ref()
    }

    /// The head of the replica's answer is here.
    pub fn answered(&mut self, status: u16) {
        self.upstream_us = Some(self.micros());
        self.status = status;
    }

    /// Nothing of the answer is missing.
    pub fn complete(&mut self) {
        self.ended = true;
    }

    /// The engine ends it, with its own answer or in the middle of the replica's.
    pub fn refused(&mut self, status: Option<u16>, detail: &'static str) {
        self.ended = true;
        self.status = status.unwrap_or(self.status);
        self.detail = Some(detail);
    }

    /// What a tunnel was let in with.
    pub fn pass(&self) -> Option<Pass> {
        Some(Pass::new(self.gateway.clone()?, self.service.clone()?, self.token))
    }

    /// What the gateway wants browsers to remember.
    pub fn hsts(&self) -> Option<HeaderValue> {
        self.gateway.as_ref()?.hsts.clone()
    }

    pub fn conn(&self) -> &Rc<Conn> {
        &self.conn
    }

    /// Since it began.
    fn micros(&self) -> u64 {
        let now = self.worker.clock.now();
        u64::try_from(now.saturating_duration_since(self.started).as_micros()).unwrap_or(u64::MAX)
    }

    fn record(&self, duration_us: u64, llm: Option<&Llm>) {
        let mut trace = [0; 32];
        write_hex(&mut trace, self.trace.id);
        let token = self.service.as_ref().zip(self.token).and_then(|(service, at)| service.tokens.get(at));
        self.worker.recorder.push(&Packing {
            at: self.at().timestamp_micros(),
            request_id: self.request_id.as_str(),
            gateway_id: self.gateway.as_ref().map(|gateway| gateway.id.as_str()),
            service_id: self.service.as_ref().map(|service| service.id.as_str()),
            replica_id: self.replica.as_ref().map(|replica| replica.replica_id.as_str()),
            token_id: token.map(|token| token.id.as_str()),
            client: self.conn.peer,
            local: self.conn.local,
            method: self.head.method.as_str(),
            host: cut(self.head.text(Name::Host), HOST_SHOWN),
            path: cut(self.head.path(), PATH_SHOWN),
            status: self.status,
            detail: self.detail,
            bytes_in: self.meter.bytes(),
            bytes_out: self.bytes_out,
            duration_us,
            upstream_us: self.upstream_us,
            sent_us: self.sent_us,
            tries: self.tries,
            protocol: self.conn.protocol.as_str(),
            tls: self.conn.tls,
            user_agent: cut(self.head.text(Name::UserAgent), AGENT_SHOWN),
            trace_id: if self.trace.id == 0 { None } else { std::str::from_utf8(&trace).ok() },
            llm,
            span_id: self.trace.span,
            parent_span_id: self.trace.parent,
        });
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        if self.conn.protocol == Protocol::Http2 {
            // Many are driven by one poll, which may have been long.
            self.worker.clock.tick();
        }
        self.conn.control.idle();
        if std::thread::panicking() {
            // Nobody's fault but the engine's; it takes this connection with it, and nothing else.
            (self.status, self.detail) = (BROKEN, Some("Panicked"));
        } else if !self.ended {
            let is_cut = self.conn.control.is_aborted() || self.conn.control.is_cut();
            self.status = match self.upstream_us {
                _ if !is_cut => CLIENT_GONE,
                Some(_) => self.status,
                None => UNAVAILABLE,
            };
            self.detail = Some(if is_cut { "DrainTimeout" } else { "ClientGone" });
        }
        let llm = self.observer.take().and_then(|observer| observer.end());
        let micros = self.micros();
        let gateway = self.gateway.as_ref().map(|gateway| &gateway.counters);
        let service = self.service.as_ref().map(|service| &service.counters);
        if let Some(gateway) = &self.gateway {
            // Before the request is counted: who is told of the request is told of its bytes.
            gateway.count_bytes(self.worker.index, self.conn.vpc.as_ref(), self.meter.bytes(), self.bytes_out);
        }
        if let Some((service, llm)) = service.zip(llm.as_ref()) {
            service.saw(self.worker.index, llm);
        }
        for counters in [gateway, service].into_iter().flatten() {
            counters.end(self.worker.index, self.status, self.meter.bytes(), self.bytes_out, micros);
        }
        self.record(micros, llm.as_ref());
    }
}
