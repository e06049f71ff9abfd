//! Judging what was found: everything at once, as far as one thing does not hide another.

use super::chain::break_of;
use super::key::Key;
use super::single::Single;
use super::{Found, facts, pem_text};
use crate::Certificate;
use chrono::{DateTime, Utc};
use domain::certificate::{CertificateDefect, CertificateDefects};
use rustls::pki_types::CertificateDer;
use rustls::{InconsistentKeys, sign::CertifiedKey};

pub(super) fn examine(found: Found, now: DateTime<Utc>) -> Result<Certificate, CertificateDefects> {
    let Found { certificates, keys, mut defects } = found;
    let mut parsed: Vec<Single<'_>> = Vec::new();
    for (at, der) in certificates.iter().enumerate() {
        let position = at + 1;
        match Single::parse(position, der) {
            None => defects.push(CertificateDefect::CertificateUnreadable { position }),
            Some(single) if parsed.iter().any(|other| other.der == single.der) => {
                defects.push(CertificateDefect::Duplicate { position });
            }
            Some(single) => parsed.push(single),
        }
    }
    if keys.len() > 1 {
        defects.push(CertificateDefect::SeveralKeys { count: keys.len() });
    }
    let key = match keys.as_slice() {
        [key] => Some(key),
        _ => None,
    };
    defects.extend(order(&parsed, key));
    if let (Some(key), [leaf, ..]) = (key, parsed.as_slice()) {
        defects.extend(pair(key, leaf, &parsed));
    }
    for (at, single) in parsed.iter().enumerate() {
        defects.extend(single.defects(now, at == 0));
    }
    let (Some(leaf), Some(last)) = (parsed.first(), parsed.last()) else {
        return Err(CertificateDefects(or_at_least(defects, CertificateDefect::NoCertificate)));
    };
    let facts = facts::facts(leaf, last);
    // What a leaf must be says nothing about an authority's certificate that was put first by mistake.
    if !defects.iter().any(|defect| matches!(defect, CertificateDefect::LeafNotFirst { .. })) {
        defects.extend(leaf.leaf_defects(facts.names.len() + facts.addresses.len()));
    }
    once(&mut defects);
    match key {
        Some(key) if defects.is_empty() => {
            loads(&certificates, key)?;
            let chain_pem = certificates.iter().map(|der| pem_text::encode("CERTIFICATE", der)).collect();
            Ok(Certificate { chain_pem, key: key.pem(), facts })
        }
        _ => Err(CertificateDefects(or_at_least(defects, CertificateDefect::NoKey))),
    }
}

fn or_at_least(defects: Vec<CertificateDefect>, least: CertificateDefect) -> Vec<CertificateDefect> {
    if defects.is_empty() { vec![least] } else { defects }
}

fn once(defects: &mut Vec<CertificateDefect>) {
    let mut seen: Vec<CertificateDefect> = Vec::new();
    defects.retain(|defect| {
        let new = !seen.contains(defect);
        if new {
            seen.push(defect.clone());
        }
        new
    });
}

/// The leaf first, or else it is that which has to be said; then the links.
fn order(parsed: &[Single<'_>], key: Option<&Key>) -> Option<CertificateDefect> {
    let first = parsed.first()?;
    let of_key = key.and_then(Key::public).and_then(|public| parsed.iter().find(|each| each.has_key(public)));
    let leaf = of_key.or_else(|| parsed.iter().find(|each| !each.is_authority()))?;
    if leaf.position != first.position && !leaf.is_authority() {
        return Some(CertificateDefect::LeafNotFirst { position: leaf.position, subject: leaf.subject() });
    }
    break_of(parsed)
}

fn pair(key: &Key, leaf: &Single<'_>, parsed: &[Single<'_>]) -> Option<CertificateDefect> {
    match key.public() {
        Some(public) => {
            // One of a server that is not first was named already.
            let fits = leaf.has_key(public) || parsed.iter().any(|each| each.has_key(public) && !each.is_authority());
            (!fits).then_some(CertificateDefect::KeyMismatch)
        }
        // Said of the certificate already.
        None if leaf.public.is_weak() || !leaf.public.is_served() => None,
        None => Some(match key.kind() {
            Some(kind) => CertificateDefect::KeyUnsupported { kind },
            None => CertificateDefect::KeyUnreadable,
        }),
    }
}

/// What the engine will do with it.
fn loads(certificates: &[Vec<u8>], key: &Key) -> Result<(), CertificateDefect> {
    let chain = certificates.iter().map(|der| CertificateDer::from(der.clone())).collect();
    let provider = rustls::crypto::ring::default_provider();
    match CertifiedKey::from_der(chain, key.der().clone_key(), &provider) {
        Ok(_) => Ok(()),
        Err(rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => Err(CertificateDefect::KeyMismatch),
        Err(_) => Err(CertificateDefect::CertificateUnreadable { position: 1 }),
    }
}
