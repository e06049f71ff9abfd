//! What services lack that were deployed before there were versions.

use super::sealed::{is_plain, open_spec, seal_spec};
use crate::{ControlError, InstallationKey};
use domain::service::{Version, Why};
use store::Store;

/// Seals what is not sealed yet, and makes a version of what services without one say.
pub(crate) async fn catch_up(store: &Store, key: &InstallationKey) -> Result<(), ControlError> {
    let services = store.everything().await?.services;
    // With another key the console does not start: nothing must be sealed with it.
    if services.iter().any(|service| open_spec(&service.spec, &service.id, key).is_none()) {
        return Ok(());
    }
    let mut tx = store.begin().await?;
    for mut service in services {
        let number = service.version;
        let is_known = tx.version(&service.id, number).await?.is_some();
        if is_known && !is_plain(&service.spec) {
            continue;
        }
        let Some(spec) = open_spec(&service.spec, &service.id, key) else { continue };
        if is_plain(&service.spec) {
            service.spec = seal_spec(&spec, &service.id, key)?;
            tx.update_service(&service, service.revision).await?;
        }
        if !is_known {
            let version = Version {
                service_id: service.id.clone(),
                number,
                replica_version: service.replica_version,
                spec: service.spec.clone(),
                why: Why::Deploy,
                created_by: "console".into(),
                created_at: service.updated_at,
            };
            tx.insert_version(&version).await?;
        }
    }
    Ok(tx.commit().await?)
}
