//! A replica written in Python, with the server that its authors would use.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A server that prints its port first.
pub struct Server {
    pub address: SocketAddr,
    child: Child,
}

impl Server {
    pub fn start(folder: &Path, script: &str) -> Self {
        let mut python = Command::new("python3");
        python.env("PYTHONPATH", folder);
        Self::start_in(python, script)
    }

    pub fn start_in(mut python: Command, script: &str) -> Self {
        let mut child = python.arg("-c").arg(script).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { address: ([127, 0, 0, 1], line.trim().parse().unwrap()).into(), child }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
