//! Secrets at rest: AES-256-GCM with the installation's key.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use domain::secret::Secret;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error("the key file {} cannot be read or made ({source}); check the folder's permissions", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("the key file {} does not hold 32 bytes; restore it from a backup: without it no stored token can be read", path.display())]
    Length { path: PathBuf },
    #[error("the key file {} can be read by others; run chmod 600 on it", path.display())]
    Open { path: PathBuf },
}

/// 256 bits from a file that only the product's user reads. What is used is derived from it, one key a purpose.
#[derive(Clone)]
pub struct InstallationKey([u8; 32]);

impl InstallationKey {
    /// Makes the file where there is none.
    pub fn load(path: &Path) -> Result<Self, SealError> {
        let failed = |source| SealError::File { path: path.into(), source };
        if !path.exists() {
            make(path).map_err(failed)?;
        }
        let mode = std::fs::metadata(path).map_err(failed)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(SealError::Open { path: path.into() });
        }
        let bytes = std::fs::read(path).map_err(failed)?;
        bytes.try_into().map(Self).map_err(|_| SealError::Length { path: path.into() })
    }

    /// A key for one purpose; knowing it tells nothing about the others.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        struct Length;
        impl KeyType for Length {
            fn len(&self) -> usize {
                32
            }
        }
        let mut derived = [0; 32];
        let info = [purpose.as_bytes()];
        let key = Salt::new(HKDF_SHA256, b"inference-gateway").extract(&self.0);
        if let Ok(okm) = key.expand(&info, Length) {
            // Cannot fail: the length asked for is the length given.
            let _ = okm.fill(&mut derived);
        }
        derived
    }

    fn aead(&self) -> Option<LessSafeKey> {
        UnboundKey::new(&AES_256_GCM, &self.derive("tokens")).ok().map(LessSafeKey::new)
    }

    /// `context` (an id) must be the same to open it: sealed texts cannot be swapped between rows.
    pub fn seal(&self, secret: &Secret, context: &str) -> Option<String> {
        let nonce: [u8; NONCE_LEN] = identity::entropy::bytes();
        let mut text = secret.reveal().as_bytes().to_vec();
        self.aead()?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut text)
            .ok()?;
        Some(STANDARD_NO_PAD.encode([nonce.as_slice(), &text].concat()))
    }

    pub fn open(&self, sealed: &str, context: &str) -> Option<Secret> {
        let mut bytes = STANDARD_NO_PAD.decode(sealed).ok()?;
        if bytes.len() < NONCE_LEN {
            return None;
        }
        let (nonce, text) = bytes.split_at_mut(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let text = self.aead()?.open_in_place(nonce, Aad::from(context), text).ok()?;
        String::from_utf8(text.to_vec()).ok().map(Secret::new)
    }
}

/// Appears whole or not at all, and never replaces one: engine and console may be started at the same moment.
fn make(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let temporary = path.with_extension(format!("new-{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
    file.write_all(&identity::entropy::bytes::<32>())?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&temporary, path);
    std::fs::remove_file(&temporary)?;
    match linked {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        // The name, too, must survive a power cut: what is sealed with a lost key is lost.
        other => other.and_then(|()| File::open(folder)?.sync_all()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_for_one_row_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let key = InstallationKey::load(&folder.path().join("key")).expect("makes it");
        let sealed = key.seal(&Secret::new("token"), "tok-1").expect("seals");
        assert!(!sealed.contains("token"));
        let again = InstallationKey::load(&folder.path().join("key")).expect("reads it");
        assert_eq!(again.open(&sealed, "tok-1"), Some(Secret::new("token")));
        assert_eq!(again.open(&sealed, "tok-2"), None);
        assert_eq!(again.open("nonsense!", "tok-1"), None);
        assert_ne!(key.derive("tokens"), key.derive("engine"));
    }

    #[test]
    fn a_key_that_others_read_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        InstallationKey::load(&path).expect("makes it");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("changes");
        assert!(matches!(InstallationKey::load(&path), Err(SealError::Open { .. })));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("changes");
        std::fs::write(&path, b"short").expect("writes");
        assert!(matches!(InstallationKey::load(&path), Err(SealError::Length { .. })));
    }
}
