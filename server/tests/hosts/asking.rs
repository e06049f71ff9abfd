//! One client that never stops asking.

use crate::common::http::Http;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread::JoinHandle;
use std::time::Duration;

/// Answers, and what was wrong with the others.
type Tally = (usize, Vec<String>);

pub struct Asking {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Tally>,
}

impl Asking {
    /// In the network namespace of the caller.
    pub fn start(door: SocketAddr, token: &str, host: &str) -> Self {
        let stop = Arc::<AtomicBool>::default();
        let (stopped, token, host) = (stop.clone(), token.to_owned(), host.to_owned());
        let thread = std::thread::spawn(move || {
            let (mut answered, mut failed) = (0, Vec::new());
            while !stopped.load(SeqCst) {
                let headers = [("authorization", token.as_str()), ("host", host.as_str())];
                match Http::connect(door).and_then(|mut http| http.get("/api/predict/where/", &headers)) {
                    Ok(answer) if answer.status == 200 => answered += 1,
                    Ok(answer) => failed.push(format!("{} {}", answer.status, answer.body)),
                    Err(error) => failed.push(error.to_string()),
                }
                std::thread::sleep(Duration::from_millis(20));
            }
            (answered, failed)
        });
        Self { stop, thread }
    }

    pub fn stop(self) -> Tally {
        self.stop.store(true, SeqCst);
        self.thread.join().unwrap()
    }
}
