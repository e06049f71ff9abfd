//! What a certificate says of itself, as data.

use super::single::Single;
use domain::certificate::{CertificateFacts, KeyKind, is_dns_name};
use domain::secret::Digest256;
use std::net::IpAddr;
use x509_parser::prelude::{GeneralName, SubjectPublicKeyInfo};
use x509_parser::public_key::PublicKey;

/// A public key's kind and size.
#[derive(Clone, Copy)]
pub(super) struct Public {
    pub kind: KeyKind,
    pub bits: u16,
}

impl Public {
    pub fn is_weak(self) -> bool {
        match self.kind {
            KeyKind::Rsa => self.bits < 2048,
            KeyKind::Ecdsa => self.bits < 256,
            KeyKind::Ed25519 | KeyKind::Other => false,
        }
    }

    /// Whether the engine can sign with such a key.
    pub fn is_served(self) -> bool {
        match self.kind {
            KeyKind::Rsa => (2048..=4096).contains(&self.bits),
            KeyKind::Ecdsa => matches!(self.bits, 256 | 384),
            KeyKind::Ed25519 => true,
            KeyKind::Other => false,
        }
    }
}

pub(super) fn public(info: &SubjectPublicKeyInfo<'_>) -> Public {
    let bits = |bits: usize| u16::try_from(bits).unwrap_or(u16::MAX);
    let curve = || info.algorithm.parameters.as_ref()?.as_oid().ok().map(|oid| oid.to_id_string());
    let parsed = || info.parsed().ok();
    match info.algorithm.algorithm.to_id_string().as_str() {
        "1.2.840.113549.1.1.1" => {
            let size = parsed().map_or(0, |key| key.key_size());
            Public { kind: KeyKind::Rsa, bits: bits(size) }
        }
        "1.2.840.10045.2.1" => match curve().as_deref() {
            Some("1.2.840.10045.3.1.7") => Public { kind: KeyKind::Ecdsa, bits: 256 },
            Some("1.3.132.0.34") => Public { kind: KeyKind::Ecdsa, bits: 384 },
            Some("1.3.132.0.35") => Public { kind: KeyKind::Ecdsa, bits: 521 },
            // P-192, P-224 and others as small; of the rest nobody here knows how strong they are.
            _ => match parsed() {
                Some(PublicKey::EC(point)) if (1..256).contains(&point.key_size()) => {
                    Public { kind: KeyKind::Ecdsa, bits: bits(point.key_size()) }
                }
                _ => Public { kind: KeyKind::Other, bits: 0 },
            },
        },
        "1.3.101.112" => Public { kind: KeyKind::Ed25519, bits: 256 },
        _ => Public { kind: KeyKind::Other, bits: 0 },
    }
}

pub(super) fn facts(leaf: &Single<'_>, last: &Single<'_>) -> CertificateFacts {
    let (names, addresses) = names(leaf);
    let ends = last.is_self_signed() || is_public_root(last.parsed.issuer().as_raw());
    CertificateFacts {
        names,
        addresses,
        subject: leaf.subject(),
        issuer: leaf.issuer(),
        not_before: leaf.not_before(),
        not_after: leaf.not_after(),
        fingerprint: Digest256::of(leaf.der),
        key: leaf.public.kind,
        key_bits: leaf.public.bits,
        self_signed: leaf.is_self_signed(),
        open_issuer: (!ends).then(|| last.issuer()),
    }
}

/// Names that no client could ask for (blanks, control characters, wildcards inside) are left out: they cover nothing.
fn names(leaf: &Single<'_>) -> (Vec<String>, Vec<IpAddr>) {
    let mut names: Vec<String> = Vec::new();
    let mut addresses = Vec::new();
    let all = leaf.parsed.subject_alternative_name().ok().flatten();
    for name in all.iter().flat_map(|all| &all.value.general_names) {
        match name {
            GeneralName::DNSName(name) if is_dns_name(name) => {
                let name = name.to_ascii_lowercase();
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            GeneralName::IPAddress(bytes) => {
                let four = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
                let address = four.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from));
                addresses.extend(address.ok().filter(|address| !addresses.contains(address)));
            }
            _ => {}
        }
    }
    (names, addresses)
}

/// By its name alone, which is enough for a hint: `raw` is the whole DER of a name, the list has it without its header.
fn is_public_root(raw: &[u8]) -> bool {
    webpki_roots::TLS_SERVER_ROOTS.iter().any(|root| {
        let header = raw.len().saturating_sub(root.subject.len());
        (2..=4).contains(&header) && raw.ends_with(&root.subject)
    })
}
