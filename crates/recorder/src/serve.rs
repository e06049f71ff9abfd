//! Answers HTTP/1.1, a thread for each connection.

use crate::program::Program;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

struct Server {
    health: String,
    command_line: String,
    ready_at: Instant,
}

/// Until somebody ends the process.
pub fn serve(program: &Program, place: &str, words: &[String]) -> ExitCode {
    let listener = match TcpListener::bind(place) {
        Ok(listener) => listener,
        Err(error) => {
            eprintln!("{}: {place}: {error}", program.name);
            return ExitCode::FAILURE;
        }
    };
    let loads = std::env::var("RECORDER_LOADS_MS").ok().and_then(|ms| ms.parse().ok()).unwrap_or(0);
    let server = Arc::new(Server {
        health: program.health.clone(),
        command_line: words.join("\n"),
        ready_at: Instant::now() + Duration::from_millis(loads),
    });
    println!("{} listens on {place}: {}", program.name, words.join(" "));
    for stream in listener.incoming().flatten() {
        let server = Arc::clone(&server);
        std::thread::spawn(move || server.converse(stream));
    }
    ExitCode::SUCCESS
}

impl Server {
    /// Errors of a connection end it, and nobody needs to hear of them.
    fn converse(&self, stream: TcpStream) -> Option<()> {
        stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        let mut stream = stream;
        loop {
            let (path, length) = head(&mut reader)?;
            std::io::copy(&mut (&mut reader).take(length), &mut std::io::sink()).ok()?;
            let (status, body) = match path.as_str() {
                path if path == self.health && Instant::now() < self.ready_at => ("503 Service Unavailable", "loading"),
                path if path == self.health => ("200 OK", "ok"),
                "/recorded" => ("200 OK", self.command_line.as_str()),
                _ => ("404 Not Found", "not found"),
            };
            let head =
                format!("HTTP/1.1 {status}\r\ncontent-type: text/plain\r\ncontent-length: {}\r\n\r\n", body.len());
            stream.write_all(format!("{head}{body}").as_bytes()).ok()?;
        }
    }
}

/// Path and length of the body.
fn head(reader: &mut impl BufRead) -> Option<(String, u64)> {
    let mut path = None;
    let mut length = 0;
    for _ in 0..100 {
        let mut line = String::new();
        if reader.take(8192).read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if path.is_none() {
            let target = line.split(' ').nth(1)?;
            path = Some(target.split('?').next().unwrap_or(target).to_owned());
        } else if line.is_empty() {
            return Some((path?, length));
        } else if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
    }
    None
}
