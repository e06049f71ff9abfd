//! Event streams that are read, and how old events are when they come.

use super::{Done, head};
use crate::clock;
use anyhow::Result;
use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

pub struct Streams {
    readers: JoinSet<()>,
    ages: Rc<RefCell<Vec<u32>>>,
}

impl Streams {
    /// Must be called inside a `LocalSet`.
    pub async fn open(to: SocketAddr, head: &str, count: usize) -> Result<Self> {
        let ages = Rc::<RefCell<Vec<u32>>>::default();
        let mut readers = JoinSet::new();
        for _ in 0..count {
            let (stream, _) = head::open(to, head, "200").await?;
            readers.spawn_local(read(stream, ages.clone()));
        }
        Ok(Self { readers, ages })
    }

    pub async fn count(&mut self, length: Duration) -> Result<Done> {
        self.ages.borrow_mut().clear();
        let started = Instant::now();
        tokio::time::sleep(length).await;
        let micros = std::mem::take(&mut *self.ages.borrow_mut());
        anyhow::ensure!(self.readers.try_join_next().is_none(), "a stream was cut");
        Ok(Done { count: micros.len() as u64, seconds: started.elapsed().as_secs_f64(), micros })
    }
}

const MARK: &[u8] = b"\"sent\":\"";

async fn read(mut stream: TcpStream, ages: Rc<RefCell<Vec<u32>>>) {
    let mut buffer = Vec::with_capacity(4096);
    while matches!(stream.read_buf(&mut buffer).await, Ok(1..)) {
        let now = clock::nanos();
        while let Some(start) = buffer.windows(MARK.len()).position(|window| window == MARK) {
            let (from, to) = (start + MARK.len(), start + MARK.len() + 20);
            let Some(digits) = buffer.get(from..to) else { break };
            let sent: u64 = String::from_utf8_lossy(digits).parse().unwrap_or(now);
            ages.borrow_mut().push(u32::try_from(now.saturating_sub(sent) / 1000).unwrap_or(u32::MAX));
            buffer.drain(..to);
        }
    }
}
