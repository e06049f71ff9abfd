//! A way to the ACME server that a test closes and opens.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

pub struct Proxy {
    to: SocketAddr,
    path: String,
    address: SocketAddr,
    open: Option<(Arc<AtomicBool>, JoinHandle<()>)>,
}

impl Proxy {
    /// To the server of this directory.
    pub fn start(directory: String) -> Self {
        let rest = directory.strip_prefix("https://").unwrap();
        let (to, path) = rest.split_once('/').unwrap();
        let [port] = crate::harness::pebble::ports();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let mut proxy = Self { to: to.parse().unwrap(), path: path.into(), address, open: None };
        proxy.go_on();
        proxy
    }

    /// The directory, by this way.
    pub fn url(&self) -> String {
        format!("https://{}/{}", self.address, self.path)
    }

    /// Whoever connects is refused from here on.
    pub fn stop(&mut self) {
        if let Some((stopped, accepting)) = self.open.take() {
            stopped.store(true, Ordering::Relaxed);
            // It waits for the next one.
            let _ = TcpStream::connect(self.address);
            accepting.join().unwrap();
        }
    }

    pub fn go_on(&mut self) {
        let listener = listen(self.address);
        let (to, stopped) = (self.to, Arc::new(AtomicBool::new(false)));
        let told = stopped.clone();
        let accepting = std::thread::spawn(move || {
            let mut ways = Vec::new();
            for from in listener.incoming().flatten() {
                if told.load(Ordering::Relaxed) {
                    break;
                }
                if let Ok(to) = TcpStream::connect(to) {
                    ways.extend([from.try_clone().unwrap(), to.try_clone().unwrap()]);
                    carry(from.try_clone().unwrap(), to.try_clone().unwrap());
                    carry(to, from);
                }
            }
            // Those that are open end as well.
            for way in ways {
                let _ = way.shutdown(Shutdown::Both);
            }
        });
        self.open = Some((stopped, accepting));
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Connections that ended a moment ago may hold the port.
fn listen(address: SocketAddr) -> TcpListener {
    crate::common::until("the port to be free", || TcpListener::bind(address).ok())
}

fn carry(mut from: TcpStream, mut to: TcpStream) {
    std::thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
}
