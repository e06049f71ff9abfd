//! Streams whose pieces are numbered: nothing is lost, doubled or cut unnoticed.

use super::{Client, HOST, Replica, SOON, TOKEN, until};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// Between two numbers of one stream.
const PAUSE: Duration = Duration::from_millis(200);

/// Open WebSockets and event streams, and how far each has come.
pub struct Streams {
    /// Both kinds end when it says so.
    stop: watch::Sender<bool>,
    tallies: Vec<Arc<AtomicUsize>>,
    tasks: JoinSet<()>,
}

impl Default for Streams {
    fn default() -> Self {
        Self { stop: watch::Sender::new(false), tallies: Vec::new(), tasks: JoinSet::new() }
    }
}

impl Streams {
    /// Counts up on event streams, and sends back whatever comes over WebSockets.
    pub async fn replica(&self) -> Replica {
        let stop = self.stop.subscribe();
        Replica::serve(move |stream| serve(stream, stop.clone())).await
    }

    /// Sends numbers over a WebSocket; each has to come back before the next one goes.
    pub async fn websocket(&mut self, mut client: Client) {
        let more = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        begin(&mut client, more, 101).await;
        let (tally, mut stop) = (self.tally(), self.stop.subscribe());
        self.tasks.spawn(async move {
            while !*stop.borrow() {
                let number = format!("{}\n", tally.load(Relaxed));
                client.write(&number).await;
                let mut back = vec![0; number.len()];
                timeout(SOON, client.stream.read_exact(&mut back)).await.expect("an echo in time").expect("no end");
                assert_eq!(back, number.as_bytes());
                tally.fetch_add(1, Relaxed);
                let _ = timeout(PAUSE, stop.changed()).await;
            }
            client.stream.get_mut().shutdown().await.unwrap();
            assert!(client.is_closed().await);
        });
    }

    /// Reads events, of which each has to be the next one, and at last the end of the answer.
    pub async fn events(&mut self, mut client: Client) {
        begin(&mut client, "", 200).await;
        let (tally, stop) = (self.tally(), self.stop.subscribe());
        self.tasks.spawn(async move {
            let mut text = String::new();
            while let Some(chunk) = client.chunk().await {
                text += &chunk;
                while let Some((event, rest)) = text.split_once("\n\n") {
                    assert_eq!(event, format!("data: {}", tally.load(Relaxed)));
                    tally.fetch_add(1, Relaxed);
                    text = rest.to_owned();
                }
            }
            assert!(*stop.borrow(), "cut off");
            assert_eq!(text, "", "half an event");
        });
    }

    fn tally(&mut self) -> Arc<AtomicUsize> {
        let tally = Arc::<AtomicUsize>::default();
        self.tallies.push(tally.clone());
        tally
    }

    pub fn reached(&self) -> Vec<usize> {
        self.tallies.iter().map(|tally| tally.load(Relaxed)).collect()
    }

    /// What the slowest stream has done since they had `reached` this; fails if one of them has ended.
    pub fn slowest_since(&mut self, reached: &[usize]) -> usize {
        while let Some(ended) = self.tasks.try_join_next() {
            panic!("a stream ended: {ended:?}");
        }
        self.reached().iter().zip(reached).map(|(now, then)| now - then).min().unwrap()
    }

    /// Each of them goes on.
    pub async fn go_on(&mut self, what: &str) {
        let before = self.reached();
        until(what, async || (self.slowest_since(&before) >= 3).then_some(())).await;
    }

    /// Ends all in order; tells how many numbers were carried.
    pub async fn end(mut self) -> usize {
        self.stop.send_replace(true);
        while let Some(ended) = self.tasks.join_next().await {
            ended.unwrap();
        }
        self.reached().iter().sum()
    }
}

async fn begin(client: &mut Client, more: &str, status: u16) {
    let headers = format!("Host: {HOST}\r\nAuthorization: {TOKEN}\r\n{more}");
    client.write(&format!("GET /api/predict/model HTTP/1.1\r\n{headers}\r\n")).await;
    assert_eq!(client.answer_head().await.unwrap().status, status);
}

async fn serve(mut stream: TcpStream, stop: watch::Receiver<bool>) {
    let mut buffer = [0; 4096];
    let len = stream.read(&mut buffer).await.unwrap();
    let head = String::from_utf8_lossy(&buffer[..len]).to_ascii_lowercase();
    assert!(head.ends_with("\r\n\r\n"), "{head}");
    if head.contains("upgrade: websocket") {
        let switch = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n";
        stream.write_all(switch).await.unwrap();
        while let Ok(len @ 1..) = stream.read(&mut buffer).await {
            stream.write_all(&buffer[..len]).await.unwrap();
        }
        return;
    }
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut number = 0;
    while !*stop.borrow() {
        let event = format!("data: {number}\n\n");
        // A client that went is the client's affair to complain of.
        if stream.write_all(format!("{:x}\r\n{event}\r\n", event.len()).as_bytes()).await.is_err() {
            return;
        }
        number += 1;
        sleep(PAUSE).await;
    }
    let _ = stream.write_all(b"0\r\n\r\n").await;
}
