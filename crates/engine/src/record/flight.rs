//! A request under way. However it ends, dropping its flight counts it and leaves its record.

use super::{Entry, Observer};
use crate::access::Pass;
use crate::config::{Endpoint, Gateway, Service};
use crate::headers;
use crate::limit::{Meter, Permit, Quota};
use crate::worker::{Conn, Worker};
use chrono::{DateTime, Utc};
use http::HeaderValue;
use http::request::Parts;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

/// nginx's code for a client that went first.
const CLIENT_GONE: u16 = 499;
/// Characters of a path that are recorded: enough to find it, never a megabyte.
const PATH_SHOWN: usize = 1024;
const HOST_SHOWN: usize = 253;
const AGENT_SHOWN: usize = 256;

pub struct Flight {
    worker: Rc<Worker>,
    conn: Rc<Conn>,
    pub started: Instant,
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
    /// `Some` once it is known how this ends.
    ended: bool,
    entry: Option<Entry>,
}

fn cut(text: &str, max: usize) -> &str {
    text.get(..text.floor_char_boundary(max)).unwrap_or_default()
}

impl Flight {
    pub fn new(worker: &Rc<Worker>, conn: &Rc<Conn>, parts: &Parts, request_id: &str, trace: u128) -> Box<Self> {
        conn.control.busy();
        let host = parts.headers.get(http::header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let agent =
            parts.headers.get(http::header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        Box::new(Self {
            worker: worker.clone(),
            conn: conn.clone(),
            started: Instant::now(),
            meter: Rc::default(),
            bytes_out: 0,
            is_grpc: headers::is_grpc(&parts.headers),
            quota: None,
            awaits_continue: parts.headers.contains_key(http::header::EXPECT),
            place: None,
            observer: None,
            ended: false,
            entry: Some(Entry {
                at: Utc::now(),
                request_id: request_id.into(),
                gateway: None,
                service: None,
                replica: None,
                token: None,
                client: conn.peer,
                local: conn.local,
                method: parts.method.clone(),
                host: cut(host, HOST_SHOWN).into(),
                path: cut(parts.uri.path(), PATH_SHOWN).into(),
                status: CLIENT_GONE,
                detail: None,
                bytes_in: 0,
                bytes_out: 0,
                duration_us: 0,
                upstream_us: None,
                sent_us: None,
                tries: 0,
                protocol: conn.protocol,
                tls: conn.tls,
                user_agent: cut(agent, AGENT_SHOWN).into(),
                trace,
                llm: None,
            }),
        })
    }

    /// When it began, by the calendar.
    pub fn at(&self) -> DateTime<Utc> {
        self.entry.as_ref().map_or_else(Utc::now, |entry| entry.at)
    }

    pub fn at_gateway(&mut self, gateway: &Arc<Gateway>) {
        gateway.counters.begin(self.worker.index);
        self.edit(|entry| entry.gateway = Some(gateway.clone()));
    }

    pub fn at_service(&mut self, service: &Arc<Service>) {
        service.counters.begin(self.worker.index);
        self.edit(|entry| entry.service = Some(service.clone()));
    }

    pub fn by_token(&mut self, token: usize) {
        self.edit(|entry| entry.token = Some(token));
    }

    /// It counts as one of those under way until it has ended.
    pub fn hold(&mut self, place: Permit) {
        self.place = Some(place);
    }

    pub fn via_replica(&mut self, endpoint: &Arc<Endpoint>) {
        self.edit(|entry| {
            entry.replica = Some(endpoint.clone());
            entry.tries = entry.tries.saturating_add(1);
        });
    }

    /// There is a connection to the replica.
    pub fn sending(&mut self) {
        let micros = micros_since(self.started);
        self.edit(|entry| entry.sent_us = Some(micros));
    }

    pub fn gateway(&self) -> Option<&Arc<Gateway>> {
        self.entry.as_ref()?.gateway.as_ref()
    }

    /// The head of the replica's answer is here.
    pub fn answered(&mut self, status: u16) {
        let micros = micros_since(self.started);
        self.edit(|entry| {
            entry.upstream_us = Some(micros);
            entry.status = status;
        });
    }

    /// Nothing of the answer is missing.
    pub fn complete(&mut self) {
        self.ended = true;
    }

    /// The engine ends it, with its own answer or in the middle of the replica's.
    pub fn refused(&mut self, status: Option<u16>, detail: &'static str) {
        self.ended = true;
        self.edit(|entry| {
            entry.status = status.unwrap_or(entry.status);
            entry.detail = Some(detail);
        });
    }

    /// What a tunnel was let in with.
    pub fn pass(&self) -> Option<Pass> {
        let entry = self.entry.as_ref()?;
        Some(Pass::new(entry.gateway.clone()?, entry.service.clone()?, entry.token))
    }

    /// What the gateway wants browsers to remember.
    pub fn hsts(&self) -> Option<HeaderValue> {
        self.entry.as_ref()?.gateway.as_ref()?.hsts.clone()
    }

    pub fn conn(&self) -> &Rc<Conn> {
        &self.conn
    }

    fn edit(&mut self, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = &mut self.entry {
            change(entry);
        }
    }
}

fn micros_since(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX)
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.conn.control.idle();
        let Some(mut entry) = self.entry.take() else { return };
        if !self.ended {
            entry.status = CLIENT_GONE;
            entry.detail = Some("ClientGone");
        }
        entry.llm = self.observer.take().and_then(|observer| observer.end()).map(Box::new);
        entry.bytes_in = self.meter.bytes();
        entry.bytes_out = self.bytes_out;
        entry.duration_us = micros_since(self.started);
        let gateway = entry.gateway.as_ref().map(|gateway| &gateway.counters);
        let service = entry.service.as_ref().map(|service| &service.counters);
        for counters in [gateway, service].into_iter().flatten() {
            counters.end(self.worker.index, entry.status, entry.bytes_in, entry.bytes_out, entry.duration_us);
        }
        self.worker.ring.push(entry);
    }
}
