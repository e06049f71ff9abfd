//! A server on loopback, on a thread of its own, and `dig` to ask it.

use dns::{ListenerReport, Options, Records, Server};
use domain::snapshot::dns::DnsListener;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::process::Command;
use std::sync::{Arc, mpsc as std_mpsc};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::LocalSet;

type Order = (Option<Vec<DnsListener>>, std_mpsc::Sender<Vec<ListenerReport>>);

pub struct World {
    pub records: Arc<Records>,
    /// The same on all addresses.
    pub port: u16,
    orders: Option<mpsc::UnboundedSender<Order>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl World {
    pub fn start(records: Records, options: Options) -> Self {
        Self::start_after(records, options, || {})
    }

    /// The thread does `first` before it opens anything.
    pub fn start_after(records: Records, options: Options, first: impl FnOnce() + Send + 'static) -> Self {
        let records = Arc::new(records);
        let (orders, mut received) = mpsc::unbounded_channel::<Order>();
        let shared = records.clone();
        let thread = std::thread::spawn(move || {
            first();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
            LocalSet::new().block_on(&runtime, async move {
                let mut server = Server::new(shared, options);
                while let Some((wanted, reply)) = received.recv().await {
                    match wanted {
                        Some(wanted) => server.apply(&wanted).await,
                        None => _ = server.retry(),
                    }
                    reply.send(server.report()).expect("the test waits");
                }
            });
        });
        Self { records, port: free_port(), orders: Some(orders), thread: Some(thread) }
    }

    fn order(&self, wanted: Option<Vec<DnsListener>>) -> Vec<ListenerReport> {
        let (reply, report) = std_mpsc::channel();
        self.orders.as_ref().expect("running").send((wanted, reply)).expect("running");
        report.recv_timeout(Duration::from_secs(10)).expect("a report")
    }

    pub fn apply(&self, wanted: Vec<DnsListener>) -> Vec<ListenerReport> {
        self.order(Some(wanted))
    }

    pub fn retry(&self) -> Vec<ListenerReport> {
        self.order(None)
    }

    pub fn at(&self, address: &str) -> SocketAddr {
        SocketAddr::new(address.parse().expect("address"), self.port)
    }

    /// On the public side, and for VPC x.
    pub fn listen(&self) {
        let public = DnsListener::new(self.at("127.0.0.1"));
        let private = DnsListener { vpc: super::side("x"), ..DnsListener::new(self.at("127.88.1.53")) };
        let report = self.apply(vec![public, private]);
        assert!(report.len() == 2 && report.iter().all(|each| each.open), "{report:?}");
    }

    /// What `dig` prints; blanks between words are single.
    pub fn dig(&self, address: &str, words: &str) -> String {
        self.dig_by(Command::new("dig"), address, words)
    }

    /// By a command that ends in `dig`.
    pub fn dig_by(&self, mut dig: Command, address: &str, words: &str) -> String {
        let output = dig
            .args([&format!("@{address}"), "-p", &self.port.to_string(), "+time=2", "+tries=3"])
            .args(words.split(' '))
            .output()
            .expect("dig runs");
        let text = String::from_utf8(output.stdout).expect("text");
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ") + "\n").collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.orders = None;
        let ended = self.thread.take().map(std::thread::JoinHandle::join);
        assert!(std::thread::panicking() || matches!(ended, Some(Ok(()))));
    }
}

/// Free on all addresses, for UDP and TCP.
fn free_port() -> u16 {
    let free = || {
        let tcp = TcpListener::bind("0.0.0.0:0").ok()?;
        let port = tcp.local_addr().ok()?.port();
        UdpSocket::bind(("0.0.0.0", port)).ok().map(|_| port)
    };
    (0..100).find_map(|_| free()).expect("a free port")
}

/// Whether `dig` is there. Says so if not.
pub fn has_dig() -> bool {
    let found = Command::new("dig").arg("-v").output().is_ok();
    if !found {
        println!("skipped: there is no dig; install Debian's bind9-dnsutils");
    }
    found
}

/// Waits for a state, at most so long.
pub fn within(limit: Duration, mut reached: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while start.elapsed() < limit {
        if reached() {
            return true;
        }
        std::thread::yield_now();
    }
    false
}
