//! The ready replicas that the agents told last.

use super::{StoreError, file};
use crate::config::AgentEndpoints;
use std::path::{Path, PathBuf};

pub struct EndpointFile(PathBuf);

impl EndpointFile {
    pub fn new(folder: &Path) -> Self {
        Self(folder.join("endpoints"))
    }

    /// Whatever is wrong is said here; the agents tell everything again anyway.
    pub fn load(&self) -> Vec<AgentEndpoints> {
        let content = match file::read(&self.0) {
            Ok(content) => content.unwrap_or_else(|| b"[]".to_vec()),
            Err(error) => {
                tracing::error!(%error, "no replica is known until an agent tells of it");
                return Vec::new();
            }
        };
        serde_json::from_slice(&content).unwrap_or_else(|_| {
            file::set_aside(&self.0);
            let error = StoreError::Damaged { path: self.0.clone() };
            tracing::error!(%error, "it was set aside as .corrupt; no replica is known until an agent tells of it");
            Vec::new()
        })
    }

    pub fn keep(&self, told: &[AgentEndpoints]) -> Result<(), StoreError> {
        let text = serde_json::to_vec(told).map_err(|source| StoreError::Encode { path: self.0.clone(), source })?;
        file::replace(&self.0, &text)
    }
}
