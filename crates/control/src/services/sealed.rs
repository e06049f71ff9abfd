//! What a service's version says, as it is stored: environments and registries have secrets.

use crate::{Control, ControlError, InstallationKey};
use domain::id::ServiceId;
use domain::secret::Secret;
use domain::service::{Service, ServiceSpec};

impl Control {
    pub(crate) fn sealed(&self, service: &Service) -> Result<Service<String>, ControlError> {
        Ok(service.with_spec(seal_spec(&service.spec, &service.id, &self.inner.key)?))
    }
}

pub(super) fn seal_spec(spec: &ServiceSpec, id: &ServiceId, key: &InstallationKey) -> Result<String, ControlError> {
    let text = serde_json::to_string(spec).map_err(|_| ControlError::Sealed)?;
    key.seal(&Secret::new(text), id.as_str()).ok_or(ControlError::Sealed)
}

/// `None` where the key does not open it.
pub(crate) fn open(stored: &Service<String>, key: &InstallationKey) -> Option<Service> {
    Some(stored.with_spec(open_spec(&stored.spec, &stored.id, key)?))
}

/// The same of any version. A text from before they were sealed is taken as it is.
pub(crate) fn open_spec(stored: &str, id: &ServiceId, key: &InstallationKey) -> Option<ServiceSpec> {
    if is_plain(stored) {
        serde_json::from_str(stored).ok()
    } else {
        serde_json::from_str(key.open(stored, id.as_str())?.reveal()).ok()
    }
}

/// From before they were sealed.
pub(super) fn is_plain(stored: &str) -> bool {
    stored.starts_with('{')
}
