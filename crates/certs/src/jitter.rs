//! Chance that can be repeated: so that a thousand certificates issued together are not renewed together.

use sha2::{Digest, Sha256};
use std::time::Duration;

/// Evenly spread from nothing to `most`, always the same for the same `seed` and `turn`.
pub(crate) fn jitter(seed: u64, turn: u32, most: Duration) -> Duration {
    let digest = Sha256::new().chain_update(seed.to_be_bytes()).chain_update(turn.to_be_bytes()).finalize();
    let chance = digest.iter().take(4).fold(0, |number: u128, byte| (number << 8) | u128::from(*byte));
    let millis = (chance * most.as_millis()) >> 32;
    Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
}
