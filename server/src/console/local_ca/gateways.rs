//! One certificate for the names of all gateways, kept over restarts and replaced before it ends.

use super::{Issued, LocalCa, write};
use crate::config::Config;
use crate::data_dir::DataDir;
use anyhow::{Result, anyhow};
use chrono::Utc;
use control::{Control, InstallationKey};
use domain::id::CertificateId;
use domain::secret::Secret;
use domain::snapshot::CertificateConfig;
use serde::{Deserialize, Serialize};
use std::time::Duration;

const FILE: &str = "tls/gateways.sealed";
const LOOK: Duration = Duration::from_secs(3600);

/// On disk, sealed.
#[derive(Serialize, Deserialize)]
struct Kept {
    id: CertificateId,
    /// Signed by another authority it would be worthless.
    root: String,
    issued: Issued,
}

/// Shows the engines a certificate for the gateways' names, and replaces it in time.
pub struct Certifier {
    pub control: Control,
    pub dir: DataDir,
    pub key: InstallationKey,
    pub config: Config,
    pub authority: LocalCa,
}

impl Certifier {
    /// To be done before engines are answered: they would take the configuration without it for a wish to have none.
    pub async fn certify(&self) -> Result<()> {
        if self.config.https_addr.is_empty() {
            return Ok(());
        }
        let kept = current(&self.dir, &self.key, &self.config, &self.authority)?;
        // The same again changes nothing.
        self.control.set_certificates(vec![of_gateways(kept, &self.control)]).await;
        Ok(())
    }

    /// Looks every hour; never ends.
    pub async fn keep_certified(self) {
        loop {
            tokio::time::sleep(LOOK).await;
            if let Err(error) = self.certify().await {
                tracing::error!(%error, "the gateways' certificate cannot be replaced; trying again in an hour");
            }
        }
    }
}

fn of_gateways(kept: Kept, control: &Control) -> CertificateConfig {
    CertificateConfig {
        id: kept.id,
        names: vec![control.installation().any_public_host()],
        fallback: true,
        chain: kept.issued.chain,
        key: kept.issued.key,
    }
}

/// The one on disk as long as it fits.
fn current(dir: &DataDir, key: &InstallationKey, config: &Config, authority: &LocalCa) -> Result<Kept> {
    let path = dir.root().join(FILE);
    let mut names = vec![config.installation().any_public_host()];
    names.extend(config.https_addr.iter().map(|address| address.ip().to_string()));
    names.dedup();
    let kept = std::fs::read_to_string(&path).ok().and_then(|sealed| key.open(sealed.trim(), FILE));
    let kept = kept.and_then(|text| serde_json::from_str::<Kept>(text.reveal()).ok());
    let fits =
        |kept: &Kept| kept.root == authority.root() && kept.issued.names == names && !kept.issued.is_due(Utc::now());
    if let Some(kept) = kept.filter(fits) {
        return Ok(kept);
    }
    let issued = authority.issue(names.clone(), "Inference Gateway")?;
    let id = CertificateId::from_random(identity::entropy::id());
    let kept = Kept { id, root: authority.root().to_owned(), issued };
    let sealed = key.seal(&Secret::new(serde_json::to_string(&kept)?), FILE);
    let sealed = sealed.ok_or_else(|| anyhow!("the certificate's key cannot be sealed"))?;
    if let Err(error) = write(&path, &sealed) {
        tracing::error!(%error, "a new certificate is shown, but the next start has to make another one");
    }
    Ok(kept)
}
