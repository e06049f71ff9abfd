//! Stands where a host has no container engine.

use super::{Adopted, Driver, Progress, Running, StartError};
use crate::spec::ReplicaSpec;
use link::message::HostMeans;
use std::io;
use std::path::Path;
use std::sync::Arc;
use tonic::async_trait;

const REASON: &str =
    "neither Docker's nor Podman's socket was found; start one of them, or name its socket with --container-socket";

/// Refuses each start.
pub struct NoContainers;

#[async_trait]
impl Driver for NoContainers {
    async fn prepare(&self, _: &mut ReplicaSpec, _: &Path, _: &Progress) -> Result<(), StartError> {
        Err(StartError::NoContainers { reason: REASON.into() })
    }

    async fn start(&self, _: &mut ReplicaSpec, _: &Path) -> Result<Arc<dyn Running>, StartError> {
        Err(StartError::NoContainers { reason: REASON.into() })
    }

    async fn adopt(&self, _: &ReplicaSpec, _: &Path) -> io::Result<Adopted> {
        Ok(Adopted { running: None, asked: false })
    }

    fn means(&self, means: &mut HostMeans) {
        means.no_containers = Some(REASON.into());
    }
}
