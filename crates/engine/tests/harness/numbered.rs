//! Streams whose pieces are numbered: nothing is lost, doubled or cut unnoticed. The server's tests use it as well.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Between two numbers of one stream.
pub const PAUSE: Duration = Duration::from_millis(200);
/// Nothing takes longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Open WebSockets and event streams, and how far each has come.
pub struct Streams {
    /// Path, host and token.
    asked: [String; 3],
    stop: watch::Sender<bool>,
    tallies: Vec<Arc<AtomicUsize>>,
    tasks: JoinSet<()>,
}

impl Streams {
    pub fn of(path: &str, host: &str, token: &str) -> Self {
        let asked = [path, host, token].map(str::to_owned);
        Self { asked, stop: watch::Sender::new(false), tallies: Vec::new(), tasks: JoinSet::new() }
    }

    /// Whether they shall end.
    pub fn stop(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// Sends numbers over a WebSocket; each has to come back before the next one goes.
    pub async fn websocket(&mut self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let more = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        let mut stream = self.begin(stream, more, 101).await;
        let (tally, mut stop) = (self.tally(), self.stop());
        self.tasks.spawn(async move {
            while !*stop.borrow() {
                let number = format!("{}\n", tally.load(Relaxed));
                stream.get_mut().write_all(number.as_bytes()).await.expect("to send");
                assert_eq!(line(&mut stream).await, number);
                tally.fetch_add(1, Relaxed);
                let _ = timeout(PAUSE, stop.changed()).await;
            }
            stream.get_mut().shutdown().await.unwrap();
            assert_eq!(line(&mut stream).await, "");
        });
    }

    /// Reads events, of which each has to be the next one, and at last the end of the answer.
    pub async fn events(&mut self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let mut stream = self.begin(stream, "", 200).await;
        let (tally, stop) = (self.tally(), self.stop());
        self.tasks.spawn(async move {
            let mut text = String::new();
            while let Some(chunk) = chunk(&mut stream).await {
                text += &chunk;
                while let Some((event, rest)) = text.split_once("\n\n") {
                    assert_eq!(event, format!("data: {}", tally.load(Relaxed)));
                    tally.fetch_add(1, Relaxed);
                    text = rest.to_owned();
                }
            }
            assert!(*stop.borrow(), "ended early");
            assert_eq!(text, "", "half an event");
        });
    }

    async fn begin<S>(&self, stream: S, more: &str, status: u16) -> BufReader<S>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let [path, host, token] = &self.asked;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\n{more}\r\n");
        let mut stream = BufReader::new(stream);
        stream.get_mut().write_all(request.as_bytes()).await.unwrap();
        let first = line(&mut stream).await;
        assert!(first.starts_with(&format!("HTTP/1.1 {status} ")), "{first}");
        while line(&mut stream).await.len() > "\r\n".len() {}
        stream
    }

    fn tally(&mut self) -> Arc<AtomicUsize> {
        let tally = Arc::<AtomicUsize>::default();
        self.tallies.push(tally.clone());
        tally
    }

    pub fn reached(&self) -> Vec<usize> {
        self.tallies.iter().map(|tally| tally.load(Relaxed)).collect()
    }

    /// How far the slowest has come since they had `reached` this; fails if one of them has ended.
    pub fn slowest_since(&mut self, reached: &[usize]) -> usize {
        if let Some(ended) = self.tasks.try_join_next() {
            panic!("a stream ended: {ended:?}");
        }
        self.reached().iter().zip(reached).map(|(now, then)| now - then).min().unwrap()
    }

    /// Returns when each of them has gone on.
    pub async fn go_on(&mut self, what: &str) {
        let (before, end) = (self.reached(), Instant::now() + PATIENCE);
        while self.slowest_since(&before) < 3 {
            assert!(Instant::now() < end, "one stands still {what}");
            tokio::time::sleep(PAUSE / 10).await;
        }
    }

    /// All are to end in order; tells how many numbers were carried.
    pub async fn end(mut self) -> usize {
        self.stop.send_replace(true);
        while let Some(ended) = self.tasks.join_next().await {
            ended.unwrap();
        }
        self.reached().iter().sum()
    }
}

/// Empty at the end.
async fn line(stream: &mut (impl AsyncBufRead + Unpin)) -> String {
    let mut line = String::new();
    timeout(PATIENCE, stream.read_line(&mut line)).await.expect("a line in time").expect("no break");
    line
}

/// `None` behind the last one.
async fn chunk(stream: &mut (impl AsyncBufRead + Unpin)) -> Option<String> {
    let head = line(stream).await;
    let length = usize::from_str_radix(head.trim_end(), 16).unwrap_or_else(|_| panic!("cut off: {head:?}"));
    let mut chunk = vec![0; length + 2];
    timeout(PATIENCE, stream.read_exact(&mut chunk)).await.expect("a chunk in time").expect("no break");
    chunk.truncate(length);
    (length > 0).then(|| String::from_utf8(chunk).unwrap())
}
