//! Where each value comes from.

use super::Loaded;
use super::raw::{KEYS, Raw};
use figment::{Figment, Source};

pub(super) fn source(figment: &Figment, key: &str) -> String {
    let Some(metadata) = figment.find_metadata(key) else { return "default".into() };
    match &metadata.source {
        Some(Source::File(path)) => format!("file {}", path.display()),
        // Defaults and the command line are both Rust values; only the command line's come last.
        Some(Source::Code(_)) if metadata.name.contains("Overrides") => "command line".into(),
        Some(Source::Code(_)) => "default".into(),
        _ if metadata.name.contains("environment") => {
            format!("environment {}{}", super::ENV_PREFIX, key.to_uppercase())
        }
        _ => metadata.name.to_string(),
    }
}

impl Loaded {
    pub fn show(&self) -> String {
        let Ok(raw) = self.figment.extract::<Raw>() else { return String::new() };
        let mut text = String::new();
        for ((key, value), name) in raw.pairs().into_iter().zip(KEYS) {
            text.push_str(&format!("{:<14} = {:<24} # {}\n", key, format!("{value:?}"), source(&self.figment, name)));
        }
        text
    }
}
