//! PEM: blocks between BEGIN and END lines, with whatever people and programs write between them.

use super::key::{Key, is_sequence};
use super::{Found, MAX_CERTIFICATES};
use domain::certificate::{CertificateDefect, CertificateDefects};
use pem::{EncodeConfig, LineEnding, Pem};

const BEGIN: &[u8] = b"-----BEGIN ";

/// Certificates are taken from the first text, or from the second where the first has none (people mix up fields);
/// keys from both.
pub(super) fn split(certificate: &[u8], key: &[u8]) -> Result<Found, CertificateDefects> {
    let mut found = Found::default();
    let chain = blocks(certificate, &mut found.defects);
    let more = blocks(key, &mut found.defects);
    let is_request = chain.iter().chain(&more).any(|block| block.tag().ends_with("CERTIFICATE REQUEST"));
    found.certificates = certificates(&chain);
    if found.certificates.is_empty() {
        found.certificates = certificates(&more);
    }
    let mut key_blocks = 0;
    for block in chain.into_iter().chain(more).filter(|block| block.tag().ends_with("PRIVATE KEY")) {
        key_blocks += 1;
        take_key(&block, &mut found);
    }
    if found.certificates.is_empty() && found.defects.is_empty() {
        found.defects.push(match certificate {
            _ if is_request => CertificateDefect::IsRequest,
            _ if is_sequence(certificate) => CertificateDefect::Binary,
            text if text.trim_ascii().is_empty() || has_block(text) => CertificateDefect::NoCertificate,
            _ => CertificateDefect::Garbage,
        });
    }
    if key_blocks == 0 && !found.defects.contains(&CertificateDefect::Garbage) {
        found.defects.push(match key {
            key if is_sequence(key) => CertificateDefect::Binary,
            key if key.trim_ascii().is_empty() || has_block(key) => CertificateDefect::NoKey,
            _ => CertificateDefect::KeyUnreadable,
        });
        found.defects.dedup();
    }
    let count = found.certificates.len();
    if count > MAX_CERTIFICATES {
        return Err(CertificateDefect::TooManyCertificates { max: MAX_CERTIFICATES, count }.into());
    }
    Ok(found)
}

fn take_key(block: &Pem, found: &mut Found) {
    let encrypted = block.tag() == "ENCRYPTED PRIVATE KEY"
        || block.headers().get("Proc-Type").is_some_and(|value| value.contains("ENCRYPTED"));
    if encrypted {
        found.defects.push(CertificateDefect::KeyEncrypted);
        return;
    }
    match Key::new(block.tag(), block.contents().to_vec()) {
        Some(key) if found.keys.iter().any(|other| other.is_same(&key)) => {}
        Some(key) => found.keys.push(key),
        None => found.defects.push(CertificateDefect::KeyUnreadable),
    }
}

fn certificates(blocks: &[Pem]) -> Vec<Vec<u8>> {
    let is_certificate = |block: &&Pem| matches!(block.tag(), "CERTIFICATE" | "X509 CERTIFICATE");
    blocks.iter().filter(is_certificate).map(|block| block.contents().to_vec()).collect()
}

/// One at a time, so that a damaged one can be named and does not hide the others.
fn blocks(text: &[u8], defects: &mut Vec<CertificateDefect>) -> Vec<Pem> {
    let starts: Vec<usize> =
        text.windows(BEGIN.len()).enumerate().filter(|(_, w)| *w == BEGIN).map(|(at, _)| at).collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let mut blocks = Vec::new();
    for (position, (start, end)) in starts.iter().zip(ends).enumerate() {
        match pem::parse(text.get(*start..end).unwrap_or_default()) {
            Ok(block) => blocks.push(block),
            Err(_) => defects.push(CertificateDefect::BrokenPem { position: position + 1 }),
        }
    }
    blocks
}

fn has_block(text: &[u8]) -> bool {
    text.windows(BEGIN.len()).any(|window| window == BEGIN)
}

pub(super) fn encode(tag: &str, der: &[u8]) -> String {
    pem::encode_config(&Pem::new(tag, der), EncodeConfig::new().set_line_ending(LineEnding::LF))
}
