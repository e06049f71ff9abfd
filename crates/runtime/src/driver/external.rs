//! What runs elsewhere already: nothing is started, adopted or stopped.

use super::{Adopted, Driver, Ending, ExecError, Progress, Running, StartError, Usage};
use crate::spec::ReplicaSpec;
use chrono::{DateTime, Utc};
use domain::id::{RANDOM_LEN, ReplicaId, ServiceId};
use sha2::{Digest, Sha256};
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tonic::async_trait;

/// The same for the same address of the same version, whatever agent asks and however often it was started.
pub fn replica_id(service: &ServiceId, version: u32, address: SocketAddr) -> ReplicaId {
    let digest = Sha256::digest(format!("{service} {version} {address}"));
    let mut bytes = [0; RANDOM_LEN];
    for (byte, from) in bytes.iter_mut().zip(digest.iter()) {
        *byte = *from;
    }
    ReplicaId::from_random(bytes)
}

pub struct External;

#[async_trait]
impl Driver for External {
    fn keeps_folder(&self) -> bool {
        false
    }

    async fn prepare(&self, _: &mut ReplicaSpec, _: &Path, _: &Progress) -> Result<(), StartError> {
        Ok(())
    }

    async fn start(&self, _: &mut ReplicaSpec, _: &Path) -> Result<Arc<dyn Running>, StartError> {
        Ok(Arc::new(Elsewhere))
    }

    async fn adopt(&self, _: &ReplicaSpec, _: &Path) -> io::Result<Adopted> {
        Ok(Adopted { running: None, asked: false })
    }
}

/// Runs, as far as anybody here knows.
pub struct Elsewhere;

#[async_trait]
impl Running for Elsewhere {
    fn pid(&self) -> Option<u32> {
        None
    }

    fn started_at(&self) -> Option<DateTime<Utc>> {
        None
    }

    async fn ended(&self) -> Ending {
        std::future::pending().await
    }

    async fn stop(&self, _: Duration) {}

    async fn exec(&self, _: &[String], _: Duration) -> Result<(), ExecError> {
        Err(ExecError::Nowhere)
    }

    async fn usage(&self) -> Option<Usage> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_stable_and_told_apart() {
        let (a, b): (ServiceId, ServiceId) = ("svc-a".parse().unwrap(), "svc-b".parse().unwrap());
        let at = |port| SocketAddr::from(([10, 0, 0, 1], port));
        let id = replica_id(&a, 1, at(80));
        assert_eq!(id, replica_id(&a, 1, at(80)));
        for other in [replica_id(&b, 1, at(80)), replica_id(&a, 2, at(80)), replica_id(&a, 1, at(81))] {
            assert_ne!(id, other);
        }
    }
}
