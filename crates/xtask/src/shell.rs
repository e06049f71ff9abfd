//! Running other programs.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new(".")).to_owned()
}

pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A program of npm's.
pub fn npm_bin(name: &str) -> PathBuf {
    root().join("end2end/node_modules/.bin").join(name)
}

pub fn command(program: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    command
}

pub fn cargo(arguments: &[&str]) -> Command {
    command("cargo", arguments)
}

/// Runs it with its output shown, and fails with what was run.
pub fn run(mut command: Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    if !status.success() {
        bail!("{command:?} failed ({status})");
    }
    Ok(())
}

/// A step of a longer task, with its time.
pub fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("\n== {name}");
    let started = Instant::now();
    let done = work().with_context(|| name.to_owned())?;
    eprintln!("== {name}: {:.1} s", started.elapsed().as_secs_f64());
    Ok(done)
}
