//! `make test` and `make test-long`.

use crate::shell::{cargo, run, step};
use crate::{browser, checks, fuzz, run as build};
use anyhow::{Context, Result, ensure};
use std::io::{BufRead, BufReader};
use std::process::Stdio;

/// How long each target of `fuzz/` is searched: by every change, and when there is time.
const FUZZ_SECONDS: u64 = 20;
const FUZZ_LONG_SECONDS: u64 = 600;
/// Tests that have a long form look for it.
const LONG: (&str, &str) = ("GW_LONG", "1");

pub fn all() -> Result<()> {
    with_search(FUZZ_SECONDS, &[])
}

fn with_search(fuzz_seconds: u64, environment: &[(&str, &str)]) -> Result<()> {
    checks::all()?;
    let rust = step("unit and black-box tests", || rust_tests(&[], environment))?;
    let searched = step("search for inputs that break something", || fuzz::search(fuzz_seconds))?;
    let program = step("program for the journeys", || build::build("dev"))?;
    let budget = step("size of the browser's part", browser::budget)?;
    let journeys = step("browser journeys", || browser::with(&program, &[]))?;
    println!("\nrust: {} passed, {} failed, {} ignored", rust.passed, rust.failed, rust.ignored);
    println!("search:\n  {}", searched.join("\n  "));
    println!("browser: {journeys}");
    println!("wasm and JavaScript, brotli: {budget} bytes");
    println!("all passed");
    Ok(())
}

/// The tests in their long forms, also those that say how long they take, and cargo-leptos builds the same site.
pub fn long() -> Result<()> {
    with_search(FUZZ_LONG_SECONDS, &[LONG])?;
    // Without documentation tests: an example that is not to be compiled counts as ignored, too.
    let long = step("tests that take long", || rust_tests(&["--tests", "--", "--ignored", "--nocapture"], &[LONG]))?;
    println!("long: {} passed, {} failed", long.passed, long.failed);
    let installed = cargo(&["leptos", "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status()?.success();
    if !installed {
        println!("cargo-leptos is not installed: its build is skipped");
        return Ok(());
    }
    step("cargo leptos build", || run(cargo(&["leptos", "build", "--release"])))
}

/// The search alone, for so many seconds a target.
pub fn search(arguments: &[String]) -> Result<()> {
    let seconds = arguments.iter().find(|argument| *argument != "--");
    let seconds = seconds.map_or(Ok(FUZZ_SECONDS), |text| text.parse()).context("say how many seconds")?;
    println!("{}", fuzz::search(seconds)?.join("\n"));
    Ok(())
}

#[derive(Default)]
struct Totals {
    passed: u32,
    failed: u32,
    ignored: u32,
}

/// Shows cargo's output and adds up its `test result:` lines.
fn rust_tests(more: &[&str], environment: &[(&str, &str)]) -> Result<Totals> {
    let mut tests = cargo(&[&["test", "--workspace", "--exclude", "frontend", "--no-fail-fast"], more].concat());
    tests.envs(environment.iter().copied());
    let mut child = tests.stdout(Stdio::piped()).spawn()?;
    let output = child.stdout.take().context("no output")?;
    let mut totals = Totals::default();
    for line in BufReader::new(output).lines() {
        let line = line?;
        if let Some(result) = line.strip_prefix("test result: ") {
            let count = |what: &str| -> u32 {
                let piece = result.split([';', '.']).find(|piece| piece.trim().ends_with(what));
                piece.and_then(|piece| piece.trim().split(' ').next()).and_then(|n| n.parse().ok()).unwrap_or(0)
            };
            totals.passed += count("passed");
            totals.failed += count("failed");
            totals.ignored += count("ignored");
        }
        println!("{line}");
    }
    ensure!(child.wait()?.success(), "{} tests failed", totals.failed);
    ensure!(totals.passed > 0, "no test ran");
    Ok(totals)
}
