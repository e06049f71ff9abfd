//! What it costs to read answers of models as they pass: the same event streams with the observer and without.

use super::running::Running;
use super::setting::Setting;
use super::{median, shares, start};
use crate::load::streams::Streams;
use crate::options::Options;
use crate::scene::{Backends, Scene};
use crate::workload::STREAMS;
use anyhow::{Context, Result, ensure};
use domain::snapshot::Resource;
use std::fmt::Write;
use std::time::Duration;

const TWO: Setting = Setting { gateways: 1, of_each: 2 };
/// Of the two services the one that is observed.
const OBSERVED: usize = 1;
const SETTLE: Duration = Duration::from_millis(500);

struct Sample {
    /// Microseconds of CPU for an event: of all the engine, and of its worker alone.
    all: f64,
    worker: f64,
    /// Microseconds from the replica's writing to the client's reading.
    ages: [f64; 2],
}

async fn sample(running: &Running, service: usize, seconds: f64) -> Result<Sample> {
    let head = TWO.head(service, &Setting::token(service, 0));
    let mut streams = Streams::open(running.door, &head, STREAMS).await?;
    tokio::time::sleep(SETTLE).await;
    let before = running.used()?;
    let done = streams.count(Duration::from_secs_f64(seconds)).await?;
    let after = running.used()?;
    drop(streams);
    // Their ends are no part of the next ones' time.
    tokio::time::sleep(SETTLE).await;
    let each = |micros: f64| micros / done.count.max(1) as f64;
    let mut ages: Vec<f64> = done.micros.iter().map(|age| f64::from(*age)).collect();
    Ok(Sample {
        all: each(after.all - before.all),
        worker: each(after.worker - before.worker),
        ages: shares(&mut ages, [0.5, 0.99]),
    })
}

fn observed() -> Result<Resource> {
    match TWO.service(OBSERVED, 0)? {
        Resource::Service(mut service) => {
            service.policy.stream.observe = true;
            Ok(Resource::Service(service))
        }
        _ => None.context("no service"),
    }
}

pub async fn measure(options: &Options, scene: &Scene) -> Result<String> {
    let backends = Backends { web: scene.backends.streams, ..scene.backends };
    let mut running = start(options, backends, &TWO, &options.folder.join("observer")).await?;
    let delta = running.change(observed()?);
    running.link.send(delta).await?;
    running.link.loaded().await?;
    let mut samples: [Vec<Sample>; 2] = [Vec::new(), Vec::new()];
    for round in 0..options.rounds {
        eprintln!("observer: round {} of {}", round + 1, options.rounds);
        for turn in 0..samples.len() {
            let service = (turn + round) % samples.len();
            samples[service].push(sample(&running, service, options.seconds).await?);
        }
    }
    let tokens = running.link.told().tokens();
    ensure!(tokens > 0, "nothing was observed");
    let mut text = format!(
        "### The response observer: {STREAMS} event streams with 50 events a second each, OpenAI's chunks\n\n\
         | observer | CPU µs/event, median | of the worker alone | age of an event, p50 µs | p99 µs |\n\
         |---|--:|--:|--:|--:|\n"
    );
    for (name, samples) in ["off", "on"].into_iter().zip(&samples) {
        let of = |value: fn(&Sample) -> f64| median(samples.iter().map(value));
        let _ = writeln!(
            text,
            "| {name} | {:.2} | {:.2} | {:.0} | {:.0} |",
            of(|it| it.all),
            of(|it| it.worker),
            of(|it| it.ages[0]),
            of(|it| it.ages[1])
        );
    }
    let [off, on] = &samples;
    let ratio = |value: fn(&Sample) -> f64| median(off.iter().zip(on).map(|(off, on)| value(on) / value(off)));
    let _ = writeln!(
        text,
        "\nOn ÷ off, within rounds: {:.3}, of the worker alone {:.3}. {tokens} tokens were counted.",
        ratio(|it| it.all),
        ratio(|it| it.worker)
    );
    Ok(text)
}
