//! One round of one workload over one proxy.

use super::{STREAMS, WEBSOCKETS, Workload};
use crate::load::Done;
use crate::load::streams::Streams;
use crate::load::websockets::WebSockets;
use crate::load::{h2load::Length, handshakes};
use crate::process::{Cpu, Trace};
use crate::proxy::Proxy;
use crate::scene::Scene;
use anyhow::Result;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

/// Of the proxy, for one request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spent {
    pub cpu_us: f64,
    pub user_us: f64,
    /// Share of its core that it used, per cent.
    pub busy: f64,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Sample {
    pub spent: Spent,
    pub per_second: f64,
    /// p50, p99 and p99.9, microseconds.
    pub times: Option<[f64; 3]>,
}

pub struct Round<'a> {
    pub workload: Workload,
    pub scene: &'a Scene,
    pub folder: &'a Path,
    pub seconds: f64,
}

/// Streams before they are counted.
const SETTLE: Duration = Duration::from_millis(300);

impl Round<'_> {
    fn to(&self, proxy: &Proxy) -> SocketAddr {
        if self.workload.over_tls() { proxy.doors.https } else { proxy.doors.http }
    }

    pub async fn over(&self, proxy: &mut Proxy) -> Result<Sample> {
        let to = self.to(proxy);
        let pids = proxy.process.tree();
        let sample = match self.workload.load(self.scene, self.folder)? {
            Some(load) => {
                let (before, began) = (Cpu::of(&pids), Instant::now());
                let done = load.run(to, Length::Seconds(self.seconds), self.folder).await?;
                let spent = spent(&pids, before, began, &done);
                let half = Length::Rate(done.per_second() / 2.0, self.seconds / 2.0);
                let mut calm = load.run(to, half, self.folder).await?;
                Sample { spent, per_second: done.per_second(), times: calm.percentiles() }
            }
            None => self.streams(to, Some(&pids)).await?,
        };
        proxy.process.check()?;
        proxy.forget()?;
        Ok(sample)
    }

    /// The same past the proxies: how long everything else takes. `rate` is what half load means for requests.
    pub async fn direct(&self, rate: f64) -> Result<Option<[f64; 3]>> {
        let backends = self.scene.backends;
        let to = match self.workload {
            Workload::Get | Workload::Post => backends.web,
            Workload::Tls | Workload::Http2 | Workload::Handshakes => backends.web_tls,
            Workload::Grpc => backends.grpc,
            Workload::Events | Workload::WebSockets => backends.streams,
        };
        let Some(mut load) = self.workload.load(self.scene, self.folder)? else {
            return Ok(self.streams(to, None).await?.times);
        };
        // The prefix is the gateway's.
        let (start, rest) = load.url.split_once("/api/predict/").unwrap_or_default();
        let path = rest.split_once('/').map_or("", |(_, path)| path);
        load.url = format!("{start}/{path}");
        if self.workload == Workload::Grpc {
            load.url = load.url.replace("https:", "http:");
        }
        Ok(load.run(to, Length::Rate(rate, self.seconds / 2.0), self.folder).await?.percentiles())
    }

    async fn streams(&self, to: SocketAddr, pids: Option<&[u32]>) -> Result<Sample> {
        let (head, length) = (self.workload.head(self.scene), Duration::from_secs_f64(self.seconds));
        let pids = pids.unwrap_or_default();
        let (mut done, spent) = match self.workload {
            Workload::Events => {
                let mut streams = Streams::open(to, &head, STREAMS).await?;
                tokio::time::sleep(SETTLE).await;
                let (before, began) = (Cpu::of(pids), Instant::now());
                let done = streams.count(length).await?;
                let spent = spent(pids, before, began, &done);
                (done, spent)
            }
            Workload::WebSockets => {
                let mut sockets = WebSockets::open(to, &head, WEBSOCKETS).await?;
                tokio::time::sleep(SETTLE).await;
                let (before, began) = (Cpu::of(pids), Instant::now());
                let done = sockets.count(length).await?;
                let spent = spent(pids, before, began, &done);
                (done, spent)
            }
            _ => {
                let host = self.scene.web().host_name();
                let (before, began) = (Cpu::of(pids), Instant::now());
                let mut done = handshakes::run(to, &host, &head, length).await?;
                let spent = spent(pids, before, began, &done);
                // At saturation, so a queue's and not the proxy's.
                done.micros.clear();
                (done, spent)
            }
        };
        Ok(Sample { spent, per_second: done.per_second(), times: done.percentiles() })
    }

    /// System calls for one request.
    pub async fn syscalls(&self, proxy: &mut Proxy) -> Result<f64> {
        let (to, head) = (self.to(proxy), self.workload.head(self.scene));
        let pids = proxy.process.tree();
        let second = Duration::from_secs(1);
        let (calls, count) = match self.workload {
            Workload::Events => {
                let mut streams = Streams::open(to, &head, STREAMS / 4).await?;
                let trace = Trace::start(&pids, self.folder)?;
                let done = streams.count(second).await?;
                (trace.stop()?, done.count)
            }
            Workload::WebSockets => {
                let mut sockets = WebSockets::open(to, &head, WEBSOCKETS / 4).await?;
                let trace = Trace::start(&pids, self.folder)?;
                let done = sockets.count(second).await?;
                (trace.stop()?, done.count)
            }
            Workload::Handshakes => {
                let trace = Trace::start(&pids, self.folder)?;
                let done = handshakes::run(to, &self.scene.web().host_name(), &head, second).await?;
                (trace.stop()?, done.count)
            }
            _ => {
                let Some(load) = self.workload.load(self.scene, self.folder)? else { return Ok(0.0) };
                let trace = Trace::start(&pids, self.folder)?;
                let done = load.run(to, Length::Requests(8_000), self.folder).await?;
                (trace.stop()?, done.count)
            }
        };
        proxy.forget()?;
        Ok(calls as f64 / count.max(1) as f64)
    }
}

fn spent(pids: &[u32], before: Cpu, began: Instant, done: &Done) -> Spent {
    let (all, user) = Cpu::of(pids).since(before);
    let count = done.count.max(1) as f64;
    Spent { cpu_us: all / count, user_us: user / count, busy: all / began.elapsed().as_micros() as f64 * 100.0 }
}
