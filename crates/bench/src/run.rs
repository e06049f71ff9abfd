//! The order of things: start all, check all, then one workload after the other, the proxies taking turns.

use crate::options::Options;
use crate::ports::{self, free};
use crate::proxy::{Proxy, Records};
use crate::report::{self, Row};
use crate::scene::{Backends, Scene};
use crate::workload::{Memory, Round, Workload};
use crate::{backend, check};
use anyhow::{Context, Result};
use std::fmt::Write;

pub async fn run(options: &Options) -> Result<()> {
    let folder = &options.folder;
    std::fs::create_dir_all(folder)?;
    let backends = Backends { web: free()?, web_tls: free()?, streams: free()?, grpc: free()? };
    let scene = Scene::new(backends)?;
    let mut replicas = backend::start(&scene, folder)?;
    for (replica, address) in replicas.iter_mut().zip([backends.web, backends.grpc]) {
        ports::wait(&[address], replica).await?;
    }
    let mut proxies = Vec::new();
    let kinds = if options.workloads.is_empty() { &[] } else { options.kinds.as_slice() };
    for kind in kinds {
        eprintln!("starting {}", kind.name());
        let mut proxy = Proxy::start(*kind, &scene, &options.programs, folder).await?;
        check::policies(&mut proxy, &scene).await?;
        eprintln!("{}: refuses what it should, and records what it did", kind.name());
        proxies.push(proxy);
    }
    let mut all = String::new();
    for workload in &options.workloads {
        let text = measure(*workload, options, &scene, &mut proxies).await?;
        println!("\n{text}");
        let _ = writeln!(all, "{text}");
    }
    for proxy in &proxies {
        if let Records::Link(told) = &proxy.records {
            println!("\nRecords that the engine lost: {}", told.lost());
        }
    }
    drop(proxies);
    if options.memory {
        let mut rows = Vec::new();
        for kind in &options.kinds {
            eprintln!("memory of {}", kind.name());
            rows.push((*kind, Memory::of(*kind, &scene, &options.programs, folder).await?));
        }
        let text = report::memory(&rows);
        println!("\n{text}");
        all += &text;
    }
    for scale in &options.scale {
        let text = scale.measure(options, &scene).await?;
        println!("\n{text}");
        let _ = write!(all, "\n{text}");
    }
    std::fs::write(folder.join("tables.md"), all)?;
    Ok(())
}

async fn measure(workload: Workload, options: &Options, scene: &Scene, proxies: &mut [Proxy]) -> Result<String> {
    let round = Round { workload, scene, folder: &options.folder, seconds: options.seconds };
    let mut rows: Vec<Row> =
        proxies.iter().map(|proxy| Row { kind: proxy.kind, samples: Vec::new(), syscalls: 0.0 }).collect();
    let mut direct = Vec::new();
    for number in 0..options.rounds {
        eprintln!("{}: round {} of {}", workload.name(), number + 1, options.rounds);
        for turn in 0..proxies.len() {
            // Another one begins each time.
            let index = (turn + number) % proxies.len();
            let proxy = &mut proxies[index];
            let failed = || format!("{} over {}", workload.name(), proxy.kind.name());
            let failed = failed();
            rows[index].samples.push(round.over(proxy).await.context(failed)?);
        }
        let half = rows[0].samples.last().map_or(1000.0, |sample| sample.per_second / 2.0);
        direct.extend(round.direct(half).await.context("past the proxies")?);
    }
    for (row, proxy) in rows.iter_mut().zip(proxies) {
        row.syscalls = round.syscalls(proxy).await.with_context(|| format!("strace of {}", proxy.kind.name()))?;
    }
    Ok(report::workload(workload, &rows, &direct))
}
