//! The token itself, raw or as `Bearer`.

use super::find;
use crate::answer::Refusal;
use crate::config::Service;
use chrono::{DateTime, Utc};
use domain::secret::Digest256;

/// Returns the token's place in the service's list.
pub fn check(service: &Service, value: &[u8], now: DateTime<Utc>) -> Result<usize, Refusal> {
    // Compares in constant time; and whoever guesses tokens cannot choose how their digests begin.
    let mut digest = Digest256([0; 32]);
    digest.0.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, token_of(value)).as_ref());
    find(service, now, |token| token.digest == digest).ok_or(Refusal::Unauthorized)
}

fn token_of(value: &[u8]) -> &[u8] {
    match value.split_at_checked(7) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case(b"bearer ") => token.trim_ascii(),
        _ => value.trim_ascii(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_raw_or_bearer() {
        for value in ["abc", "Bearer abc", "bearer  abc", "BEARER abc "] {
            assert_eq!(token_of(value.as_bytes()), b"abc", "{value}");
        }
        assert_eq!(token_of(b"Bearer"), b"Bearer");
        assert_eq!(token_of(b"Basic abc"), b"Basic abc");
    }
}
