//! Clients that ask over and over on connections that stay open, and what became of every request.

use super::SOON;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// The way a request went.
#[derive(Debug, PartialEq, Eq)]
pub enum Went {
    /// A whole answer; whether it said that the connection ends with it.
    Answered { status: u16, last: bool },
    /// The connection ended before the first byte of an answer.
    Unanswered,
    /// An answer that began and did not end.
    Cut(String),
}

/// What one client met, until a connection ended or it was told to stop.
#[derive(Debug, Default)]
pub struct Met {
    pub answered: usize,
    /// Statuses other than 200.
    pub others: Vec<u16>,
    pub unanswered: usize,
    pub cut: Vec<String>,
    /// A new connection was refused after one had ended.
    pub refused: bool,
}

pub struct Asking {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    clients: JoinSet<Met>,
}

impl Asking {
    /// So many clients, each with one request after the other; a connection that ends is followed by another one
    /// until that is refused.
    pub fn start(clients: usize, door: SocketAddr, request: &str) -> Self {
        let mut asking = Self { stop: Arc::default(), answered: Arc::default(), clients: JoinSet::new() };
        for _ in 0..clients {
            let (stop, answered) = (asking.stop.clone(), asking.answered.clone());
            asking.clients.spawn(ask(door, request.to_owned(), stop, answered));
        }
        asking
    }

    /// Answers 200 to all of them.
    pub fn answered(&self) -> usize {
        self.answered.load(Relaxed)
    }

    pub fn stop(&self) {
        self.stop.store(true, Relaxed);
    }

    /// Waits for the end of all, by themselves or because they were told to stop.
    pub async fn met(self) -> Vec<Met> {
        timeout(SOON, self.clients.join_all()).await.expect("their end in time")
    }
}

async fn ask(door: SocketAddr, request: String, stop: Arc<AtomicBool>, answered: Arc<AtomicUsize>) -> Met {
    let mut met = Met::default();
    while !stop.load(Relaxed) {
        let Ok(stream) = TcpStream::connect(door).await else {
            met.refused = true;
            break;
        };
        stream.set_nodelay(true).unwrap();
        let mut stream = BufReader::new(stream);
        while !stop.load(Relaxed) {
            match timeout(SOON, exchange(&mut stream, &request)).await.expect("an answer in time") {
                Went::Answered { status, last } => {
                    if status == 200 {
                        met.answered += 1;
                        answered.fetch_add(1, Relaxed);
                    } else {
                        met.others.push(status);
                    }
                    if last {
                        break;
                    }
                }
                Went::Unanswered => {
                    met.unanswered += 1;
                    break;
                }
                Went::Cut(what) => {
                    met.cut.push(what);
                    break;
                }
            }
        }
    }
    met
}

/// One request and its answer.
pub async fn exchange(stream: &mut BufReader<TcpStream>, request: &str) -> Went {
    if stream.get_mut().write_all(request.as_bytes()).await.is_err() {
        return Went::Unanswered;
    }
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let read = stream.read_until(b'\n', &mut head).await;
        if !read.is_ok_and(|len| len > 0) {
            return if head.is_empty() { Went::Unanswered } else { Went::Cut(String::from_utf8_lossy(&head).into()) };
        }
    }
    let seen = String::from_utf8_lossy(&head).into_owned();
    let lower = seen.to_ascii_lowercase();
    let value = |name: &str| lower.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let (Some(status), Some(length)) = (lower.split(' ').nth(1), value("content-length:")) else {
        return Went::Cut(seen);
    };
    let mut body = vec![0; length.parse().unwrap()];
    if stream.read_exact(&mut body).await.is_err() {
        return Went::Cut(seen);
    }
    Went::Answered { status: status.parse().unwrap(), last: value("connection:") == Some("close") }
}
