//! What a host that has joined keeps.

use crate::LinkError;
use domain::id::HostId;
use domain::secret::Secret;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostIdentity {
    pub host_id: HostId,
    /// Host (name or address) and port; looked up at each call, so the console may move with its name.
    pub console: String,
    /// PEM: whom the console proves itself with.
    pub authority: String,
    /// PEM: the host's own.
    pub certificate: String,
    /// PEM.
    pub key: Secret,
}

impl HostIdentity {
    /// `None` where the host has not joined.
    pub fn load(path: &Path) -> Result<Option<Self>, LinkError> {
        let failed = |source| LinkError::File { path: path.into(), source };
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        if file.metadata().map_err(failed)?.permissions().mode() & 0o077 != 0 {
            return Err(LinkError::Open { path: path.into() });
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed)?;
        // What serde says of it could quote the key.
        serde_json::from_str(&text).map(Some).map_err(|_| LinkError::Identity { path: path.into() })
    }

    /// Whole or not at all, mode 0600, and there after a power cut.
    pub fn save(&self, path: &Path) -> Result<(), LinkError> {
        let write = || {
            let new = path.with_extension("new");
            // One that was left behind may have another mode.
            match std::fs::remove_file(&new) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
            file.write_all(&serde_json::to_vec_pretty(self)?)?;
            file.sync_all()?;
            std::fs::rename(&new, path)?;
            path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
        };
        write().map_err(|source| LinkError::File { path: path.into(), source })
    }
}
