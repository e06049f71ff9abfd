//! Clients that never stop asking, and what became of every single request.

use crate::common::http::Http;
use crate::common::until;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// Answers that take about 200 ms keep this many requests in flight at any moment.
const SLOW: usize = 240;
/// These come and go as fast as they can, nearly.
const QUICK: usize = 16;
const STREAMS: usize = 50;

#[derive(Default)]
struct Tally {
    stop: AtomicBool,
    in_flight: AtomicUsize,
    streaming: AtomicUsize,
    answered: AtomicUsize,
    events: AtomicUsize,
    failures: Mutex<Vec<String>>,
}

pub struct Load {
    tally: Arc<Tally>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
pub struct Report {
    pub answered: usize,
    pub events: usize,
    /// Requests that got no answer, or another one than they should, and streams that were cut.
    pub failures: Vec<String>,
}

impl Load {
    /// Begins, and waits until all of it is under way.
    pub fn start(door: SocketAddr, token: &str) -> Self {
        let tally = Arc::new(Tally::default());
        let mut threads = Vec::new();
        let mut spawn = |work: fn(&Tally, SocketAddr, &str) -> io::Result<()>, name: &'static str| {
            let (tally, token) = (tally.clone(), token.to_owned());
            let run = move || {
                if let Err(error) = work(&tally, door, &token) {
                    tally.failures.lock().unwrap().push(format!("{name}: {error}"));
                }
            };
            threads.push(std::thread::Builder::new().stack_size(256 * 1024).spawn(run).unwrap());
        };
        (0..SLOW).for_each(|_| spawn(slow, "slow request"));
        (0..QUICK).for_each(|_| spawn(quick, "quick request"));
        (0..STREAMS).for_each(|_| spawn(stream, "stream"));
        let load = Self { tally, threads };
        until("all clients to be under way", || {
            (load.in_flight() >= 200 && load.streams() == STREAMS && load.answered() > SLOW).then_some(())
        });
        load
    }

    pub fn in_flight(&self) -> usize {
        self.tally.in_flight.load(SeqCst)
    }

    pub fn streams(&self) -> usize {
        self.tally.streaming.load(SeqCst)
    }

    pub fn answered(&self) -> usize {
        self.tally.answered.load(SeqCst)
    }

    /// Lets requests end, and leaves the streams.
    pub fn stop(self) -> Report {
        self.tally.stop.store(true, SeqCst);
        for thread in self.threads {
            thread.join().unwrap();
        }
        Report {
            answered: self.tally.answered.load(SeqCst),
            events: self.tally.events.load(SeqCst),
            failures: self.tally.failures.lock().unwrap().clone(),
        }
    }
}

/// Asks over one connection again and again; a connection that breaks fails the request.
fn ask(
    tally: &Tally,
    door: SocketAddr,
    token: &str,
    path: &str,
    fine: fn(&str) -> bool,
    pause: Duration,
) -> io::Result<()> {
    let mut connection = Http::connect(door)?;
    while !tally.stop.load(SeqCst) {
        tally.in_flight.fetch_add(1, SeqCst);
        let answer = connection.get(path, &[("Authorization", token)]);
        tally.in_flight.fetch_sub(1, SeqCst);
        let answer = answer?;
        if answer.status != 200 || !fine(&answer.body) {
            return Err(io::Error::other(format!("{} {}", answer.status, answer.body)));
        }
        tally.answered.fetch_add(1, SeqCst);
        if !pause.is_zero() {
            std::thread::sleep(pause);
        }
    }
    Ok(())
}

fn slow(tally: &Tally, door: SocketAddr, token: &str) -> io::Result<()> {
    let whole = |body: &str| body.contains("\"event\":2");
    ask(tally, door, token, "/api/predict/sample/stream?events=2&interval_ms=200", whole, Duration::ZERO)
}

fn quick(tally: &Tally, door: SocketAddr, token: &str) -> io::Result<()> {
    // The machine has other things to do than quick requests.
    ask(tally, door, token, "/api/predict/sample", |body| body == "True\n", Duration::from_millis(5))
}

/// Reads events until told to stop; each must be the next one.
fn stream(tally: &Tally, door: SocketAddr, token: &str) -> io::Result<()> {
    let mut connection = Http::connect(door)?;
    connection.send(
        "GET",
        "/api/predict/sample/stream?events=100000&interval_ms=50",
        &[("Authorization", token)],
        "",
    )?;
    let (status, _) = connection.head()?;
    if status != 200 {
        return Err(io::Error::other(format!("status {status}")));
    }
    tally.streaming.fetch_add(1, SeqCst);
    let (mut text, mut next) = (String::new(), 1);
    while !tally.stop.load(SeqCst) {
        let chunk = connection.chunk()?.ok_or(io::ErrorKind::UnexpectedEof)?;
        text += &String::from_utf8_lossy(&chunk);
        while let Some((event, rest)) = text.split_once("\n\n") {
            if event != format!("data: {{\"event\":{next},\"of\":100000}}") {
                return Err(io::Error::other(format!("event {next} was to come; {event}")));
            }
            next += 1;
            tally.events.fetch_add(1, SeqCst);
            text = rest.to_owned();
        }
    }
    Ok(())
}
