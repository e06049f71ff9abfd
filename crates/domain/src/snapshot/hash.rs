//! A hash over a set of resources that can be kept up to date with every change.
//!
//! The sum (modulo 2^64, four lanes) of the SHA-256 of each resource: order does not matter, and adding or removing
//! one costs one digest. It finds mistakes between peers that trust each other; it does not resist forgery.

use super::resource::Resource;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SnapshotHash([u64; 4]);

impl SnapshotHash {
    pub(super) fn add(&mut self, resource: &Resource) {
        for (lane, part) in self.0.iter_mut().zip(lanes(resource)) {
            *lane = lane.wrapping_add(part);
        }
    }

    pub(super) fn remove(&mut self, resource: &Resource) {
        for (lane, part) in self.0.iter_mut().zip(lanes(resource)) {
            *lane = lane.wrapping_sub(part);
        }
    }

    pub fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (chunk, lane) in bytes.chunks_exact_mut(8).zip(self.0) {
            chunk.copy_from_slice(&lane.to_be_bytes());
        }
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; 32] = bytes.try_into().ok()?;
        let mut lanes = [0; 4];
        for (lane, chunk) in lanes.iter_mut().zip(bytes.chunks_exact(8)) {
            *lane = u64::from_be_bytes(chunk.try_into().ok()?);
        }
        Some(Self(lanes))
    }
}

impl std::fmt::Display for SnapshotHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|lane| write!(f, "{lane:016x}"))
    }
}

fn lanes(resource: &Resource) -> [u64; 4] {
    // Field order is the declaration's and there are no hash maps in a resource, so the text is canonical.
    let text = serde_json::to_vec(resource).unwrap_or_default();
    let digest: [u8; 32] = Sha256::digest(text).into();
    let mut lanes = [0; 4];
    for (lane, chunk) in lanes.iter_mut().zip(digest.chunks_exact(8)) {
        *lane = chunk.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    }
    lanes
}
