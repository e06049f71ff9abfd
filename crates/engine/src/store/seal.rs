//! AES-256-GCM. The additional data binds a piece to its place: a base is no log record, and records neither change
//! their order nor move to another base.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::error::Unspecified;
use ring::rand::{SecureRandom, SystemRandom};

pub const NONCE: usize = NONCE_LEN;

pub struct Seal {
    key: LessSafeKey,
    random: SystemRandom,
}

impl Seal {
    pub fn new(key: &[u8; 32]) -> Result<Self, Unspecified> {
        Ok(Self { key: LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key)?), random: SystemRandom::new() })
    }

    /// Nonce, then ciphertext, then tag.
    pub fn seal(&self, place: &[u8], mut content: Vec<u8>) -> Result<Vec<u8>, Unspecified> {
        // Random nonces of 96 bits are safe for 2^32 pieces under a key: one a second for a century.
        let mut nonce = [0; NONCE];
        self.random.fill(&mut nonce)?;
        self.key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place), &mut content)?;
        let mut sealed = Vec::with_capacity(NONCE + content.len());
        sealed.extend_from_slice(&nonce);
        sealed.append(&mut content);
        Ok(sealed)
    }

    pub fn open(&self, place: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let (nonce, rest) = sealed.split_at_checked(NONCE).ok_or(Unspecified)?;
        let mut content = rest.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(nonce)?;
        let len = self.key.open_in_place(nonce, Aad::from(place), &mut content)?.len();
        content.truncate(len);
        Ok(content)
    }
}
