//! Requests and answers, made by h2load: HTTP/1.1 and HTTP/2, as fast as it goes or at a rate.

use super::Done;
use anyhow::{Context, Result, ensure};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tokio::process::Command;

#[derive(Clone, Debug)]
pub struct Load {
    pub url: String,
    pub token: String,
    pub http1: bool,
    pub clients: u32,
    /// Requests at once of each client.
    pub streams: u32,
    pub body: Option<PathBuf>,
    pub headers: &'static [&'static str],
}

pub enum Length {
    Seconds(f64),
    Requests(u64),
    /// Requests a second, for so many seconds.
    Rate(f64, f64),
}

impl Load {
    pub async fn run(&self, to: SocketAddr, length: Length, folder: &Path) -> Result<Done> {
        let log = folder.join("h2load.log");
        let _ = std::fs::remove_file(&log);
        let mut h2load = Command::new("h2load");
        h2load.args(["-t", "1", "-m", &self.streams.to_string(), "--connect-to", &to.to_string()]);
        h2load.args(["-H", &format!("authorization: {}", self.token), "-H", "accept: application/json"]);
        for header in self.headers {
            h2load.args(["-H", header]);
        }
        if self.http1 {
            h2load.arg("--h1");
        }
        if let Some(body) = &self.body {
            h2load.arg("-d").arg(body);
        }
        let mut clients = self.clients;
        match length {
            Length::Seconds(seconds) => h2load.args(["-D", &format!("{:.0}ms", seconds * 1000.0)]),
            Length::Requests(requests) => h2load.args(["-n", &requests.to_string()]),
            Length::Rate(rate, seconds) => {
                // Few: each has its own timer, and what is wanted is the time of a request, not of a queue.
                clients = clients.min(16);
                let of_each = format!("{:.3}", rate / f64::from(clients));
                h2load.args(["-D", &format!("{:.0}ms", seconds * 1000.0), "--rps", &of_each, "--log-file"]).arg(&log)
            }
        };
        let output = h2load.args(["-c", &clients.to_string(), &self.url]).output().await.context("h2load")?;
        let text = String::from_utf8_lossy(&output.stdout);
        let mut done = parse(&text).with_context(|| format!("h2load: {text}"))?;
        if log.exists() {
            let lines = std::fs::read_to_string(&log)?;
            done.micros = lines.lines().filter_map(|line| line.rsplit('\t').next()?.parse().ok()).collect();
        }
        Ok(done)
    }
}

/// `requests: 100 total, … 100 succeeded, 0 failed, …` and `finished in 1.5s, …`.
fn parse(text: &str) -> Result<Done> {
    let line = |start: &str| text.lines().find(|line| line.starts_with(start)).context("no result");
    let number = |line: &str, name: &str| -> Option<u64> {
        let piece = line.split([',', ':']).find(|piece| piece.trim_end().ends_with(name))?;
        piece.split_whitespace().next()?.parse().ok()
    };
    let requests = line("requests:")?;
    let count = number(requests, " succeeded").context("no result")?;
    // What was under way when the time was over is no failure; another status is.
    let codes = line("status codes:")?;
    for class in [" 3xx", " 4xx", " 5xx"] {
        ensure!(number(codes, class) == Some(0), "{codes}");
    }
    let failed = number(requests, " errored").context("no result")?;
    ensure!(count > 0 && failed <= 1024, "{requests}");
    let finished = line("finished in")?.trim_start_matches("finished in ");
    let seconds = seconds(finished.split(',').next().unwrap_or_default()).context("no time")?;
    Ok(Done { count, seconds, micros: Vec::new() })
}

fn seconds(text: &str) -> Option<f64> {
    let unit = text.find(|c: char| c.is_alphabetic())?;
    let number: f64 = text.get(..unit)?.parse().ok()?;
    match text.get(unit..)? {
        "s" => Some(number),
        "ms" => Some(number / 1e3),
        "us" => Some(number / 1e6),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_h2load_prints() {
        let text = "\nfinished in 3.05s, 9840.33 req/s, 6.66MB/s\nrequests: 29521 total, 29585 started, 29521 done, \
                    29521 succeeded, 0 failed, 0 errored, 0 timeout\nstatus codes: 29521 2xx, 0 3xx, 0 4xx, 0 5xx\n";
        let done = parse(text).expect("parses");
        assert_eq!((done.count, done.seconds), (29521, 3.05));
        assert!(parse(&text.replace("0 4xx", "7 4xx")).is_err());
    }

    #[test]
    fn times_with_units() {
        assert_eq!((seconds("3.05s"), seconds("500ms"), seconds("x")), (Some(3.05), Some(0.5), None));
    }
}
