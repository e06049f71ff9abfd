//! Dependencies only in the direction that the design gives, and nothing of the server in the browser.

use crate::shell::cargo;
use anyhow::{Result, ensure};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Which crates of this project each may depend on. The table of docs/architecture.md.
const MAY: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("ui", &[]),
    ("store", &["domain"]),
    ("identity", &["domain", "store"]),
    ("link", &["domain"]),
    ("observe", &["domain"]),
    ("certs", &["domain"]),
    ("control", &["certs", "domain", "identity", "link", "observe", "store"]),
    ("dns", &["domain"]),
    ("engine", &["dns", "domain", "link"]),
    ("runtime", &["domain", "link"]),
    ("app", &["control", "domain", "identity", "store", "ui"]),
    ("frontend", &["app"]),
    ("server", &["app", "control", "domain", "engine", "identity", "link", "runtime", "store"]),
    ("bench", &["domain", "link"]),
    ("recorder", &[]),
    ("xtask", &[]),
];

/// What must not reach the browser.
const SERVER_ONLY: &[&str] =
    &["tokio", "sqlx", "sqlx-core", "hyper", "axum", "ring", "rustls", "store", "certs", "control", "identity", "dns"];

/// What the engine must not know.
const NOT_IN_ENGINE: &[&str] = &["sqlx", "sqlx-core", "leptos", "axum-server"];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

pub fn check() -> Result<()> {
    let output = cargo(&["metadata", "--format-version", "1", "--no-deps"]).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Metadata = serde_json::from_slice(&output.stdout)?;
    let may: BTreeMap<&str, &[&str]> = MAY.iter().copied().collect();
    let own = |name: &str| may.contains_key(name);
    for package in metadata.packages.iter().filter(|package| metadata.workspace_members.contains(&package.id)) {
        let allowed = may.get(package.name.as_str());
        ensure!(allowed.is_some(), "the crate {} is not in the table of crates/xtask/src/layers.rs", package.name);
        for dependency in package.dependencies.iter().filter(|each| each.kind.is_none() && own(&each.name)) {
            let fine = allowed.is_some_and(|allowed| allowed.contains(&dependency.name.as_str()));
            ensure!(fine, "{} must not depend on {}", package.name, dependency.name);
        }
    }
    let wasm = tree("frontend", &["--target", "wasm32-unknown-unknown"])?;
    absent("the browser's part", &wasm, SERVER_ONLY)?;
    absent("the engine", &tree("engine", &[])?, NOT_IN_ENGINE)
}

fn tree(package: &str, more: &[&str]) -> Result<Vec<String>> {
    let arguments =
        ["tree", "--package", package, "--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"];
    let output = cargo(&[&arguments, more].concat()).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect())
}

fn absent(what: &str, tree: &[String], forbidden: &[&str]) -> Result<()> {
    let found: Vec<_> = forbidden.iter().filter(|name| tree.iter().any(|each| each == *name)).collect();
    ensure!(found.is_empty(), "{what} must not contain {found:?}");
    Ok(())
}
