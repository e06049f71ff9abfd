//! A worker: one thread with its own runtime, connections, pool and record ring. Requests never change threads.

mod arrive;
mod clock;
mod conn;
mod control;
mod exec;
mod group;
mod groups;
mod handshake;
mod hello;
mod http2;
mod offer;
mod peek;
mod proxied;
mod scaling;
mod spare;
mod streams;
mod thread;

/// What the fuzz targets look at.
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzz {
    pub use super::proxied::{Parsed, parse};
}

pub use clock::Clock;
pub use conn::Conn;
pub use control::{Control, Drain};
pub use exec::Local;
pub use groups::Groups;
pub use handshake::Protocol;
pub use spare::{Alarm, Spare};
pub use thread::{Handle, Own, Shared, ToWorker, spawn};

use crate::config::Table;
use crate::http1::Scratch;
use crate::listener::tls::Tls;
use crate::message::RequestId;
use crate::record::Recorder;
use crate::upstream::Pool;
use arc_swap::ArcSwap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::id::GatewayId;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

pub struct Worker {
    pub drain: Drain,
    /// Requests have spans of their own.
    pub traces: bool,
    /// Which part of the counters is its own.
    pub index: usize,
    pub table: Arc<ArcSwap<Table>>,
    pub tls: Arc<Tls>,
    pub groups: Arc<Groups>,
    /// The gateway whose own it is.
    pub of: Option<GatewayId>,
    pub pool: RefCell<Pool>,
    pub recorder: Recorder,
    pub clock: Rc<Clock>,
    pub scratch: Rc<Scratch>,
    pub spare: Spare,
    /// Open connections; the acceptor looks at it.
    load: Arc<AtomicUsize>,
    controls: RefCell<HashMap<u64, Rc<Control>>>,
    next_conn: Cell<u64>,
    /// Random, so that ids of two engines or two starts do not meet.
    seed: u64,
    next_request: Cell<u64>,
    random: Cell<u64>,
}

impl Worker {
    /// As long as the protocol wants it and never the same twice; it protects nothing.
    pub fn next_websocket_key(&self) -> [u8; 24] {
        let number = self.next_request.get();
        self.next_request.set(number + 1);
        let bytes = (u128::from(self.seed) << 64 | u128::from(number)).to_be_bytes();
        let mut key = [b'A'; 24];
        // Sixteen bytes make twenty-four letters.
        let _ = STANDARD.encode_slice(bytes, &mut key);
        key
    }

    /// Good enough to spread requests (splitmix64); nobody may rely on not knowing it.
    pub fn next_random(&self) -> u64 {
        let state = self.random.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.random.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn next_request_id(&self) -> RequestId {
        let number = self.next_request.get();
        self.next_request.set(number + 1);
        RequestId::numbered(self.seed, number)
    }
}
