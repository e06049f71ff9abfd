//! Ports that nobody else uses. All below 32768, where Linux begins to take ports for clients.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

const FIRST: u16 = 20_000;
const BLOCKS: u16 = 120;
const BLOCK: u16 = 100;
static NEXT: AtomicU16 = AtomicU16::new(0);

/// 0 console, 1 and 2 shared listeners, 3 the engine's admin port, 4 a collector of spans, 5 DNS, 6 other hosts, 10–49 gateways, 50–98 replicas.
pub struct Ports {
    first: u16,
    /// Holds the last port of the block for as long as the block is in use: other tests see that it is taken.
    _reservation: TcpListener,
}

impl Ports {
    pub fn reserve() -> Self {
        for _ in 0..BLOCKS {
            let step = NEXT.fetch_add(1, Ordering::Relaxed);
            let block = (std::process::id() as u16).wrapping_mul(7).wrapping_add(step) % BLOCKS;
            let first = FIRST + block * BLOCK;
            let Ok(reservation) = TcpListener::bind((Ipv4Addr::LOCALHOST, first + BLOCK - 1)) else { continue };
            if (first..first + BLOCK - 1).all(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()) {
                return Self { first, _reservation: reservation };
            }
        }
        panic!("no block of {BLOCK} free ports");
    }

    pub fn console(&self) -> SocketAddr {
        self.at(0)
    }

    /// The shared listener.
    pub fn http(&self) -> SocketAddr {
        self.at(1)
    }

    /// The shared listener over TLS.
    pub fn https(&self) -> SocketAddr {
        self.at(2)
    }

    pub fn admin(&self) -> SocketAddr {
        self.at(3)
    }

    /// For a collector of spans.
    pub fn collector(&self) -> SocketAddr {
        self.at(4)
    }

    /// Of DNS, on the public side and inside VPCs.
    pub fn dns(&self) -> SocketAddr {
        self.at(5)
    }

    /// Where other hosts call.
    pub fn link(&self) -> SocketAddr {
        self.at(6)
    }

    /// Where the first gateway's own port will be.
    pub fn own(&self) -> SocketAddr {
        self.at(10)
    }

    fn at(&self, offset: u16) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.first + offset).into()
    }

    /// Options of the command line, but those that a test sets itself.
    pub fn options(&self, given: &[String]) -> Vec<String> {
        let first = self.first;
        [
            format!("--console-addr={}", self.console()),
            format!("--http-addr={}", self.http()),
            format!("--https-addr={}", self.https()),
            format!("--admin-addr={}", self.admin()),
            format!("--dns-addr={}", self.dns()),
            format!("--own-ports={}-{}", first + 10, first + 49),
            format!("--replica-ports={}-{}", first + 50, first + 98),
        ]
        .into_iter()
        .filter(|option| {
            let name = option.split('=').next().unwrap_or_default();
            !given.iter().any(|given| given.split('=').next() == Some(name))
        })
        .collect()
    }
}
