//! WebSockets that say something now and then and wait for the echo.

use super::{Done, head};
use crate::clock;
use crate::websocket::{CLIENT_FRAME, LENGTH};
use anyhow::Result;
use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval_at};

/// Between two messages of a client.
pub const PERIOD: Duration = Duration::from_millis(200);

pub struct WebSockets {
    talkers: JoinSet<Result<()>>,
    times: Rc<RefCell<Vec<u32>>>,
}

impl WebSockets {
    /// Must be called inside a `LocalSet`.
    pub async fn open(to: SocketAddr, head: &str, count: usize) -> Result<Self> {
        let times = Rc::<RefCell<Vec<u32>>>::default();
        let mut talkers = JoinSet::new();
        for number in 0..count {
            let (stream, _) = head::open(to, head, "101").await?;
            // Spread over the period.
            let first = PERIOD * u32::try_from(number)? / u32::try_from(count)?;
            talkers.spawn_local(talk(stream, first, times.clone()));
        }
        Ok(Self { talkers, times })
    }

    pub async fn count(&mut self, length: Duration) -> Result<Done> {
        self.times.borrow_mut().clear();
        let started = Instant::now();
        tokio::time::sleep(length).await;
        let micros = std::mem::take(&mut *self.times.borrow_mut());
        anyhow::ensure!(self.talkers.try_join_next().is_none(), "a WebSocket was cut");
        Ok(Done { count: micros.len() as u64, seconds: started.elapsed().as_secs_f64(), micros })
    }
}

async fn talk(mut stream: TcpStream, first: Duration, times: Rc<RefCell<Vec<u32>>>) -> Result<()> {
    let mut ticks = interval_at(tokio::time::Instant::now() + first, PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut message = [b'm'; LENGTH + 6];
    message[..6].copy_from_slice(&CLIENT_FRAME);
    let mut answer = [0; LENGTH + 2];
    loop {
        ticks.tick().await;
        let sent = clock::nanos();
        stream.write_all(&message).await?;
        stream.read_exact(&mut answer).await?;
        anyhow::ensure!(answer[2..] == message[6..], "another message came back");
        times.borrow_mut().push(u32::try_from((clock::nanos() - sent) / 1000)?);
    }
}
