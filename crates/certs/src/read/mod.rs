//! What an operator uploads: PEM (certificates and key together or apart) or PKCS#12.

mod chain;
mod examine;
mod facts;
mod key;
mod pem_text;
mod pkcs12;
mod single;

use crate::Certificate;
use chrono::{DateTime, Utc};
use domain::certificate::{CertificateDefect, CertificateDefects, MAX_UPLOAD};
use domain::secret::Secret;

/// Of certificate and key together.
pub const MAX_BYTES: usize = MAX_UPLOAD;
pub const MAX_CERTIFICATES: usize = 10;

/// Bytes as they came from a form.
#[derive(Clone)]
pub struct Upload {
    /// PEM, perhaps with the key in it, or PKCS#12.
    pub certificate: Vec<u8>,
    /// PEM; empty where the key is in the other one.
    pub key: Vec<u8>,
    /// Opens PKCS#12.
    pub password: Secret,
}

impl Upload {
    /// Of files that somebody chose: one PKCS#12 file, or PEM in as many files as they like, the key's among them or
    /// in `key`.
    pub fn of_files(files: &[Vec<u8>], key: Vec<u8>, password: Secret) -> Result<Self, CertificateDefects> {
        if files.len() > 1 && files.iter().any(|file| pkcs12::is_it(file)) {
            return Err(CertificateDefect::Pkcs12Alone.into());
        }
        // A file may end without a line's end, and the next one's first line has to be one of its own.
        Ok(Self { certificate: files.join(b"\n".as_slice()), key, password })
    }

    /// Whether reading it may take long.
    pub fn is_pkcs12(&self) -> bool {
        pkcs12::is_it(&self.certificate)
    }
}

impl std::fmt::Debug for Upload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upload").field("bytes", &(self.certificate.len() + self.key.len())).finish_non_exhaustive()
    }
}

/// Finds as many defects at once as can be told apart. PEM takes milliseconds. PKCS#12 derives its keys slowly: usual
/// files take some tenths of a second of CPU, and one that was made for it minutes; keep it off the threads that serve,
/// one at a time.
pub fn read(upload: &Upload, now: DateTime<Utc>) -> Result<Certificate, CertificateDefects> {
    if upload.certificate.len() + upload.key.len() > MAX_BYTES {
        return Err(CertificateDefect::TooLarge { max: MAX_BYTES }.into());
    }
    if pkcs12::is_it(&upload.certificate) {
        return examine::examine(pkcs12::open(&upload.certificate, &upload.password)?, now);
    }
    read_pem(&upload.certificate, &upload.key, now)
}

/// Of whatever length; the caller has bounded it.
pub(crate) fn read_pem(certificate: &[u8], key: &[u8], now: DateTime<Utc>) -> Result<Certificate, CertificateDefects> {
    examine::examine(pem_text::split(certificate, key)?, now)
}

/// What was in the file, before anybody judged it.
#[derive(Default)]
struct Found {
    /// DER, in the file's order.
    certificates: Vec<Vec<u8>>,
    /// Different ones only.
    keys: Vec<key::Key>,
    defects: Vec<CertificateDefect>,
}
