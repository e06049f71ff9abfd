//! Configuration: defaults, then a file, then the environment, then the command line; each value knows its source.

mod containers;
mod hosts;
mod otlp;
mod raw;
mod resolver;
mod show;
mod typed;

pub use hosts::ReplicaAddr;
pub use raw::Overrides;
pub use typed::{Config, ConsoleTls};

use anyhow::{Context, anyhow};
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use raw::{KEYS, Raw};
use std::path::Path;

const DEFAULT_FILE: &str = "/etc/inference-gateway/config.toml";
pub const ENV_PREFIX: &str = "INFERENCE_GATEWAY_";

pub struct Loaded {
    pub config: Config,
    figment: Figment,
}

pub fn load(file: Option<&Path>, overrides: &Overrides) -> anyhow::Result<Loaded> {
    let mut figment = Figment::from(Serialized::defaults(Raw::default()));
    if let Some(file) = file {
        // Named files must be there; the default one may be.
        std::fs::metadata(file).with_context(|| format!("the configuration file {} cannot be read", file.display()))?;
        figment = figment.merge(Toml::file_exact(file));
    } else if Path::new(DEFAULT_FILE).exists() {
        figment = figment.merge(Toml::file_exact(DEFAULT_FILE));
    }
    figment = figment
        .merge(Env::prefixed(ENV_PREFIX).only(KEYS).map(|key| key.as_str().to_lowercase().into()))
        .merge(Serialized::defaults(overrides));
    let raw: Raw = figment.extract().map_err(|error| anyhow!("the configuration cannot be used: {error}"))?;
    let config = typed::parse(&raw).map_err(|(key, problem)| {
        anyhow!("{} (from {}): {problem}", key.replace('_', "-"), show::source(&figment, key))
    })?;
    Ok(Loaded { config, figment })
}
