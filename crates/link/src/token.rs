//! What an operator carries from the console to another host, once.

use crate::{Fingerprint, LinkError};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::secret::{Digest256, Secret};
use std::str::FromStr;

const PREFIX: &str = "igj-";
/// Of the rest, so that a token that was typed wrong is not mistaken for one of another console.
const CHECK: usize = 4;
const FINGERPRINT: usize = 32;
/// Characters; also bounds what is decoded.
const LONGEST_SECRET: usize = 128;
const LONGEST: usize = 512;

/// Lets one host join the console whose authority it names. Shown only by [`JoinToken::reveal`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinToken {
    secret: Secret,
    authority: Fingerprint,
}

impl JoinToken {
    /// `secret`: 256 random bits as text, at most 128 characters.
    pub fn new(secret: &Secret, authority: Fingerprint) -> Self {
        Self { secret: secret.clone(), authority }
    }

    /// What the console recognises it by.
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Of the certificate that the console proves itself with.
    pub fn authority(&self) -> Fingerprint {
        self.authority
    }

    /// `igj-` and base64url: one word in any shell.
    pub fn reveal(&self) -> String {
        let body = [self.authority.0.as_slice(), self.secret.reveal().as_bytes()].concat();
        let check = Digest256::of(&body).0;
        let whole: Vec<u8> = check.iter().take(CHECK).chain(&body).copied().collect();
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(whole))
    }
}

impl FromStr for JoinToken {
    type Err = LinkError;

    fn from_str(text: &str) -> Result<Self, LinkError> {
        let encoded = text.trim().strip_prefix(PREFIX).ok_or(LinkError::NotAToken)?;
        if encoded.len() > LONGEST {
            return Err(LinkError::DamagedToken);
        }
        let whole = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| LinkError::DamagedToken)?;
        let (check, body) = whole.split_at_checked(CHECK).ok_or(LinkError::DamagedToken)?;
        let (authority, secret) = body.split_first_chunk::<FINGERPRINT>().ok_or(LinkError::DamagedToken)?;
        let secret = std::str::from_utf8(secret).map_err(|_| LinkError::DamagedToken)?;
        let fits = !secret.is_empty() && secret.len() <= LONGEST_SECRET && Digest256::of(body).0.starts_with(check);
        if !fits {
            return Err(LinkError::DamagedToken);
        }
        Ok(Self { secret: Secret::new(secret), authority: Digest256(*authority) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> JoinToken {
        JoinToken::new(&Secret::new("c2VjcmV0-_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c"), Digest256::of(b"authority"))
    }

    #[test]
    fn it_is_read_as_it_was_shown() {
        let text = token().reveal();
        assert!(text.starts_with("igj-") && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
        assert_eq!(text.parse::<JoinToken>().expect("reads"), token());
        assert_eq!(format!(" {text}\n").parse::<JoinToken>().expect("pasted with blanks"), token());
        let debug = format!("{:?}", token());
        assert!(!debug.contains("c2Vjcm") && !debug.contains(&text), "{debug}");
    }

    #[test]
    fn what_is_garbled_is_said_to_be() {
        let text = token().reveal();
        for at in 4..text.len() {
            let mut other = text.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).expect("ASCII");
            let refused = other.parse::<JoinToken>().expect_err(&other);
            assert!(matches!(refused, LinkError::DamagedToken), "{refused}");
            assert!(matches!(text[..at].parse::<JoinToken>(), Err(LinkError::DamagedToken)), "cut at {at}");
        }
        let long = format!("igj-{}", "A".repeat(1 << 20));
        for bad in ["", "igj", "IGJ-AAAA", "eas-1234", "é", &text[1..]] {
            assert!(matches!(bad.parse::<JoinToken>(), Err(LinkError::NotAToken)), "{bad}");
        }
        for bad in ["igj-", "igj-é", "igj-AAAA", "igj-====", &long, &format!("{text}{text}")] {
            let refused = bad.parse::<JoinToken>().expect_err("damaged");
            assert!(matches!(refused, LinkError::DamagedToken) && refused.to_string().contains("Hosts page"));
        }
    }
}
