//! A worker: one thread with its own runtime, connections, pool and record ring. Requests never change threads.

mod arrive;
mod conn;
mod control;
mod exec;
mod groups;
mod handshake;
mod hello;
mod io;
mod proxied;
mod serve;
mod thread;

/// What the fuzz targets look at.
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzz {
    pub use super::io::fuzz as heads;
    pub use super::proxied::{Parsed, parse};
}

pub use conn::Conn;
pub use exec::Local;
pub use groups::Groups;
pub use handshake::Protocol;
pub use thread::{Handle, Own, Shared, ToWorker, spawn};

use crate::config::Table;
use crate::listener::tls::Tls;
use crate::record::Ring;
use crate::upstream::Pool;
use arc_swap::ArcSwap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use control::Control;
use domain::id::GatewayId;
use http::HeaderValue;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

pub struct Worker {
    /// Which part of the counters is its own.
    pub index: usize,
    pub table: Arc<ArcSwap<Table>>,
    pub tls: Arc<Tls>,
    pub groups: Arc<Groups>,
    /// The gateway whose own it is.
    pub of: Option<GatewayId>,
    pub pool: RefCell<Pool>,
    pub ring: Ring,
    /// Open connections; the acceptor looks at it.
    load: Arc<AtomicUsize>,
    controls: RefCell<HashMap<u64, Arc<Control>>>,
    next_conn: Cell<u64>,
    /// Random, so that ids of two engines or two starts do not meet.
    seed: u64,
    next_request: Cell<u64>,
    random: Cell<u64>,
}

impl Worker {
    /// As long as the protocol wants it and never the same twice; it protects nothing.
    pub fn next_websocket_key(&self) -> HeaderValue {
        let number = self.next_request.get();
        self.next_request.set(number + 1);
        let bytes = (u128::from(self.seed) << 64 | u128::from(number)).to_be_bytes();
        HeaderValue::try_from(STANDARD.encode(bytes)).unwrap_or_else(|_| HeaderValue::from_static("none"))
    }

    /// Good enough to spread requests (splitmix64); nobody may rely on not knowing it.
    pub fn next_random(&self) -> u64 {
        let state = self.random.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.random.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn next_request_id(&self) -> HeaderValue {
        let number = self.next_request.get();
        self.next_request.set(number + 1);
        let text = format!("{:016x}-{number:x}", self.seed);
        HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("none"))
    }
}
