//! Event streams of the sample model that begin again as soon as they have ended. Each has to come to its end.

use super::http::Http;
use super::{until, within};
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// Of one stream; it takes three seconds.
const EVENTS: usize = 15;
const INTERVAL_MS: usize = 200;

#[derive(Default)]
struct Tally {
    stop: AtomicBool,
    open: AtomicUsize,
    ended: AtomicUsize,
    failures: Mutex<Vec<String>>,
}

pub struct Streams {
    tally: Arc<Tally>,
    threads: Vec<JoinHandle<()>>,
}

impl Streams {
    /// Returns when all of them are open.
    pub fn begin(count: usize, door: SocketAddr, path: &str, token: &str) -> Self {
        let tally = Arc::<Tally>::default();
        let stream = |_| {
            let (tally, path, token) = (tally.clone(), path.to_owned(), token.to_owned());
            let run = move || {
                while !tally.stop.load(SeqCst) {
                    if let Err(error) = stream(&tally, door, &path, &token) {
                        tally.failures.lock().unwrap().push(error.to_string());
                    }
                }
            };
            std::thread::Builder::new().stack_size(256 * 1024).spawn(run).unwrap()
        };
        let threads = (0..count).map(stream).collect();
        until("all streams to be open", || (tally.open.load(SeqCst) >= count * 9 / 10).then_some(()));
        Self { tally, threads }
    }

    /// So many have ended, in order.
    pub fn ended(&self) -> usize {
        self.tally.ended.load(SeqCst)
    }

    /// Waits until each of those that are open now has been able to end.
    pub fn go_on(&self) {
        let before = self.ended();
        within(Duration::from_secs(40), "streams to end", || {
            (self.ended() >= before + self.threads.len()).then_some(())
        });
    }

    /// How many there were, and what went wrong.
    pub fn end(self) -> (usize, Vec<String>) {
        self.tally.stop.store(true, SeqCst);
        self.threads.into_iter().for_each(|thread| thread.join().unwrap());
        (self.tally.ended.load(SeqCst), self.tally.failures.lock().unwrap().clone())
    }
}

fn stream(tally: &Tally, door: SocketAddr, path: &str, token: &str) -> io::Result<()> {
    let mut connection = Http::connect(door)?;
    let path = format!("{path}/stream?events={EVENTS}&interval_ms={INTERVAL_MS}");
    connection.send("GET", &path, &[("Authorization", token)], "")?;
    let (status, _) = connection.head()?;
    if status != 200 {
        return Err(io::Error::other(format!("status {status}")));
    }
    tally.open.fetch_add(1, SeqCst);
    let mut text = String::new();
    let read = (|| {
        while let Some(chunk) = connection.chunk()? {
            text += &String::from_utf8_lossy(&chunk);
        }
        Ok(())
    })();
    tally.open.fetch_sub(1, SeqCst);
    let whole: String = (1..=EVENTS).map(|n| format!("data: {{\"event\":{n},\"of\":{EVENTS}}}\n\n")).collect();
    match read {
        Ok(()) if text == whole => {
            tally.ended.fetch_add(1, SeqCst);
            Ok(())
        }
        Ok(()) => Err(io::Error::other(format!("another text: {text}"))),
        Err(error) => {
            let error: io::Error = error;
            Err(io::Error::other(format!("cut after {} events: {error}", text.matches("data:").count())))
        }
    }
}
