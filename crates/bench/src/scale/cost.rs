//! What a request costs with 100,000 services, beside what it costs with few.

use super::clients::Clients;
use super::running::Running;
use super::setting::Setting;
use super::{median, start};
use crate::options::Options;
use crate::scene::Scene;
use anyhow::Result;
use std::fmt::Write;
use std::time::Duration;

const FEW: Setting = Setting { gateways: 10, of_each: 1 };
const MANY: Setting = Setting { gateways: 100, of_each: 1000 };
/// Those that are asked where replicas answer: each has connections of its own, and a machine has not that many.
const SOME: Setting = Setting { gateways: 100, of_each: 10 };
const CLIENTS: u32 = 64;
const SETTLE: Duration = Duration::from_millis(500);

/// Which requests are made.
#[derive(Clone, Copy)]
enum Spread {
    /// All for one service.
    One,
    /// For 1,000 services of all gateways, each with connections to its replica.
    Some,
    /// For any service at all, with a wrong token: nothing but the engine's own work.
    All,
}

impl Spread {
    const EACH: [Self; 3] = [Self::One, Self::Some, Self::All];

    fn title(self) -> &'static str {
        match self {
            Self::One => "GET, one service",
            Self::Some => "GET, the same 1,000 services in turn",
            Self::All => "a wrong token (401), all services in turn",
        }
    }

    /// The engine with few services.
    fn few(self) -> Setting {
        if matches!(self, Self::Some) { SOME } else { FEW }
    }

    fn clients(self, setting: &Setting, running: &Running) -> Clients {
        let services = setting.services();
        let asked = match self {
            Self::One => services / 2..services / 2 + 1,
            Self::Some => 0..SOME.services(),
            Self::All => 0..services,
        };
        let (change, status) = if matches!(self, Self::All) { (1, 401) } else { (0, 200) };
        let heads = asked.map(|service| setting.head(service, &Setting::token(service, change)));
        Clients { to: running.door, heads: heads.collect(), status, count: CLIENTS }
    }
}

/// Microseconds of CPU for a request: of all the engine, and of its worker alone.
struct Sample {
    all: f64,
    worker: f64,
}

async fn sample(clients: &Clients, running: &Running, seconds: f64) -> Result<Sample> {
    running.wake()?;
    tokio::time::sleep(SETTLE).await;
    let before = running.used()?;
    let done = clients.run(Duration::from_secs_f64(seconds), None).await?;
    let after = running.used()?;
    running.pause()?;
    let each = |micros: f64| micros / done.count as f64;
    Ok(Sample { all: each(after.all - before.all), worker: each(after.worker - before.worker) })
}

pub async fn measure(options: &Options, scene: &Scene) -> Result<String> {
    let few = start(options, scene.backends, &FEW, &options.folder.join("few")).await?;
    let some = start(options, scene.backends, &SOME, &options.folder.join("some")).await?;
    let many = start(options, scene.backends, &MANY, &options.folder.join("many")).await?;
    let each = [("10", &few), ("1,000", &some), ("100,000", &many)];
    tokio::time::sleep(SETTLE).await;
    let at_rest = each.map(|(_, running)| running.memory());
    for (_, running) in each {
        running.pause()?;
    }
    let mut text = String::from(
        "### CPU of a request with 100,000 services on 100 gateways, and with few\n\n\
         | HTTP/1.1 keep-alive, 64 connections | few | µs/request | 100,000, µs/request | ratio | least | most | \
         of the worker alone |\n|---|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for spread in Spread::EACH {
        let less = if matches!(spread, Spread::Some) { &some } else { &few };
        let of_few = spread.clients(&spread.few(), less);
        let of_many = spread.clients(&MANY, &many);
        let mut samples = Vec::new();
        // The first round makes connections to replicas and is left out.
        for round in 0..=options.rounds {
            eprintln!("scale: {}: round {round} of {}", spread.title(), options.rounds);
            let pair = if round % 2 == 0 {
                let first = sample(&of_few, less, options.seconds).await?;
                (first, sample(&of_many, &many, options.seconds).await?)
            } else {
                let first = sample(&of_many, &many, options.seconds).await?;
                (sample(&of_few, less, options.seconds).await?, first)
            };
            samples.extend((round > 0).then_some(pair));
        }
        let ratios = || samples.iter().map(|(few, many)| many.all / few.all);
        let _ = writeln!(
            text,
            "| {} | {} | {:.2} | {:.2} | {:.3} | {:.3} | {:.3} | {:.3} |",
            spread.title(),
            spread.few().services(),
            median(samples.iter().map(|(few, _)| few.all)),
            median(samples.iter().map(|(_, many)| many.all)),
            median(ratios()),
            ratios().fold(f64::INFINITY, f64::min),
            ratios().fold(0.0, f64::max),
            median(samples.iter().map(|(few, many)| many.worker / few.worker)),
        );
    }
    for ((name, running), at_rest) in each.into_iter().zip(at_rest) {
        let _ = writeln!(
            text,
            "\n{name} services: {:.1} MB resident when told, {:.1} MB at the end; served {:.2} s after its start.",
            at_rest as f64 / 1e6,
            running.memory() as f64 / 1e6,
            running.ready.as_secs_f64(),
        );
    }
    Ok(text)
}
