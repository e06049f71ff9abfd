//! What the console wants, on disk.

use crate::files;
use domain::endpoint::WantedService;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;

const FILE: &str = "wanted.json";

/// The newest that was accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    pub version: u64,
    pub services: Vec<WantedService>,
}

impl Wanted {
    /// `None` where nothing was ever accepted or the file is unreadable: then it is not known what is wanted, and
    /// replicas that run are left alone until the console has spoken.
    pub fn load(state_dir: &Path) -> Option<Self> {
        match files::read_json(&state_dir.join(FILE)) {
            Ok(wanted) => wanted,
            Err(error) => {
                tracing::error!(%error, file = FILE, "cannot read the wanted services; waiting for the console");
                None
            }
        }
    }

    /// Durable when it returns.
    pub fn save(&self, state_dir: &Path) -> io::Result<()> {
        files::write_json(&state_dir.join(FILE), self, true)
    }
}
