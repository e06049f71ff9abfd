//! What somebody typed or chose for a certificate, read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use certs::Upload;
use chrono::{DateTime, Utc};
use domain::certificate::CertificateDefect;
use domain::error::{FieldErrors, Invalid};
use domain::secret::Secret;
use std::time::Duration;
use tokio::sync::Semaphore;

/// PKCS#12 derives its keys slowly, and a file may have been made to be slow: never more than one core is busy with it.
static SLOW: Semaphore = Semaphore::const_new(1);
/// Somebody waits for the page.
const PATIENCE: Duration = Duration::from_secs(20);

/// What somebody typed.
#[derive(Clone, Debug)]
pub struct CertificateDraft {
    pub name: String,
    /// PEM, perhaps with the key in it. Not looked at where there are files.
    pub chain: String,
    /// PEM.
    pub key: Secret,
    /// Each in base64: one of PKCS#12, or several of PEM.
    pub files: Vec<Secret>,
    /// Of PKCS#12.
    pub password: Secret,
}

impl CertificateDraft {
    /// Off the threads that serve: reading may take a while.
    pub(super) async fn read(self, now: DateTime<Utc>) -> Result<certs::Certificate, FieldErrors> {
        let (from_files, with_key) = (!self.files.is_empty(), !self.key.reveal().trim().is_empty());
        let errors = |defects: Vec<CertificateDefect>| {
            let mut errors = FieldErrors::default();
            for defect in defects {
                errors.push(field(&defect, from_files, with_key), Invalid::Certificate { defect });
            }
            errors
        };
        let upload = self.upload().map_err(errors)?;
        let turn = match upload.is_pkcs12() {
            true => match tokio::time::timeout(PATIENCE, SLOW.acquire()).await {
                Ok(Ok(turn)) => Some(turn),
                _ => return Err(errors(vec![CertificateDefect::Busy])),
            },
            false => None,
        };
        let work = move || {
            let read = certs::read(&upload, now);
            // The turn ends with the work, not with who waits for it.
            drop(turn);
            read
        };
        let read = tokio::task::spawn_blocking(work).await;
        match read {
            Ok(Ok(read)) => Ok(read),
            Ok(Err(defects)) => Err(errors(defects.0)),
            Err(_) => Err(errors(vec![CertificateDefect::Garbage])),
        }
    }

    fn upload(self) -> Result<Upload, Vec<CertificateDefect>> {
        let key = self.key.reveal().as_bytes().to_vec();
        if self.files.is_empty() {
            return Ok(Upload { certificate: self.chain.into_bytes(), key, password: self.password });
        }
        let decoded = self.files.iter().map(|file| STANDARD.decode(file.reveal().trim()));
        let files: Vec<Vec<u8>> = decoded.collect::<Result<_, _>>().map_err(|_| vec![CertificateDefect::Garbage])?;
        Upload::of_files(&files, key, self.password).map_err(|defects| defects.0)
    }
}

/// Where the defect is to be mended.
fn field(defect: &CertificateDefect, from_files: bool, with_key: bool) -> &'static str {
    use CertificateDefect as D;
    match defect {
        D::Password => "password",
        D::NoKey
        | D::SeveralKeys { .. }
        | D::KeyUnreadable
        | D::KeyEncrypted
        | D::KeyUnsupported { .. }
        | D::KeyMismatch
            if with_key || !from_files =>
        {
            "key"
        }
        _ if from_files => "files",
        _ => "chain",
    }
}
