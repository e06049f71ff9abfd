//! Traffic while the configuration changes a hundred times a second, beside traffic while it does not.

use super::clients::Clients;
use super::running::Running;
use super::setting::Setting;
use super::{median, shares, start};
use crate::options::Options;
use crate::scene::Scene;
use anyhow::{Result, ensure};
use domain::snapshot::Delta;
use std::fmt::Write;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

const SETTING: Setting = Setting { gateways: 10, of_each: 100 };
const PERIOD: Duration = Duration::from_millis(10);
const CLIENTS: u32 = 16;
const SETTLE: Duration = Duration::from_millis(300);

pub async fn measure(options: &Options, scene: &Scene) -> Result<String> {
    let mut running = start(options, scene.backends, &SETTING, &options.folder.join("publish")).await?;
    let heads = (0..SETTING.services()).map(|service| SETTING.head(service, &Setting::token(service, 0)));
    let clients = Clients { to: running.door, heads: heads.collect(), status: 200, count: CLIENTS };
    let length = Duration::from_secs_f64(options.seconds);
    // Until there are connections to all replicas.
    clients.run(length, None).await?;
    let most = clients.run(length, None).await?;
    let rate = most.count as f64 / most.seconds / 2.0;
    let mut text = format!(
        "### 100 changes a second under load: {rate:.0} requests/s (half of what went) over 1,000 services\n\n\
         | control thread | p50 µs without | with | p99 µs without | with | ratio of p99 | least | most | p99.9 µs \
         without | with | ratio of p99 of two windows without |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n"
    );
    for (apart, name) in [(false, "on the worker's core"), (true, "on the load's core")] {
        running.set_apart(apart)?;
        let (mut quiet, mut busy, mut again) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..options.rounds {
            eprintln!("scale: 100 changes a second, {name}: round {} of {}", round + 1, options.rounds);
            // Another one begins each time.
            for turn in 0..3 {
                match (turn + round) % 3 {
                    0 => quiet.push(window(&clients, length, rate, None).await?),
                    1 => {
                        let deltas = deltas(&mut running, length)?;
                        busy.push(window(&clients, length, rate, Some((&mut running, deltas))).await?);
                    }
                    _ => again.push(window(&clients, length, rate, None).await?),
                }
            }
        }
        let of = |times: &[[f64; 3]], n: usize| median(times.iter().map(|each| each[n]));
        let ratios = || quiet.iter().zip(&busy).map(|(quiet, busy)| busy[1] / quiet[1]);
        let _ = writeln!(
            text,
            "| {name} | {:.0} | {:.0} | {:.0} | {:.0} | {:.2} | {:.2} | {:.2} | {:.0} | {:.0} | {:.2} |",
            of(&quiet, 0),
            of(&busy, 0),
            of(&quiet, 1),
            of(&busy, 1),
            median(ratios()),
            ratios().fold(f64::INFINITY, f64::min),
            ratios().fold(0.0, f64::max),
            of(&quiet, 2),
            of(&busy, 2),
            median(quiet.iter().zip(&again).map(|(quiet, again)| again[1] / quiet[1])),
        );
    }
    Ok(text)
}

/// Enough for a window, made before it: making them is not what is measured. Who may call stays as it is.
fn deltas(running: &mut Running, length: Duration) -> Result<Vec<Delta>> {
    let count = (length.as_secs_f64() / PERIOD.as_secs_f64()) as usize;
    let change = |number: usize| {
        let mut service = SETTING.service(number * 7919 % SETTING.services(), 0)?;
        if let domain::snapshot::Resource::Service(service) = &mut service {
            // Another one each time, also from window to window.
            service.body_limit += running.changed();
        }
        Ok(running.change(service))
    };
    (0..count).map(change).collect()
}

/// p50, p99 and p99.9, microseconds.
async fn window(
    clients: &Clients,
    length: Duration,
    rate: f64,
    publishing: Option<(&mut Running, Vec<Delta>)>,
) -> Result<[f64; 3]> {
    tokio::time::sleep(SETTLE).await;
    let publish = async {
        let Some((running, deltas)) = publishing else { return anyhow::Ok(()) };
        let mut ticks = interval(PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        for delta in deltas {
            ticks.tick().await;
            running.link.send(delta).await?;
            running.link.loaded().await?;
        }
        Ok(())
    };
    let (done, published) = tokio::join!(clients.run(length, Some(rate)), publish);
    published?;
    let mut done = done?;
    // Behind others on the machine some come too late; half of them would be another load.
    ensure!(done.count as f64 > rate * length.as_secs_f64() / 2.0, "only {} requests were made", done.count);
    Ok(shares(&mut done.micros, [0.5, 0.99, 0.999]))
}
