//! How long one changed service of 10,000 takes: until the engine says it has it, and until a request sees it.

use super::clients::Client;
use super::running::Running;
use super::setting::Setting;
use super::{shares, start};
use crate::options::Options;
use crate::scene::Scene;
use anyhow::{Result, ensure};
use std::fmt::Write;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

const SETTINGS: [Setting; 3] = [
    Setting { gateways: 10, of_each: 1 },
    Setting { gateways: 10, of_each: 1000 },
    Setting { gateways: 1, of_each: 10_000 },
];
const CHANGES: usize = 300;
const PAUSE: Duration = Duration::from_millis(5);
const SOON: Duration = Duration::from_secs(10);

pub async fn measure(options: &Options, scene: &Scene) -> Result<String> {
    let mut text = format!(
        "### One changed service: {CHANGES} changes of the token, ms from the delta's sending\n\n\
         | services | until `Loaded`, p50 | p99 | max | until a request is let in, p50 | p99 | max |\n\
         |---|--:|--:|--:|--:|--:|--:|\n"
    );
    for setting in SETTINGS {
        let mut running = start(options, scene.backends, &setting, "change").await?;
        let mut loaded = changes(&mut running, &setting, false).await?;
        let mut seen = changes(&mut running, &setting, true).await?;
        let [a, b, c] = shares(&mut loaded, [0.5, 0.99, 1.0]);
        let [d, e, f] = shares(&mut seen, [0.5, 0.99, 1.0]);
        let _ = writeln!(
            text,
            "| {} × {} | {a:.2} | {b:.2} | {c:.2} | {d:.2} | {e:.2} | {f:.2} |",
            setting.gateways, setting.of_each
        );
    }
    let [a, b, c] = shares(&mut disk(&options.folder.join("disk"))?, [0.5, 0.99, 1.0]);
    let _ = writeln!(
        text,
        "\nOf the time until `Loaded`, 600 bytes written and synced (`fdatasync`) on the same disk, alone: p50 {a:.2} ms, \
         p99 {b:.2} ms, max {c:.2} ms."
    );
    Ok(text)
}

/// Milliseconds of each change until it was acknowledged, or until a request saw it.
async fn changes(running: &mut Running, setting: &Setting, asking: bool) -> Result<Vec<f64>> {
    let mut client = Client::connect(running.door).await?;
    let mut times = Vec::with_capacity(CHANGES);
    for number in 0..CHANGES {
        let service = number * 7919 % setting.services();
        // Never a token that was there before.
        let change = 1 + number + if asking { CHANGES } else { 0 };
        let head = setting.head(service, &Setting::token(service, change));
        ensure!(client.ask(&head).await? == 401, "the token is taken before it is told");
        let delta = running.change(setting.service(service, change)?);
        tokio::time::sleep(PAUSE).await;
        let sent = Instant::now();
        running.link.send(delta).await?;
        if asking {
            while client.ask(&head).await? != 200 {
                ensure!(sent.elapsed() < SOON, "the token is never taken");
            }
            times.push(sent.elapsed().as_secs_f64() * 1e3);
            running.link.loaded().await?;
        } else {
            running.link.loaded().await?;
            times.push(sent.elapsed().as_secs_f64() * 1e3);
            ensure!(client.ask(&head).await? == 200, "the token is not taken after it was told");
        }
    }
    Ok(times)
}

fn disk(path: &Path) -> Result<Vec<f64>> {
    let mut file = File::create(path)?;
    let mut times = Vec::with_capacity(CHANGES);
    for _ in 0..CHANGES {
        let began = Instant::now();
        file.write_all(&[7; 600])?;
        file.sync_data()?;
        times.push(began.elapsed().as_secs_f64() * 1e3);
        std::thread::sleep(PAUSE);
    }
    std::fs::remove_file(path)?;
    Ok(times)
}
