//! `make run`: an optimised build with the site inside, started.

use crate::metadata::Leptos;
use crate::shell::{cargo, command, root, run as must, target};
use crate::site;
use anyhow::{Context, Result};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;

/// Builds the program with the browser's part inside it.
pub fn build(profile: &str) -> Result<PathBuf> {
    let leptos = Leptos::read()?;
    let site = site::build(&leptos)?;
    let mut build = cargo(&["build", "--package", &leptos.bin_package, "--profile", profile]);
    build.env("INFERENCE_GATEWAY_SITE", site);
    must(build)?;
    let folder = if profile == "dev" { "debug" } else { profile };
    Ok(target().join(folder).join(leptos.bin_target))
}

pub fn run(arguments: &[String]) -> Result<()> {
    eprintln!("building (the first time takes some minutes)");
    let program = build("release")?;
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).filter(|argument| *argument != "--").collect();
    let mut serve = command(&program, &["serve"]);
    if !arguments.iter().any(|argument| argument.starts_with("--data-dir")) {
        serve.arg("--data-dir").arg(root().join("data"));
    }
    // From here on this process is the product: Ctrl-C stops it in order.
    Err(serve.args(arguments).exec()).with_context(|| format!("cannot start {}", program.display()))
}
