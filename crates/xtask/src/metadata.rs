//! The `[[workspace.metadata.leptos]]` table, which cargo-leptos reads as well.

use crate::shell::root;
use anyhow::{Context, Result};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Leptos {
    pub output_name: String,
    pub bin_package: String,
    pub bin_target: String,
    pub lib_package: String,
    pub site_root: String,
    pub site_pkg_dir: String,
    pub assets_dir: String,
    pub tailwind_input_file: String,
    pub lib_profile_release: String,
}

#[derive(Deserialize)]
struct Manifest {
    workspace: Workspace,
}

#[derive(Deserialize)]
struct Workspace {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    leptos: Vec<Leptos>,
}

impl Leptos {
    pub fn read() -> Result<Self> {
        let text = std::fs::read_to_string(root().join("Cargo.toml"))?;
        let manifest: Manifest = toml::from_str(&text).context("Cargo.toml")?;
        manifest.workspace.metadata.leptos.into_iter().next().context("Cargo.toml has no leptos table")
    }
}
