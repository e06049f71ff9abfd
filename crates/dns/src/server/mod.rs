//! Sockets, on the thread of whoever runs it.

mod connections;
mod doors;
mod open;
mod tcp;
mod udp;

pub use doors::ListenerReport;
pub use open::{Anew, Opens, Sockets};

use crate::limit::{Limiter, Rates, Verdict};
use crate::records::Records;
use connections::Connections;
use domain::id::VpcId;
use domain::snapshot::dns::DnsListener;
use doors::Doors;
use std::cell::RefCell;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    pub rates: Rates,
    /// TCP connections that are open at a time; more are closed at once.
    pub connections: usize,
    /// Of these, to one network (an IPv4 /24 or an IPv6 /56).
    pub connections_per_network: usize,
    /// Until the next question over TCP is there as a whole, and for the answer to be taken.
    pub idle: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { rates: Rates::default(), connections: 512, connections_per_network: 64, idle: Duration::from_secs(10) }
    }
}

/// The listeners. Runs within a `tokio::task::LocalSet` of a runtime with I/O and time; dropping it closes them all.
pub struct Server {
    doors: Doors,
}

impl Server {
    /// With sockets of its own.
    pub fn new(records: Arc<Records>, options: Options) -> Self {
        Self::opening(records, options, Rc::new(Anew))
    }

    /// With sockets that it is given.
    pub fn opening(records: Arc<Records>, options: Options, sockets: Rc<dyn Opens>) -> Self {
        let shared = Shared {
            records,
            limiter: RefCell::new(Limiter::new(options.rates)),
            connections: Connections::new(options.connections, options.connections_per_network),
            idle: options.idle,
            started: Instant::now(),
        };
        Self { doors: Doors::new(Rc::new(shared), sockets) }
    }

    /// Closes what is no longer wanted and opens what is new; what stays is not touched. When this returns, all that
    /// could be opened answers, and what could not is in the report.
    pub async fn apply(&mut self, wanted: &[DnsListener]) {
        self.doors.apply(wanted).await;
    }

    /// Tries again what failed; tells whether the report is another one now. To be called about every second.
    pub fn retry(&mut self) -> bool {
        self.doors.retry()
    }

    /// Of each address and interface that is wanted.
    pub fn report(&self) -> Vec<ListenerReport> {
        self.doors.report()
    }
}

/// What all sockets have in common.
struct Shared {
    records: Arc<Records>,
    limiter: RefCell<Limiter>,
    connections: Connections,
    idle: Duration,
    started: Instant,
}

impl Shared {
    fn judge(&self, vpc: Option<&VpcId>, client: IpAddr) -> Verdict {
        let now = u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX / 2);
        self.limiter.borrow_mut().judge(vpc, client, now)
    }
}
