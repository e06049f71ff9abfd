//! The service's token in `Authorization`, raw or as `Bearer`.

use crate::answer::Refusal;
use crate::config::Service;
use chrono::{DateTime, Utc};
use domain::secret::Digest256;
use http::HeaderMap;
use http::header::AUTHORIZATION;

/// Takes the header out, so that it never reaches the replica. Returns the token's place in the service's list.
pub fn check(service: &Service, headers: &mut HeaderMap, now: DateTime<Utc>) -> Result<usize, Refusal> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, more) = (values.next().cloned(), values.next().is_some());
    headers.remove(AUTHORIZATION);
    let Some(value) = value.filter(|_| !more) else { return Err(Refusal::Unauthorized) };
    let mut digest = Digest256([0; 32]);
    digest.0.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, token_of(value.as_bytes())).as_ref());
    let mut found = None;
    // All are compared, whatever the first says: the time tells nothing.
    for (at, token) in service.tokens.iter().enumerate() {
        let valid = token.expires_at.is_none_or(|end| now < end);
        if token.digest.same(&digest) & valid {
            found = Some(at);
        }
    }
    found.ok_or(Refusal::Unauthorized)
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
