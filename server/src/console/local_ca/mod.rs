//! The installation's own certificate authority: made once, kept in the data directory, trusted by whoever downloads
//! its root. It signs for the console and for the gateways' names.

mod gateways;
mod issue;

pub use gateways::Certifier;
pub use issue::Issued;

use crate::data_dir::DataDir;
use anyhow::{Context, Result};
use control::InstallationKey;
use domain::secret::Secret;
use rcgen::{Issuer, KeyPair};
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// The authority's certificate, for clients to trust; written from what is sealed.
pub const ROOT: &str = "tls/local-ca.pem";
/// Certificate and key, sealed with the installation's key.
const SEALED: &str = "tls/local-ca.sealed";

pub struct LocalCa {
    root: String,
    issuer: Issuer<'static, KeyPair>,
}

/// On disk, sealed.
#[derive(Serialize, Deserialize)]
struct Kept {
    root: String,
    key: Secret,
}

impl LocalCa {
    /// Makes one where there is none.
    pub fn open(dir: &DataDir, key: &InstallationKey) -> Result<Self> {
        let path = dir.root().join(SEALED);
        if !path.exists() {
            let (root, secret) = issue::new_root(chrono::Utc::now())?;
            let kept = Secret::new(serde_json::to_string(&Kept { root, key: secret })?);
            write(&path, &key.seal(&kept, SEALED).context("the authority's key cannot be sealed")?)?;
        }
        let sealed = std::fs::read_to_string(&path)
            .with_context(|| format!("the file {} cannot be read; check its permissions", path.display()))?;
        let kept = key.open(sealed.trim(), SEALED).with_context(|| {
            format!(
                "{} was not sealed with this installation's key; restore it from a backup, or remove it to have a new \
                 authority made (clients then have to trust the new root)",
                path.display()
            )
        })?;
        let kept: Kept = serde_json::from_str(kept.reveal())?;
        let root_file = dir.root().join(ROOT);
        if std::fs::read_to_string(&root_file).ok().as_ref() != Some(&kept.root) {
            write(&root_file, &kept.root)?;
        }
        Ok(Self { issuer: issue::issuer(&kept.key)?, root: kept.root })
    }

    /// PEM; public.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// For names and addresses.
    pub fn issue(&self, names: Vec<String>, common_name: &str) -> Result<Issued> {
        issue::issue(&self.issuer, names, common_name, chrono::Utc::now())
    }
}

pub(super) fn write(path: &Path, text: &str) -> Result<()> {
    let temporary = path.with_extension("new");
    std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&temporary)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| std::fs::rename(&temporary, path))
        .with_context(|| format!("the file {} cannot be written", path.display()))
}

fn secret_of(key: &KeyPair) -> Secret {
    Secret::new(key.serialize_pem())
}
