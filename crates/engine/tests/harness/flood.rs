//! Everything at once against one gateway, from a thread of its own.

use super::tls::Browser;
use super::{TOKEN, other};
use rustls::ClientConnection;
use rustls::pki_types::ServerName;
use rustls::version::TLS13;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// Connections that ask without waiting for answers.
const ASKING: usize = 64;
/// TLS clients that say whom they want and nothing more, and such that take their time to say even that.
const STALLED: usize = 500;
const DRIPPING: usize = 50;

pub struct Flood {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    /// Bytes of answers.
    carried: Arc<AtomicUsize>,
}

impl Flood {
    /// Returns when all of it is under way; `waiting` is the number of connections that only wait.
    pub fn start(door: SocketAddr, tls: SocketAddr, waiting: usize) -> Self {
        let (stop, stopped) = oneshot::channel();
        let (begun, begins) = std::sync::mpsc::channel();
        let carried = Arc::<AtomicUsize>::default();
        let counted = carried.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut held = Vec::with_capacity(waiting);
                for _ in 0..waiting {
                    let stream = TcpStream::connect(door).await.unwrap();
                    // Its port is free again with it: the next flood may need as many.
                    stream.set_zero_linger().unwrap();
                    held.push(stream);
                }
                let mut tasks = JoinSet::new();
                for n in 0..STALLED + DRIPPING {
                    tasks.spawn(greet(tls, n >= STALLED));
                }
                for _ in 0..ASKING {
                    ask(&mut tasks, door, counted.clone()).await;
                }
                while counted.load(Relaxed) == 0 {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                begun.send(()).unwrap();
                let _ = stopped.await;
            });
        });
        begins.recv().expect("the flood to begin");
        Self { stop: Some(stop), thread: Some(thread), carried }
    }

    pub fn carried(&self) -> usize {
        self.carried.load(Relaxed)
    }
}

impl Drop for Flood {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking());
        }
    }
}

async fn ask(tasks: &mut JoinSet<()>, door: SocketAddr, carried: Arc<AtomicUsize>) {
    let (mut from, mut to) = TcpStream::connect(door).await.unwrap().into_split();
    let request = format!("GET / HTTP/1.1\r\nHost: {}\r\nAuthorization: {TOKEN}\r\n\r\n", other::HOST).repeat(16);
    tasks.spawn(async move { while to.write_all(request.as_bytes()).await.is_ok() {} });
    tasks.spawn(async move {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(len @ 1..) = from.read(&mut buffer).await {
            carried.fetch_add(len, Relaxed);
        }
    });
}

/// Begins a TLS handshake and leaves it at that, again and again.
async fn greet(tls: SocketAddr, drips: bool) {
    let name = ServerName::try_from(other::HOST).unwrap();
    let mut hello = Vec::new();
    let mut connection = ClientConnection::new(Browser::new(&[&TLS13]).config(), name).unwrap();
    connection.write_tls(&mut hello).unwrap();
    loop {
        let Ok(mut stream) = TcpStream::connect(tls).await else { return };
        let pieces = if drips { 1 } else { hello.len() };
        for piece in hello.chunks(pieces) {
            if stream.write_all(piece).await.is_err() {
                break;
            }
            if drips {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        // Until the engine has lost patience.
        while let Ok(1..) = stream.read(&mut [0; 4096]).await {}
    }
}
