//! Searches led by coverage through what strangers may send: the targets of `fuzz/`, with cargo-fuzz and libFuzzer.
//!
//! Compiled and installed programs and what was found worth keeping stay in `target/fuzz` and `target/tools`.

use crate::shell::{command, root, run, target};
use anyhow::{Context, Result, ensure};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

const CARGO_FUZZ: &str = "0.13.2";
/// Longer inputs say nothing new and take longer.
const LONGEST: usize = 4096;

/// Looks at each target for so many seconds, as many at once as there are cores. Returns what was done, a line each.
///
/// # Errors
/// When something was found; the input has been printed.
pub fn search(seconds: u64) -> Result<Vec<String>> {
    let Some(tools) = installed() else {
        return Ok(vec!["cargo-fuzz cannot be installed here: no search led by coverage".into()]);
    };
    let started = Instant::now();
    build(&tools)?;
    eprintln!("targets compiled: {:.1} s", started.elapsed().as_secs_f64());
    let folder = target().join("fuzz").join(host()?).join("release");
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    let mut told = Vec::new();
    for names in names()?.chunks(at_once) {
        let started: Result<Vec<_>> = names.iter().map(|name| Search::start(name, &folder, seconds)).collect();
        for search in started? {
            told.push(search.end()?);
        }
    }
    Ok(told)
}

/// The folder of cargo-fuzz, if it can be had.
fn installed() -> Option<PathBuf> {
    let tools = target().join("tools");
    let is_there = || {
        let version = Command::new(tools.join("bin/cargo-fuzz")).args(["fuzz", "--version"]).output();
        version.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(CARGO_FUZZ))
    };
    if !is_there() {
        eprintln!("installing cargo-fuzz {CARGO_FUZZ}");
        let mut install = command("cargo", &["install", "--quiet", "--locked", "--force", "cargo-fuzz"]);
        install.args(["--version", CARGO_FUZZ, "--root"]).arg(&tools).arg("--target-dir").arg(tools.join("build"));
        // Without it everything else is still tested.
        if let Err(error) = run(install) {
            eprintln!("{error:#}");
        }
        let _ = fs::remove_dir_all(tools.join("build"));
    }
    is_there().then(|| tools.join("bin"))
}

fn build(tools: &Path) -> Result<()> {
    let mut build = command(tools.join("cargo-fuzz"), &["fuzz", "build", "--sanitizer", "none"]);
    // Without `cfg(fuzzing)`, at which some dependencies check less: they are looked at as they are.
    build.args(["--no-cfg-fuzzing", "--codegen-units", "16", "--target-dir"]).arg(target().join("fuzz"));
    // The compiler's instrumentation is an unstable option of a stable compiler.
    build.env("RUSTC_BOOTSTRAP", "1");
    run(build)
}

fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output()?;
    let text = String::from_utf8(output.stdout)?;
    text.lines().find_map(|line| line.strip_prefix("host: ")).map(Into::into).context("rustc names no host")
}

fn names() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for file in fs::read_dir(root().join("fuzz/targets"))? {
        let path = file?.path();
        names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    ensure!(!names.is_empty(), "there are no targets");
    Ok(names)
}

/// One target at work.
struct Search {
    name: String,
    child: Child,
    log: PathBuf,
    findings: PathBuf,
}

impl Search {
    fn start(name: &str, programs: &Path, seconds: u64) -> Result<Self> {
        let own = target().join("fuzz");
        let (grown, findings, log) =
            (own.join("corpus").join(name), own.join("findings").join(name), own.join(format!("{name}.log")));
        // What an earlier run found is found again if it is still there.
        let _ = fs::remove_dir_all(&findings);
        fs::create_dir_all(&grown)?;
        fs::create_dir_all(&findings)?;
        let inputs = root().join("crates/engine/fuzz");
        let mut search = command(programs.join(name), &[]);
        // What is new goes into the first folder.
        search.arg(&grown).arg(inputs.join(name));
        search.arg(format!("-dict={}", inputs.join(format!("{name}.dict")).display()));
        search.arg(format!("-artifact_prefix={}/", findings.display()));
        search.arg(format!("-max_total_time={seconds}")).arg(format!("-max_len={LONGEST}"));
        search.args(["-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"]);
        // What is shown of a finding begins with what it breaks.
        search.env("RUST_BACKTRACE", "0");
        let output = File::create(&log)?;
        let child = search.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).spawn();
        let child = child.with_context(|| format!("cannot start {search:?}"))?;
        Ok(Self { name: name.into(), child, log, findings })
    }

    fn end(mut self) -> Result<String> {
        let status = self.child.wait()?;
        let log = String::from_utf8_lossy(&fs::read(&self.log)?).into_owned();
        if !status.success() {
            let last: Vec<&str> = log.lines().rev().take(40).collect();
            eprintln!("{}", last.into_iter().rev().collect::<Vec<_>>().join("\n"));
        }
        for finding in fs::read_dir(&self.findings)? {
            let path = finding?.path();
            let input = fs::read(&path)?;
            println!("{} breaks with \"{}\"", self.name, input.escape_ascii());
            println!("It is in {}; put it into crates/engine/fuzz/{}.", path.display(), self.name);
        }
        ensure!(status.success(), "the search {} ended with {status}", self.name);
        let number = |what: &str| log.lines().find_map(|line| line.strip_prefix(what)).unwrap_or("?").trim();
        // The last of `#123 NEW cov: 456 ft: …`.
        let covered = log.lines().rev().find_map(|line| line.split_once("cov: ")?.1.split(' ').next()).unwrap_or("?");
        let inputs = number("stat::number_of_executed_units:");
        Ok(format!("{}: {inputs} inputs, {covered} edges covered", self.name))
    }
}

impl Drop for Search {
    /// When another one found something.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
