//! Randomness from the operating system.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::id::RANDOM_LEN;
use domain::secret::Secret;

/// # Panics
/// Where the operating system has no randomness; nothing secure can be done then.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[allow(clippy::expect_used)]
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}

/// For the `from_random` of any id.
pub fn id() -> [u8; RANDOM_LEN] {
    bytes()
}

/// 256 bits as 43 characters that need no escaping anywhere.
pub fn token() -> Secret {
    Secret::new(URL_SAFE_NO_PAD.encode(bytes::<32>()))
}
