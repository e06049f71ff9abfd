//! Who vouches for this console and its hosts on the link; made where it is first needed, and kept.

use super::local_ca::write;
use crate::data_dir::DataDir;
use anyhow::{Context, Result};
use control::InstallationKey;
use domain::secret::Secret;
use link::Authority;
use serde::{Deserialize, Serialize};

/// The authority's certificate, for whoever wants to look at it; written from what is sealed.
const CERTIFICATE: &str = "keys/link-ca.pem";
/// Certificate and key, sealed with the installation's key.
const SEALED: &str = "keys/link-ca.sealed";

/// On disk, sealed.
#[derive(Serialize, Deserialize)]
struct Kept {
    certificate: String,
    key: Secret,
}

/// The same at each start. Were it another one, every host would have to join again.
pub fn open(dir: &DataDir, key: &InstallationKey) -> Result<Authority> {
    let path = dir.root().join(SEALED);
    if !path.exists() {
        let made = Authority::create()?;
        let kept = Kept { certificate: made.cert_pem().into(), key: made.key_pem().clone() };
        let kept = Secret::new(serde_json::to_string(&kept)?);
        write(&path, &key.seal(&kept, SEALED).context("the link authority's key cannot be sealed")?)?;
    }
    let sealed = std::fs::read_to_string(&path)
        .with_context(|| format!("the file {} cannot be read; check its permissions", path.display()))?;
    let kept = key.open(sealed.trim(), SEALED).with_context(|| {
        format!(
            "{} was not sealed with this installation's key; restore it from a backup, or remove it to have a new \
             authority made (all other hosts then have to join again)",
            path.display()
        )
    })?;
    // What serde says of it could quote the key.
    let kept: Kept = serde_json::from_str(kept.reveal()).ok().with_context(|| {
        format!("{} cannot be understood by this version; restore it from a backup", path.display())
    })?;
    let file = dir.root().join(CERTIFICATE);
    if std::fs::read_to_string(&file).ok().as_ref() != Some(&kept.certificate) {
        write(&file, &kept.certificate)?;
    }
    Ok(Authority::from_pem(&kept.certificate, &kept.key)?)
}
