//! What was measured of a service.

#[cfg(feature = "ssr")]
use crate::context::{authorised, respond};
use crate::error::ApiError;
use domain::id::ServiceId;
use domain::view::{MonitoringRange, ServiceMonitoring};
use leptos::prelude::*;

#[server(prefix = "/api/_fn", endpoint = "service.monitoring")]
pub async fn read_monitoring(
    id: ServiceId,
    #[server(default)] range: MonitoringRange,
) -> Result<ServiceMonitoring, ApiError> {
    let (request, principal) = authorised()?;
    request.control.service_monitoring(&principal, &id, range).await.map_err(respond)
}
