//! Text that must not reach a log, and what it is recognised by. Both can be compared in one way only, whose time does
//! not tell how far a guess was right.

use sha2::{Digest, Sha256};
use std::hash::{Hash, Hasher};
use subtle::ConstantTimeEq;

/// Looks at all of both, wherever the first difference is. Only different lengths are told apart at once.
fn alike<T: ConstantTimeEq>(one: &[T], other: &[T]) -> bool {
    one.ct_eq(other).into()
}

/// Shows as `***` wherever it is printed by mistake. It travels and is kept only where all around it is a secret too:
/// over the link, and in the engine's encrypted copy.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        alike(self.0.as_bytes(), other.0.as_bytes())
    }
}

impl Eq for Secret {}

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What may be stored to find or recognise it. Only for secrets with full entropy, never for passwords.
    pub fn digest(&self) -> Digest256 {
        Digest256::of(self.0.as_bytes())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// A SHA-256 digest, hexadecimal in text. Its order is for lists that are sorted, not for finding a secret.
#[derive(Clone, Copy, Eq, PartialOrd, Ord)]
pub struct Digest256(pub [u8; 32]);

impl PartialEq for Digest256 {
    fn eq(&self, other: &Self) -> bool {
        alike(&self.0, &other.0)
    }
}

// Agrees with `==`, which compares the same bytes.
impl Hash for Digest256 {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl Digest256 {
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl std::fmt::Display for Digest256 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for Digest256 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for Digest256 {
    type Err = BadDigest;
    fn from_str(text: &str) -> Result<Self, BadDigest> {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return Err(BadDigest);
        }
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).map_err(|_| BadDigest)?;
        }
        Ok(Self(bytes))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not 64 hexadecimal digits")]
pub struct BadDigest;

impl serde::Serialize for Digest256 {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Digest256 {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <std::borrow::Cow<'de, str>>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use subtle::Choice;

    /// A byte that counts how often bytes are looked at.
    struct Counted<'c>(u8, &'c Cell<usize>);

    impl ConstantTimeEq for Counted<'_> {
        fn ct_eq(&self, other: &Self) -> Choice {
            self.1.set(self.1.get() + 1);
            self.0.ct_eq(&other.0)
        }
    }

    /// A guess that is right up to its last byte costs what one costs that is wrong from the first on. It is counted and
    /// not timed: times on a busy machine tell nothing.
    #[test]
    fn as_much_is_looked_at_wherever_the_difference_is() {
        let secret: [u8; 32] = std::array::from_fn(|at| at as u8);
        for wrong_at in (0..32).map(Some).chain([None]) {
            let mut guess = secret;
            if let Some(at) = wrong_at {
                guess[at] ^= 0x80;
            }
            let looks = Cell::new(0);
            let counted = |bytes: [u8; 32]| bytes.map(|byte| Counted(byte, &looks));
            assert_eq!(alike(&counted(secret), &counted(guess)), wrong_at.is_none());
            assert_eq!(looks.get(), 32, "wrong at {wrong_at:?}");
            // What tokens are compared with says the same.
            assert_eq!(Digest256(secret) == Digest256(guess), wrong_at.is_none());
            let text = |bytes: [u8; 32]| Secret::new(bytes.map(char::from).iter().collect::<String>());
            assert_eq!(text(secret) == text(guess), wrong_at.is_none());
        }
        assert!(Secret::new("a") != Secret::new("aa") && Secret::new("") == Secret::new(""));
    }

    #[test]
    fn a_secret_does_not_print() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "***");
    }

    #[test]
    fn digests_round_trip() {
        let digest = Secret::new("x").digest();
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert!("zz".parse::<Digest256>().is_err() && "é".repeat(32).parse::<Digest256>().is_err());
    }
}
