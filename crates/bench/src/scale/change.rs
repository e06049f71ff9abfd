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
use std::path::{Path, PathBuf};
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
         | services | the engine's folder | until a request is let in, p50 | p99 | max | until `Loaded`, p50 | p99 | max \
         | the disk alone, p50 | p99 | max |\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n"
    );
    let memory = in_memory(Path::new("/dev/shm"));
    for (name, folder) in [("on disk", Some(options.folder.clone())), ("in memory", memory)] {
        let Some(folder) = folder else { continue };
        for setting in SETTINGS {
            let mut running = start(options, scene.backends, &setting, &folder.join("change")).await?;
            let mut disk = Disk::create(&folder.join("disk"))?;
            let mut loaded = changes(&mut running, &setting, Some(&mut disk)).await?;
            let mut seen = changes(&mut running, &setting, None).await?;
            let _ = write!(text, "| {} × {} | {name} ", setting.gateways, setting.of_each);
            for times in [&mut seen, &mut loaded, &mut disk.times] {
                let [p50, p99, max] = shares(times, [0.5, 0.99, 1.0]);
                let _ = write!(text, "| {p50:.2} | {p99:.2} | {max:.2} ");
            }
            text.push_str("|\n");
        }
        // What is in memory takes it until it is gone.
        let _ = std::fs::remove_file(folder.join("disk"));
        let _ = std::fs::remove_dir_all(folder.join("change"));
        if folder != options.folder {
            let _ = std::fs::remove_dir(&folder);
        }
    }
    text += "\nBefore it says `Loaded` the engine writes and syncs some hundred bytes. *The disk alone* does the same \
             (600 bytes, `fdatasync`) in turn with the changes, past the engine.\n";
    Ok(text)
}

/// A folder of this process, if that is possible there.
fn in_memory(parent: &Path) -> Option<PathBuf> {
    let folder = parent.join(format!("inference-gateway-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).ok().map(|()| folder)
}

/// Milliseconds of each change: until it was acknowledged, and the disk for itself behind each; or until a request saw it.
async fn changes(running: &mut Running, setting: &Setting, mut disk: Option<&mut Disk>) -> Result<Vec<f64>> {
    let mut client = Client::connect(running.door).await?;
    let mut times = Vec::with_capacity(CHANGES);
    for number in 0..CHANGES {
        let service = number * 7919 % setting.services();
        // Never a token that was there before.
        let change = 1 + number + if disk.is_none() { CHANGES } else { 0 };
        let head = setting.head(service, &Setting::token(service, change));
        ensure!(client.ask(&head).await? == 401, "the token is taken before it is told");
        let delta = running.change(setting.service(service, change)?);
        tokio::time::sleep(PAUSE).await;
        let sent = Instant::now();
        running.link.send(delta).await?;
        if let Some(disk) = &mut disk {
            running.link.loaded().await?;
            times.push(sent.elapsed().as_secs_f64() * 1e3);
            ensure!(client.ask(&head).await? == 200, "the token is not taken after it was told");
            disk.write()?;
        } else {
            while client.ask(&head).await? != 200 {
                ensure!(sent.elapsed() < SOON, "the token is never taken");
            }
            times.push(sent.elapsed().as_secs_f64() * 1e3);
            running.link.loaded().await?;
        }
    }
    Ok(times)
}

/// Does what the engine does with a change, without the engine.
struct Disk {
    file: File,
    times: Vec<f64>,
}

impl Disk {
    fn create(path: &Path) -> Result<Self> {
        Ok(Self { file: File::create(path)?, times: Vec::new() })
    }

    fn write(&mut self) -> Result<()> {
        let began = Instant::now();
        self.file.write_all(&[7; 600])?;
        self.file.sync_data()?;
        self.times.push(began.elapsed().as_secs_f64() * 1e3);
        Ok(())
    }
}
