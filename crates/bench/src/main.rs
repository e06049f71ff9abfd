//! `make bench`: the engine beside nginx, HAProxy and Envoy, all with the same policies, in the same run.

mod ask;
mod backend;
mod check;
mod clock;
mod load;
mod options;
mod ports;
mod process;
mod proxy;
mod report;
mod run;
mod scale;
mod scene;
mod template;
mod websocket;
mod workload;

use anyhow::{Context, Result};
use options::Options;
use process::LOAD_CORE;
use std::process::Command;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if let [role, streams, grpc] = arguments.as_slice()
        && role == "backend"
    {
        return runtime.block_on(backend::run(streams.parse()?, grpc.parse()?));
    }
    // Everything that is started from here is on the load's core, but the proxies.
    let pid = std::process::id().to_string();
    Command::new("taskset").args(["-c", "-p", LOAD_CORE, &pid]).output().context("taskset")?;
    let options = Options::parse(arguments.into_iter())?;
    if options.nice != 0 {
        let renice = Command::new("renice").args(["-n", &options.nice.to_string(), "-p", &pid]).output()?;
        anyhow::ensure!(renice.status.success(), "{}", String::from_utf8_lossy(&renice.stderr));
    }
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, run::run(&options))
}
