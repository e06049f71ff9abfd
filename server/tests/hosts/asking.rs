//! One client that never stops asking.

use crate::common::{http::Http, until};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread::JoinHandle;
use std::time::Duration;

/// Answers, and what was wrong with the others.
type Tally = (usize, Vec<String>);

pub struct Asking {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    thread: JoinHandle<Tally>,
}

impl Asking {
    /// In the network namespace of the caller.
    pub fn start(door: SocketAddr, token: &str, host: &str) -> Self {
        let (stop, count) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let (stopped, token, host) = (stop.clone(), token.to_owned(), host.to_owned());
        let answered = count.clone();
        let thread = std::thread::spawn(move || {
            let mut failed = Vec::new();
            while !stopped.load(SeqCst) {
                let headers = [("authorization", token.as_str()), ("host", host.as_str())];
                match Http::connect(door).and_then(|mut http| http.get("/api/predict/where/", &headers)) {
                    Ok(answer) if answer.status == 200 => _ = count.fetch_add(1, SeqCst),
                    Ok(answer) => failed.push(format!("{} {}", answer.status, answer.body)),
                    Err(error) => failed.push(error.to_string()),
                }
                std::thread::sleep(Duration::from_millis(20));
            }
            (count.load(SeqCst), failed)
        });
        Self { stop, answered, thread }
    }

    /// After some more answers.
    pub fn stop(self) -> Tally {
        let enough = self.answered.load(SeqCst) + 50;
        until("more answers", || (self.answered.load(SeqCst) >= enough || self.thread.is_finished()).then_some(()));
        self.stop.store(true, SeqCst);
        self.thread.join().unwrap()
    }
}
