//! The journeys in a real browser against the real program.

use crate::metadata::Leptos;
use crate::shell::{command, npm_bin, root};
use crate::{run, site};
use anyhow::{Result, ensure};
use std::fs;
use std::path::Path;

/// Brotli-compressed wasm and JavaScript, bytes. What a first visit costs over a slow network, after a page that is
/// rendered already and whose forms work without it. It was 500,000 with gateways and services alone; an area of pages
/// costs some 60,000, most of it for reading and writing its data.
/// Requests to services and chats read streams, and calls are made in six languages: 50,000 with what documents and groups
/// brought before. The deploy wizard, versions and monitoring brought 150,000 more. Code, not data, is what it is: the next
/// step is to send pages in parts (lazy routes), not another addition here.
const BUDGET: u64 = 1_160_000;

pub fn journeys(arguments: &[String]) -> Result<()> {
    let program = run::build("dev")?;
    with(&program, arguments).map(|_| ())
}

/// Runs Playwright; returns its totals in words.
pub fn with(program: &Path, arguments: &[String]) -> Result<String> {
    let report = root().join("end2end/test-results/report.json");
    let _ = fs::remove_file(&report);
    let mut playwright = command(npm_bin("playwright"), &["test"]);
    playwright
        .args(arguments)
        .current_dir(root().join("end2end"))
        .env("INFERENCE_GATEWAY", program)
        .env("PLAYWRIGHT_JSON_OUTPUT_NAME", &report);
    let status = playwright.status()?;
    let totals = fs::read(&report)
        .ok()
        .and_then(|text| serde_json::from_slice::<serde_json::Value>(&text).ok())
        .map(|report| {
            let count = |what: &str| report["stats"][what].as_u64().unwrap_or(0);
            format!("{} passed, {} failed, {} skipped", count("expected"), count("unexpected"), count("skipped"))
        })
        .unwrap_or_default();
    ensure!(status.success(), "journeys: {totals}");
    ensure!(!totals.starts_with("0 passed"), "no journey ran");
    Ok(totals)
}

pub fn budget() -> Result<u64> {
    let leptos = Leptos::read()?;
    let pkg = site::site_root(&leptos).join(&leptos.site_pkg_dir);
    let size = |name: String| fs::metadata(pkg.join(name)).map(|metadata| metadata.len());
    let total = size(format!("{}.wasm.br", leptos.output_name))? + size(format!("{}.js.br", leptos.output_name))?;
    ensure!(total <= BUDGET, "wasm and JavaScript are {total} bytes; the budget is {BUDGET}");
    Ok(total)
}
