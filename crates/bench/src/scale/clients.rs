//! Clients on connections that are kept, each with one request at a time, on a thread of their own.

use anyhow::{Context, Result, bail, ensure};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

#[derive(Clone)]
pub struct Clients {
    pub to: SocketAddr,
    /// Requests; each client takes any of them each time.
    pub heads: Arc<[String]>,
    /// What is answered to them.
    pub status: u16,
    pub count: u32,
}

/// A connection and what was read from it too early.
pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    pub async fn connect(to: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(4096) })
    }

    /// The status of the answer, which is read to its end.
    pub async fn ask(&mut self, head: &str) -> Result<u16> {
        self.stream.write_all(head.as_bytes()).await?;
        loop {
            ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "closed instead of an answer");
            let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let text = std::str::from_utf8(&self.buffer[..end])?;
            let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no status")?;
            let length = text.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>())?.ok()
            });
            let whole = end + 4 + length.with_context(|| format!("no length: {text}"))?;
            if self.buffer.len() >= whole {
                self.buffer.drain(..whole);
                return Ok(status);
            }
        }
    }
}

pub struct Done {
    pub count: u64,
    pub seconds: f64,
    /// Of each request, microseconds; at a rate only.
    pub micros: Vec<f64>,
}

impl Clients {
    /// As fast as it goes, or at so many requests a second of all together.
    pub async fn run(&self, length: Duration, rate: Option<f64>) -> Result<Done> {
        let all = self.clone();
        tokio::task::spawn_blocking(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            tokio::task::LocalSet::new().block_on(&runtime, all.run_here(length, rate))
        })
        .await?
    }

    async fn run_here(&self, length: Duration, rate: Option<f64>) -> Result<Done> {
        let mut tasks = JoinSet::new();
        let mut clients = Vec::new();
        for _ in 0..self.count {
            clients.push(Client::connect(self.to).await?);
        }
        let began = Instant::now();
        for (number, client) in (0u32..).zip(clients) {
            // Each at its own times, so that they do not come at once.
            let pace = rate.map(|rate| {
                let period = Duration::from_secs_f64(f64::from(self.count) / rate);
                (began + period * number / self.count, period)
            });
            tasks.spawn_local(self.clone().one(client, number, began + length, pace));
        }
        let mut done = Done { count: 0, seconds: 0.0, micros: Vec::new() };
        while let Some(one) = tasks.join_next().await {
            let (count, micros) = one??;
            done.count += count;
            done.micros.extend(micros);
        }
        done.seconds = began.elapsed().as_secs_f64();
        Ok(done)
    }

    async fn one(
        self,
        mut client: Client,
        number: u32,
        end: Instant,
        pace: Option<(Instant, Duration)>,
    ) -> Result<(u64, Vec<f64>)> {
        let (mut count, mut micros, mut random) = (0, Vec::new(), u64::from(number) + 1);
        while Instant::now() < end {
            if let Some((first, period)) = pace {
                let next = first + period * u32::try_from(count)?;
                if next > end {
                    break;
                }
                tokio::time::sleep_until(next.into()).await;
            }
            // xorshift: the same every time, and in no order.
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let head = &self.heads[(random % self.heads.len() as u64) as usize];
            let sent = Instant::now();
            let status = client.ask(head).await?;
            if status != self.status {
                bail!("{status} instead of {} to {head}", self.status);
            }
            count += 1;
            if pace.is_some() {
                micros.push(sent.elapsed().as_secs_f64() * 1e6);
            }
        }
        Ok((count, micros))
    }
}
