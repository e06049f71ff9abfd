//! PKCS#12 (`.p12`, `.pfx`): certificates and key in one binary file, under a password.

use super::key::Key;
use super::{Found, MAX_CERTIFICATES, chain};
use domain::certificate::{CertificateDefect, CertificateDefects};
use domain::secret::Secret;
use p12_keystore::Pkcs12Archive;
use p12_keystore::error::Error;

/// A sequence that starts with a number, its version; certificates and keys in DER start otherwise or are no file that
/// anybody calls a certificate.
pub(super) fn is_it(bytes: &[u8]) -> bool {
    match bytes {
        [0x30, length, rest @ ..] => {
            let more = if *length < 0x80 { 0 } else { usize::from(length & 0x7f) };
            // Of no definite length, as some exporters have it, is a sequence, too.
            matches!(rest.get(more..), Some([0x02, 0x01, 0x03, ..]))
        }
        _ => false,
    }
}

/// The bags of such a file have no order that means anything, and nobody could change it: certificates are put in the
/// order of the chain, those that are not in it are left out.
pub(super) fn open(bytes: &[u8], password: &Secret) -> Result<Found, CertificateDefects> {
    let archive = Pkcs12Archive::from_pkcs12(bytes, password.reveal()).map_err(defect)?;
    let count = archive.certs.len();
    if count > MAX_CERTIFICATES {
        return Err(CertificateDefect::TooManyCertificates { max: MAX_CERTIFICATES, count }.into());
    }
    let mut found = Found::default();
    for bag in &archive.keys {
        match Key::new("PRIVATE KEY", bag.key.as_der().to_vec()) {
            Some(key) if found.keys.iter().any(|other| other.is_same(&key)) => {}
            Some(key) => found.keys.push(key),
            None => found.defects.push(CertificateDefect::KeyUnreadable),
        }
    }
    if found.keys.is_empty() && found.defects.is_empty() {
        found.defects.push(CertificateDefect::NoKey);
    }
    let certificates: Vec<Vec<u8>> = archive.certs.iter().map(|bag| bag.cert.as_der().to_vec()).collect();
    found.certificates = chain::sorted(certificates, found.keys.first().and_then(Key::public));
    if found.certificates.is_empty() {
        found.defects.push(CertificateDefect::NoCertificate);
    }
    Ok(found)
}

/// A wrong password shows in the checksum, or as nonsense where a file has none.
fn defect(error: Error) -> CertificateDefect {
    match error {
        Error::MacError(_) | Error::UnpadError | Error::Pkcs5Error(_) => CertificateDefect::Password,
        _ => CertificateDefect::Pkcs12,
    }
}
