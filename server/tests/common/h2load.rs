//! h2load, run after run, with every request accounted for.

use std::net::SocketAddr;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Requests of one run.
pub const REQUESTS: u64 = 2_000;

pub fn is_there() -> bool {
    let is_there = Command::new("h2load").arg("--version").output().is_ok();
    if !is_there {
        println!("skipped: there is no h2load; install Debian's nghttp2-client");
    }
    is_there
}

/// Asks over HTTP/2 and TLS, so many requests at once on each of so many connections. Returns how many were answered;
/// all of them were, and well.
pub fn ask(address: SocketAddr, host: &str, path: &str, token: &str, at_once: [&str; 2], stop: &AtomicBool) -> u64 {
    let [connections, streams] = at_once;
    let (requests, url) = (REQUESTS.to_string(), format!("https://{host}{path}"));
    let (address, token) = (address.to_string(), format!("authorization: {token}"));
    let mut answered = 0;
    while !stop.load(Relaxed) {
        let mut command = Command::new("h2load");
        command.args(["-n", &requests, "-c", connections, "-m", streams, "--connect-to", &address, "-H", &token, &url]);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let all = [format!("{REQUESTS} succeeded, 0 failed, 0 errored, 0 timeout"), format!("{REQUESTS} 2xx, ")];
        assert!(all.iter().all(|each| said.contains(each)), "{said}");
        answered += REQUESTS;
    }
    answered
}
